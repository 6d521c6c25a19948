"""What somebody does next, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from journeygraph import identity
from journeygraph.intent.next_steps import predict
from journeygraph.intent.next_steps.answer import NextSteps
from journeygraph.intent.next_steps.model import NextStepModel, learn
from journeygraph.privacy import consent
from journeygraph.schema import StepName
from journeygraph_api.dependencies import AsOf, CanReadCustomers, TheGraphs
from journeygraph_api.graphs import Graphs
from journeygraph_api.unbuilt import TellsUnbuilt

router = APIRouter(prefix="/v1/next", tags=["intent"], dependencies=[CanReadCustomers], route_class=TellsUnbuilt)


class SessionSteps(BaseModel):
    """The steps of a running session, in order; nothing of it is stored."""

    steps: list[StepName] = Field(max_length=10_000, examples=[["search", "view_product"]])
    k: int = Field(10, ge=1, le=1_000)


@router.get("/{customer_id:path}")
def customer(
    graphs: TheGraphs,
    as_of: AsOf,
    customer_id: str,
    k: Annotated[int, Query(ge=1, le=1_000, description="how many steps")] = 10,
) -> NextSteps:
    """The likeliest next touchpoints of a customer, with probability and time."""
    who = identity.lead(graphs.get(), customer_id, as_of)
    consent.require(graphs.get(), [who.customer_id], ("analytics",), "next step is foretold")
    return who.told(predict.for_customer(_model(graphs, as_of), graphs.table(as_of=as_of), who.customer_id, k=k))


@router.post("")
def session(graphs: TheGraphs, as_of: AsOf, running: SessionSteps) -> NextSteps:
    """The same for a running session in the body. Nothing is stored."""
    return predict.for_session(_model(graphs, as_of), running.steps, predict.LearntFrom(as_of), k=running.k)


def _model(graphs: Graphs, as_of: datetime | None) -> NextStepModel:
    return graphs.remember(("next step", as_of), lambda _: learn(graphs.table(as_of=as_of)))
