"""The models of attribution: each module here has one frozen value `MODEL`; a new model is a module and its Cypher."""

from __future__ import annotations

import importlib
import pkgutil

from journeygraph.attribution.model import Model

_ORDER = ("first", "last", "last_non_direct", "linear", "position", "time_decay", "markov", "shapley", "shapley_rate")


def _place(name: str) -> tuple[int, str]:
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)


MODELS: tuple[Model, ...] = tuple(
    importlib.import_module(f"{__name__}.{module.name}").MODEL
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: _place(module.name))
)

__all__ = ["MODELS"]
