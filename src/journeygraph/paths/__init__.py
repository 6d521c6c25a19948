"""Paths: transitions and the step graph, views from and to a step, funnels."""

from journeygraph.paths.funnel import funnel
from journeygraph.paths.transitions import step_graph, transitions
from journeygraph.paths.view import path_view, stops

__all__ = ["funnel", "path_view", "step_graph", "stops", "transitions"]
