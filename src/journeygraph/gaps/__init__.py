"""Gaps and redundancies of journeys: what happened against what could be expected, with its evidence."""

from journeygraph.gaps.answers import Finding, GapReport
from journeygraph.gaps.finding import MINIMUM_JOURNEYS, find
from journeygraph.gaps.kinds import KINDS
from journeygraph.gaps.stored import analyse, get, store

__all__ = ["KINDS", "MINIMUM_JOURNEYS", "Finding", "GapReport", "analyse", "find", "get", "store"]
