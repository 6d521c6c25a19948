"""Neighbours in the graph: how many of the customers who touched the same product, category or campaign converted.

Counted per customer from their first touch of it, and only outcomes that are known by then: a touch whose horizon has
not passed yet says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from journeygraph.intent.features.timeline import US_PER_SECOND, Cuts, Indices, Timeline
from journeygraph.intent.features.traits import TRAITS, TraitName

Column = NDArray[np.float64]
#: The overall rate counts as this many customers, so that a few say little.
PRIOR_CUSTOMERS: Final = 20.0
#: Names that a model keeps: the ones with the most customers.
MOST_NAMES: Final = 5_000


class Neighbours(BaseModel):
    """Log-odds of the neighbours' conversion against everybody's, by name; `rate` is everybody's share."""

    model_config = ConfigDict(frozen=True)

    rate: float
    log_odds: dict[str, float]


@dataclass(frozen=True)
class Touches:
    """The first touch of each customer and name (M): which name, when its outcome was known, and what it was."""

    codes: Indices
    known_us: Indices
    follows: NDArray[np.bool_]


def first_touches(timeline: Timeline, trait: TraitName, follows: NDArray[np.bool_], horizon_seconds: float) -> Touches:
    """Each customer's first touch of each name; `follows` (N): the goal follows that touchpoint within the horizon."""
    codes = timeline.traits[trait].codes
    at = np.flatnonzero(codes >= 0)
    owners = np.searchsorted(timeline.offsets, at, side="right") - 1
    key = owners * (int(codes.max(initial=0)) + 1) + codes[at]
    first = at[np.unique(key, return_index=True)[1]]
    known_us = timeline.times_us[first] + int(horizon_seconds * US_PER_SECOND)
    return Touches(codes[first].astype(np.int64), known_us, follows[first])


def learn(timeline: Timeline, trait: TraitName, touches: Touches, until_us: int, rate: float) -> Neighbours:
    """What was known at an instant, by name."""
    known = touches.known_us <= until_us
    names = timeline.traits[trait].names
    customers = np.bincount(touches.codes[known], minlength=len(names))
    converted = np.bincount(touches.codes[known & touches.follows], minlength=len(names))
    surplus = log_odds(converted, customers, rate)
    kept = np.argsort(-customers, kind="stable")[:MOST_NAMES]
    return Neighbours(
        rate=rate, log_odds={names[int(code)]: float(surplus[code]) for code in np.sort(kept) if customers[code] > 0}
    )


def as_of_each(timeline: Timeline, trait: TraitName, touches: Touches, cuts: Cuts, rate: float) -> Column:
    """For each cut, what was known at its own instant of the name that it stands at (K): for cuts to learn from."""
    names = last_of_journey(timeline, trait, cuts)
    order = np.lexsort((touches.known_us, touches.codes))
    codes, known_us = touches.codes[order], touches.known_us[order]
    converted = np.concatenate([[0], np.cumsum(touches.follows[order])])
    instants = np.unique(known_us)
    keys = codes * (len(instants) + 1) + np.searchsorted(instants, known_us)
    until = names * (len(instants) + 1) + np.searchsorted(instants, cuts.at_us, side="right")
    start, end = np.searchsorted(codes, names), np.searchsorted(keys, until)
    found = log_odds(converted[end] - converted[start], end - start, rate)
    return np.where(names >= 0, found, 0.0)


def of_cuts(timeline: Timeline, trait: TraitName, cuts: Cuts, known: Neighbours) -> Column:
    """For each cut, what the model knows of the name that it stands at (K); 0 where it is at none, or a new one."""
    by_code = np.array([*(known.log_odds.get(name, 0.0) for name in timeline.traits[trait].names), 0.0])
    return np.asarray(by_code[last_of_journey(timeline, trait, cuts)], dtype=np.float64)


def last_of_journey(timeline: Timeline, trait: TraitName, cuts: Cuts) -> Indices:
    """Code of the last name in each cut's running journey (K); -1 where there is none."""
    codes = timeline.traits[trait].codes
    latest = np.maximum.accumulate(np.where(codes >= 0, np.arange(len(codes)), -1))[cuts.end - 1]
    return np.where(latest >= cuts.journey, codes[np.maximum(latest, 0)], -1).astype(np.int64)


def log_odds(converted: NDArray[np.int64], customers: NDArray[np.int64], rate: float) -> Column:
    """Smoothed log-odds of shares, less those of the overall rate.

    >>> log_odds(np.array([0, 40]), np.array([0, 60]), 0.5).round(3).tolist()
    [0.0, 0.511]
    """
    yes, no = converted + PRIOR_CUSTOMERS * rate, customers - converted + PRIOR_CUSTOMERS * (1 - rate)
    return np.asarray(np.log(yes / no) - np.log(rate / (1 - rate)), dtype=np.float64)


def present(timeline: Timeline) -> tuple[TraitName, ...]:
    """The traits that any touchpoint has."""
    found: Mapping[TraitName, object] = {name: trait for name, trait in timeline.traits.items() if trait.names}
    return tuple(name for name in TRAITS if name in found)
