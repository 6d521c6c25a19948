"""The rules by which touchpoints are set aside, as the graph holds them: those of any load hold for all."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from journeygraph.graph import Graph

_PAGE = 50_000
Kind = Literal["bot", "test", "internal"]


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NearDuplicates(_Rule):
    """One event that two sources saw: same customer, step and product, at most so many seconds apart.

    Of several, the one of the source that comes first in `prefer` stays, else one with a value, else the earliest.
    `sources` are the only ones looked at; all where there are none.
    """

    seconds: float = Field(gt=0)
    prefer: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


class Rate(_Rule):
    """A visitor with more than so many touchpoints in so many seconds is no person."""

    name: str
    kind: Kind = "bot"
    touchpoints: int = Field(ge=2)
    seconds: float = Field(gt=0)


class Rules(_Rule):
    """All rules that look at several touchpoints; marks of single ones come with them."""

    near: NearDuplicates | None = None
    rates: tuple[Rate, ...] = ()


def read_rules(graph: Graph) -> Rules:
    """The rules of this graph; none where none was declared."""
    stored = graph.read("set_aside/rules")
    if not stored:
        return Rules()
    found = stored[0]
    near = None
    if found["near_us"] is not None:
        near = NearDuplicates(seconds=found["near_us"] / 1e6, prefer=found["prefer"], sources=found["sources"])
    listed = zip(found["rate_names"], found["rate_kinds"], found["rate_touchpoints"], found["rate_us"], strict=True)
    rates = tuple(Rate(name=name, kind=kind, touchpoints=count, seconds=us / 1e6) for name, kind, count, us in listed)
    return Rules(near=near, rates=rates)


def declare(graph: Graph, rules: Rules, *, mark: bool = True) -> Rules:
    """Let these rules hold; where they are others than before, every customer is marked to be looked at again.

    Without `mark` that is left to `apply(everyone=True)`.
    """
    if rules == read_rules(graph):
        return rules
    # First the marks: a crash between the two costs a needless rebuild, never a stale journey.
    while mark and graph.write("journeys/mark_all", page=_PAGE).rows[0]["marked"]:
        pass
    graph.write("set_aside/declare", rules=_stored(rules))
    return rules


def _stored(rules: Rules) -> dict[str, Any]:
    near = rules.near
    return {
        "near_us": None if near is None else round(near.seconds * 1e6),
        "prefer": [] if near is None else list(near.prefer),
        "sources": [] if near is None else list(near.sources),
        "rate_names": [rate.name for rate in rules.rates],
        "rate_kinds": [rate.kind for rate in rules.rates],
        "rate_touchpoints": [rate.touchpoints for rate in rules.rates],
        "rate_us": [round(rate.seconds * 1e6) for rate in rules.rates],
    }
