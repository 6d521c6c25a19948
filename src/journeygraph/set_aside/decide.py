"""Which touchpoints are set aside: a pure function of the customers' touchpoints and the rules.

First those that a rule of the mapping marked, then near-duplicates among the rest, then visitors who are too fast.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeygraph.set_aside.rules import NearDuplicates, Rate, Rules

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
DUPLICATE: Final = "duplicate"
NEAR: Final = "near-duplicates"


@dataclass(frozen=True)
class Touchpoints:
    """Touchpoints as columns, each customer's in order of time and id.

    `customers` are numbers; `traffic` and `traffic_rules` what the mapping said, None for most; `kept` those that a
    person wants to count whatever the rules say.
    """

    ids: Sequence[str]
    customers: Ints
    times_us: Ints
    steps: Sequence[str]
    products: Sequence[str | None]
    sources: Sequence[str]
    has_value: Sequence[bool]
    visitors: Sequence[str | None]
    traffic: Sequence[str | None]
    traffic_rules: Sequence[str | None]
    kept: Sequence[bool]


@dataclass
class Decision:
    """As what each touchpoint is set aside (None: it counts), by which rule, and which place is the same event (-1)."""

    kinds: list[str | None]
    rules: list[str | None]
    same_as: Ints


def decide(touchpoints: Touchpoints, rules: Rules) -> Decision:
    """What the rules say of these touchpoints; customers are decided each for themselves."""
    count = len(touchpoints.ids)
    found = Decision([None] * count, [None] * count, np.full(count, -1, dtype=np.int64))
    for place, kind in enumerate(touchpoints.traffic):
        if kind is not None and not touchpoints.kept[place]:
            found.kinds[place], found.rules[place] = kind, touchpoints.traffic_rules[place]
    if rules.near is not None:
        for stays, others in _near(touchpoints, rules.near, _free(touchpoints, found)):
            for place in others:
                found.kinds[place], found.rules[place], found.same_as[place] = DUPLICATE, NEAR, stays
    for rate in rules.rates:
        for place in np.flatnonzero(_too_fast(touchpoints, rate, _free(touchpoints, found))).tolist():
            found.kinds[place], found.rules[place] = rate.kind, rate.name
    return found


def _free(touchpoints: Touchpoints, found: Decision) -> Bools:
    """Those that count so far, and may be set aside."""
    undecided = np.fromiter((kind is None for kind in found.kinds), bool, len(found.kinds))
    free: Bools = undecided & ~np.asarray(touchpoints.kept, dtype=bool)
    return free


def _codes(values: Iterable[Hashable], count: int) -> Ints:
    numbers: dict[Hashable, int] = {}
    return np.fromiter((numbers.setdefault(value, len(numbers)) for value in values), np.int64, count)


def _near(touchpoints: Touchpoints, rule: NearDuplicates, free: Bools) -> Iterable[tuple[int, list[int]]]:
    """The one that stays and the others, for each event that several sources saw."""
    count = len(touchpoints.ids)
    if rule.sources:
        free = free & np.fromiter((source in rule.sources for source in touchpoints.sources), bool, count)
    places = np.flatnonzero(free)
    alike = _codes(zip(touchpoints.customers.tolist(), touchpoints.steps, touchpoints.products, strict=True), count)
    order = places[np.lexsort((touchpoints.times_us[places], alike[places]))]
    times, keys = touchpoints.times_us[order], alike[order]
    within_us = round(rule.seconds * 1e6)
    linked = (keys[1:] == keys[:-1]) & (times[1:] - times[:-1] <= within_us)
    # Runs of touchpoints that are near their neighbours; most are runs of one.
    starts = np.flatnonzero(np.concatenate([[True], ~linked]))[: len(order)]
    ends = np.append(starts[1:], len(order))
    for start, end in zip(starts[ends - starts > 1].tolist(), ends[ends - starts > 1].tolist(), strict=True):
        for members in _events(order[start:end].tolist(), touchpoints, within_us):
            stays = min(members, key=lambda place: _rank(place, touchpoints, rule))
            yield stays, [place for place in members if place != stays]


def _events(run: Sequence[int], touchpoints: Touchpoints, within_us: int) -> list[list[int]]:
    """A run divided into events: each within the time of its first, and with at most one touchpoint of a source.

    A touchpoint belongs to the earliest event that it can, so two clicks seen by two sources stay two.
    """
    events: list[list[int]] = []
    for place in run:
        for event in events:
            seen = {touchpoints.sources[member] for member in event}
            near = touchpoints.times_us[place] - touchpoints.times_us[event[0]] <= within_us
            if near and touchpoints.sources[place] not in seen:
                event.append(place)
                break
        else:
            events.append([place])
    return [event for event in events if len(event) > 1]


def _rank(place: int, touchpoints: Touchpoints, rule: NearDuplicates) -> tuple[Any, ...]:
    source = touchpoints.sources[place]
    preferred = rule.prefer.index(source) if source in rule.prefer else len(rule.prefer)
    return preferred, not touchpoints.has_value[place], touchpoints.times_us[place], touchpoints.ids[place]


def _too_fast(touchpoints: Touchpoints, rate: Rate, free: Bools) -> Bools:
    """All touchpoints of visitors who had, at some time, more than so many in so many seconds."""
    visitors = _codes(zip(touchpoints.customers.tolist(), touchpoints.visitors, strict=True), len(touchpoints.ids))
    places = np.flatnonzero(free)
    order = places[np.lexsort((touchpoints.times_us[places], visitors[places]))]
    times, keys, more = touchpoints.times_us[order], visitors[order], rate.touchpoints
    many = (keys[more:] == keys[:-more]) & (times[more:] - times[:-more] <= round(rate.seconds * 1e6))
    found: Bools = np.isin(visitors, keys[more:][many]) & free
    return found
