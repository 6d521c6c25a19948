"""Who is left out of every figure about journeys: those who withdrew consent to analytics."""

from __future__ import annotations

from journeygraph import queries
from journeygraph.answers import Reproducible
from journeygraph.graph import Graph


class WithheldCustomers(Reproducible):
    """How many customers are left out because they withdrew consent to analytics; `cypher` counts them."""

    customers: int


def read_withheld(graph: Graph) -> WithheldCustomers | None:
    """How many they are, whatever instant is asked about; None where there are none."""
    query = queries.get("journeys/withheld")
    customers = graph.run(query.cypher, {}, name=query.name)[0]["customers"]
    return WithheldCustomers(customers=customers, cypher=query.cypher) if customers else None
