"""What is said about touchpoints that are set aside."""

from __future__ import annotations

from datetime import datetime

from journeygraph.answers import Answer, Reproducible
from journeygraph.set_aside.rules import Rules


class SetAsideCount(Answer):
    """How many touchpoints of one source are set aside as what, by which rule; some of their ids."""

    set_aside_as: str
    set_aside_by: str
    source: str
    touchpoints: int
    customers: int
    examples: list[str]


class SetAside(Reproducible):
    """All that is set aside, and the rules of the graph."""

    rules: Rules
    total: int
    counts: list[SetAsideCount]


class EventTouchpoint(Answer):
    """One touchpoint of an event with its lineage; it counts where `set_aside_as` is None.

    `imputed` says which of its values were filled in, and how.
    """

    touchpoint_id: str
    customer_id: str
    step: str
    occurred_at: datetime
    source: str
    batch_id: str
    file: str | None
    line: int | None
    value: float | None
    set_aside_as: str | None
    set_aside_by: str | None
    same_event_as: str | None
    seconds_apart: float | None
    kept: bool
    imputed: str | None


class Event(Reproducible):
    """One event as all sources saw it: the touchpoint that stays first."""

    touchpoints: list[EventTouchpoint]
