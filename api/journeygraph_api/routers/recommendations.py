"""What comes next, and the path that explains it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from journeygraph.recommend import projection
from journeygraph.recommend.customer import Recommendations, for_session, known_customer
from journeygraph.recommend.projection import Kind, Projection
from journeygraph.recommend.strategies import DEFAULT
from journeygraph.schema import Name
from journeygraph_api.dependencies import AsOf, CanReadCustomers, TheGraphs
from journeygraph_api.graphs import Graphs
from journeygraph_api.unbuilt import TellsUnbuilt

router = APIRouter(
    prefix="/v1/recommendations", tags=["recommendations"], dependencies=[CanReadCustomers], route_class=TellsUnbuilt
)


class TouchedSession(BaseModel):
    """What a running session touched so far, in order; nothing of it is stored."""

    items: list[Name] = Field(max_length=1_000, description="product ids, or steps", examples=[["p-3", "p-7"]])
    kind: Kind = "product"
    k: int = Field(10, ge=1, le=1_000)
    strategy: str = DEFAULT


@router.get("/{customer_id:path}")
def recommendations(
    graphs: TheGraphs,
    as_of: AsOf,
    customer_id: str,
    k: Annotated[int, Query(ge=1, le=1_000, description="how many items")] = 10,
    kind: Annotated[Kind, Query(description="what is recommended")] = "product",
    strategy: Annotated[str, Query(description="journeys, pagerank, markov, ...")] = DEFAULT,
    include_bought: Annotated[bool, Query(description="products bought already as well")] = False,
) -> Recommendations:
    """Products or touchpoints that a customer is likely to turn to next. Without such a history: what is common."""
    found = _projection(graphs, kind, as_of)
    return known_customer(
        graphs.get(), found, customer_id, k=k, strategy=strategy, include_bought=include_bought, as_of=as_of
    )


@router.post("/session")
def session(graphs: TheGraphs, touched: TouchedSession) -> Recommendations:
    """The same for a running session in the body. Nothing is stored."""
    found = _projection(graphs, touched.kind, None)
    return for_session(found, touched.items, k=touched.k, strategy=touched.strategy)


def _projection(graphs: Graphs, kind: Kind, as_of: datetime | None) -> Projection:
    return graphs.remember(("projection", kind, as_of), lambda graph: projection.read(graph, kind, as_of))
