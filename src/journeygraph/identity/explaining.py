"""Why a customer's touchpoints are theirs: identifiers, and customers who were merged."""

from __future__ import annotations

from journeygraph import queries
from journeygraph.answers import Reproducible
from journeygraph.graph import Graph
from journeygraph.identity.leading import OfCustomer
from journeygraph.identity.merging import Merge, merges, root
from journeygraph.identity.visitors import ANONYMOUS, Evidence


class Explanation(OfCustomer, Reproducible):
    """The identifiers that lead to a customer, and what was merged into them or undone again.

    `merges_cypher` gives the merges, with the same parameters as `cypher` the identifiers.
    """

    customer_id: str
    anonymous: bool
    identifiers: list[Evidence]
    merges: list[Merge]
    merges_cypher: str


def explain(graph: Graph, customer_id: str) -> Explanation:
    """The identifiers and merges that lead to a customer, with evidence; a merged id stands for the whole.

    Raises `NotFound` for a customer that the graph does not hold.
    """
    asked, customer_id = customer_id, root(graph, customer_id)
    query = queries.get("journeys/identifiers")
    parameters = {"customer_id": customer_id}
    return Explanation(
        asked_for=None if asked == customer_id else asked,
        customer_id=customer_id,
        anonymous=customer_id.startswith(ANONYMOUS),
        identifiers=[Evidence(**row) for row in graph.run(query.cypher, parameters, name=query.name)],
        merges=merges(graph, customer_id),
        merges_cypher=queries.get("identity/merges").cypher,
        cypher=query.cypher,
        parameters=parameters,
    )
