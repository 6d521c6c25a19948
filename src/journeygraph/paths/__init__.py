"""Paths: transitions and the step graph, views from and to a step."""

from journeygraph.paths.transitions import step_graph, transitions
from journeygraph.paths.view import path_view, stops

__all__ = ["path_view", "step_graph", "stops", "transitions"]
