"""How likely somebody is to convert, and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import AwareDatetime, BaseModel, Field

from journeygraph.intent.features.goals import CONVERSION
from journeygraph.intent.models import store
from journeygraph.intent.models.card import ModelCard
from journeygraph.intent.models.card import card as card_of
from journeygraph.intent.scores import engagement
from journeygraph.intent.scores import score as domain
from journeygraph.intent.scores.engagement import Engagement
from journeygraph.intent.scores.moved import EngagementChange, change
from journeygraph.intent.scores.score import CustomerScore
from journeygraph.intent.scores.session import SessionScore, score_session
from journeygraph.schema import Name, PlainName, StepName, Touchpoint, Value
from journeygraph_api.dependencies import AsOf, CanReadCustomers, TheGraphs, TheSettings
from journeygraph_api.graphs import Graphs

Goal = Annotated[
    StepName,
    Query(description="what is foretold: conversion (the graph's goals), churn (no touchpoint in the time), or a step"),
]

#: Touchpoints of a session that is scored where it arrives.
_AT_ONCE = 200

router = APIRouter(prefix="/v1/intent", tags=["intent"], dependencies=[CanReadCustomers])


class SessionTouchpoint(BaseModel):
    """A touchpoint of a running session."""

    step: StepName = Field(examples=["add_to_cart"])
    occurred_at: AwareDatetime = Field(examples=["2026-01-31T12:00:00Z"])
    channel: PlainName = "web"
    session_id: PlainName | None = None
    value: Value | None = None
    product_id: Name | None = None
    product_category: Name | None = None
    campaign: Name | None = None


class RunningSession(BaseModel):
    """What one visitor did so far; nothing of it is stored."""

    touchpoints: list[SessionTouchpoint] = Field(min_length=1, max_length=10_000)
    at: AwareDatetime | None = Field(None, description="instant of the score; the last touchpoint's by default")

    def stored_like(self) -> list[Touchpoint]:
        """The touchpoints in the form of stored ones, numbered in the order given."""
        return [
            Touchpoint(
                touchpoint_id=f"{number:06}", source="session", anonymous_id="session",
                occurred_at=given.occurred_at.astimezone(UTC), **given.model_dump(exclude={"occurred_at"}),
            )
            for number, given in enumerate(self.touchpoints)
        ]  # fmt: skip


@router.get("/card")
def card(settings: TheSettings, goal: Goal = CONVERSION) -> ModelCard:
    """What to know of the goal's current model before its scores are used: data, figures, groups, limits."""
    return card_of(store.load(settings.home, goal=goal))


@router.get("/engagement/{customer_id:path}")
def engaged(
    graphs: TheGraphs,
    as_of: AsOf,
    customer_id: str,
    at: Annotated[AwareDatetime | None, Query(description="the instant; by default the data's end")] = None,
) -> EngagementChange:
    """How engaged a customer is, what moved it against 30 days before, and each session of the time."""
    return change(graphs.get(), customer_id, as_of=as_of, at=_utc(at), measure=_measured(graphs, as_of))


@router.get("/{customer_id:path}")
def intent(
    graphs: TheGraphs,
    settings: TheSettings,
    as_of: AsOf,
    customer_id: str,
    at: Annotated[AwareDatetime | None, Query(description="instant of the score; by default the data's end")] = None,
    goal: Goal = CONVERSION,
) -> CustomerScore:
    """The calibrated probability that a customer reaches the goal within the horizon, and what moved it."""

    model = store.load(settings.home, goal=goal)
    answer = domain.score(
        graphs.get(), model, settings, [customer_id], as_of=as_of, at=_utc(at), engaged=_measured(graphs, as_of)
    )
    return answer.scores[0]


@router.post("/score")
async def score(settings: TheSettings, session: RunningSession, goal: Goal = CONVERSION) -> SessionScore:
    """Score a running session from its body. Nothing is stored and no graph is asked."""

    def scored() -> SessionScore:
        model = store.load(settings.home, goal=goal)
        return score_session(model, session.stored_like(), settings, at=_utc(session.at))

    # A usual session takes about as long as handing it to a thread.
    return scored() if len(session.touchpoints) <= _AT_ONCE else await run_in_threadpool(scored)


def _measured(graphs: Graphs, as_of: datetime | None) -> Callable[[int], Engagement]:
    """Engagement of all customers at an instant, measured once per state of the graph."""

    def measured(instant_us: int) -> Engagement:
        return graphs.remember(
            ("engagement", instant_us, as_of), lambda graph: engagement.measure(graph, instant_us, as_of)
        )

    return measured


def _utc(instant: datetime | None) -> datetime | None:
    return instant.astimezone(UTC) if instant else None
