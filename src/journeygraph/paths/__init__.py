"""Paths: what comes after what, views from and to a step, variants, waits, differences, ways to a goal."""

from journeygraph.paths.compare import compare
from journeygraph.paths.matrix import step_matrix
from journeygraph.paths.routes import routes_to
from journeygraph.paths.structure import step_structure
from journeygraph.paths.transition_matrix import transition_matrix
from journeygraph.paths.transitions import step_graph, transitions
from journeygraph.paths.variants import variants
from journeygraph.paths.view import path_view, stops
from journeygraph.paths.waits import waits

__all__ = [
    "compare",
    "path_view",
    "routes_to",
    "step_graph",
    "step_matrix",
    "step_structure",
    "stops",
    "transition_matrix",
    "transitions",
    "variants",
    "waits",
]
