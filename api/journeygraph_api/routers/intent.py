"""How likely somebody is to convert, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from journeygraph.intent import engagement, store
from journeygraph.intent import score as domain
from journeygraph.intent.engagement import Engagement
from journeygraph.intent.score import CustomerScore
from journeygraph.intent.session import SessionScore, score_session
from journeygraph.schema import PlainName, StepName, Touchpoint
from journeygraph_api.dependencies import AsOf, CanReadCustomers, TheGraphs, TheSettings

router = APIRouter(prefix="/v1/intent", tags=["intent"], dependencies=[CanReadCustomers])


class SessionTouchpoint(BaseModel):
    """A touchpoint of a running session."""

    step: StepName = Field(examples=["add_to_cart"])
    occurred_at: AwareDatetime = Field(examples=["2026-01-31T12:00:00Z"])
    channel: PlainName = "web"
    session_id: PlainName | None = None
    value: float | None = None


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


@router.get("/{customer_id:path}")
def intent(
    graphs: TheGraphs,
    settings: TheSettings,
    as_of: AsOf,
    customer_id: str,
    at: Annotated[AwareDatetime | None, Query(description="instant of the score; by default the data's end")] = None,
) -> CustomerScore:
    """The calibrated probability that a customer converts within the horizon, with the touchpoints that moved it."""

    def engaged(instant_us: int) -> Engagement:  # of all customers, so it is measured once per state of the graph
        return graphs.remember(
            ("engagement", instant_us, as_of), lambda graph: engagement.measure(graph, instant_us, as_of)
        )

    model = store.load(settings.home)
    answer = domain.score(graphs.get(), model, settings, [customer_id], as_of=as_of, at=_utc(at), engaged=engaged)
    return answer.scores[0]


@router.post("/score")
def score(settings: TheSettings, session: RunningSession) -> SessionScore:
    """Score a running session from its body. Nothing is stored and no graph is asked."""
    return score_session(store.load(settings.home), session.stored_like(), settings, at=_utc(session.at))


def _utc(instant: datetime | None) -> datetime | None:
    return instant.astimezone(UTC) if instant else None
