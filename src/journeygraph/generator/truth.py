"""What was planted, as truth.json says it: every gap, loop and intent with its size and how often it happened."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from journeygraph.answers import Answer

NOTE = (
    "Synthetic data: no person, purchase or product in these files exists. They were generated from this seed, and "
    "everything listed under 'planted' and 'intents' was put in on purpose."
)


class Planted(Answer):
    """One planted gap, counted in the generated touchpoints.

    `journeys` and `customers` made the subject's contacts in this order, one right after the other; `size` has the
    rates that the generator used, `observed` what came of them.
    """

    kind: str
    subject: str
    steps: tuple[str, ...]
    journeys: int
    customers: int
    occurrences: int
    size: dict[str, float]
    observed: dict[str, float]
    effect: str
    group: str | None = Field(None, description="the group that it is confined to, e.g. platform=ios")
    since: str | None = Field(None, description="where it is confined to a time: the first instant, UTC")
    until: str | None = Field(None, description="and the end, exclusive")
    follows: tuple[str, ...] = Field((), description="what a report may show as well because of it, as 'kind subject'")


class PlantedIntent(Answer):
    """A sequence whose presence makes customers move on; `lift` as DEFINITIONS says, over closed journeys."""

    pattern: tuple[str, ...]
    readiness: float = Field(description="factor on the rate of moving on, once the sequence is complete")
    journeys: int
    customers: int
    converted: int
    lift: float


class Affinity(Answer):
    """After a contact about `product_id`, the next one is about `partner_id` with this extra probability."""

    product_id: str
    partner_id: str
    probability: float


class SharedDevice(Answer):
    """A device on which two customers log in and a visitor never does."""

    anonymous_id: str
    customer_ids: tuple[str, str]


class Totals(Answer):
    """What the files hold, counted by the product's own definitions."""

    touchpoints: int
    customers: int
    known_customers: int
    journeys: int
    converted: int
    lost: int
    open: int
    value: float


class Truth(Answer):
    """The content of truth.json."""

    synthetic: bool = True
    note: str = NOTE
    seed: int
    customers: int
    start: str
    days: int
    time_zone: str
    goals: tuple[str, ...]
    totals: Totals
    exit_rate_by_stage: dict[str, float] = Field(
        description="probability to leave after a contact, where nothing is planted"
    )
    planted: tuple[Planted, ...]
    intents: tuple[PlantedIntent, ...]
    affinities: tuple[Affinity, ...]
    devices: dict[str, str] = Field(description="customer of each device that one known customer uses")
    shared_devices: tuple[SharedDevice, ...]
    bad_rows: dict[str, dict[str, int]] = Field(default_factory=dict, description="by file and reason")

    def summary(self) -> list[dict[str, Any]]:
        """Kind, subject and number of journeys of everything planted."""
        gaps = [{"kind": item.kind, "subject": item.subject, "journeys": item.journeys} for item in self.planted]
        intents = [
            {"kind": "intent", "subject": ARROW.join(item.pattern), "journeys": item.journeys} for item in self.intents
        ]
        return gaps + intents


ARROW = " → "
