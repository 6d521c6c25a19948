"""The last run of `identity resolve` in a graph: when it was and what it learnt, so that the next can go on there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from journeygraph.graph import Graph
from journeygraph.identity.linkage.comparison import Aspect
from journeygraph.identity.linkage.model import Model
from journeygraph.identity.linkage.records import Flags


@dataclass(frozen=True)
class Run:
    """A run that looked at all that was stored by `at`."""

    at: datetime
    model: Model


def last(graph: Graph, aspects: Sequence[Aspect]) -> Run | None:
    """The last run, where it knew the same properties and learnt something."""
    found = graph.read("identity/last_run")
    if not found or found[0]["model"] is None:
        return None
    model = Model.read(json.loads(found[0]["model"]), aspects)
    return None if model is None else Run(found[0]["at"], model)


def keep(graph: Graph, run: str, at: datetime, model: Model | None) -> None:
    """Write down that a run looked at all that was stored by an instant."""
    graph.write("identity/keep_run", run=run, at=at, model=None if model is None else json.dumps(model.kept()))


def new_since(graph: Graph, at: datetime, names: Sequence[str]) -> Flags:
    """Which customers have touchpoints that were stored since an instant."""
    since = {row["customer_id"] for row in graph.read("identity/new_since", at=at)}
    return np.fromiter((name in since for name in names), np.bool_, len(names))
