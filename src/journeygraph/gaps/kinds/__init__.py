"""The kinds of findings: each module here has one frozen value `KIND`; a new kind is a module and its Cypher."""

from __future__ import annotations

import importlib
import pkgutil

from journeygraph.gaps.kind import Kind

KINDS: tuple[Kind, ...] = tuple(
    importlib.import_module(f"{__name__}.{module.name}").KIND
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name)
)

__all__ = ["KINDS"]
