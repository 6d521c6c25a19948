"""The data that a model scores: the journeys of the graph, with what they were about."""

from __future__ import annotations

from datetime import datetime

from journeygraph.graph import Graph
from journeygraph.intent.features import traits
from journeygraph.intent.features.timeline import Timeline
from journeygraph.intent.models.model import IntentModel
from journeygraph.journeys.table import read_table


def read_timeline(graph: Graph, model: IntentModel, as_of: datetime | None = None) -> Timeline:
    """All journeys, with what they were about where the model knows of it."""
    table = read_table(graph, as_of=as_of)
    about = traits.read(graph, table, as_of) if model.vocabulary.neighbours else None
    return Timeline.from_table(table, model.rules, about)
