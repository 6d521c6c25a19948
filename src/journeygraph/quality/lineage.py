"""Where one touchpoint came from."""

from __future__ import annotations

from journeygraph import queries
from journeygraph.answers import Reproducible
from journeygraph.errors import NotFound
from journeygraph.graph import Graph


class Lineage(Reproducible):
    """A touchpoint's way in: source, file and line, the versions of mapping and contract it was read by, and the load.

    What is None was not written down.  `mapping_version` is a hash; `JOURNEYGRAPH_HOME/mappings/<version>.json` says
    what it stands for.
    """

    touchpoint_id: str
    step: str
    source: str
    occurred_at: str
    loaded_at: str
    batch_id: str
    file: str | None
    line: int | None
    sha256: str | None
    format: str | None
    protocol: str | None
    mapping: str | None
    mapping_version: str | None
    contract_version: int | None


def lineage(graph: Graph, touchpoint_id: str) -> Lineage:
    """The lineage of a touchpoint.  Raises `NotFound`."""
    query, parameters = queries.get("quality/lineage"), {"touchpoint_id": touchpoint_id}
    rows = graph.run(query.cypher, parameters)
    if not rows:
        raise NotFound(f"There is no touchpoint {touchpoint_id!r}.")
    return Lineage(**rows[0], cypher=query.cypher, parameters=parameters)
