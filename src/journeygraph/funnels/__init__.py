"""Funnels: how far paths come along some steps, by group, and what those who stopped did instead."""

from journeygraph.funnels.dropped import dropped
from journeygraph.funnels.funnel import funnel

__all__ = ["dropped", "funnel"]
