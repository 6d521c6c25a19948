"""What a feature is, and how touchpoints are counted for it.

A cut reads touchpoint columns below its `end` only; a test changes everything after it and finds the same features.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from journeygraph.intent.features.chain import Chain
from journeygraph.intent.features.goals import CONVERSION
from journeygraph.intent.features.neighbours import Neighbours
from journeygraph.intent.features.timeline import US_PER_SECOND, Cuts, Indices, Timeline
from journeygraph.intent.features.traits import TraitName

Column = NDArray[np.float64]
Matrix = NDArray[np.float64]
#: Cells (touchpoint x name) that are looked at together.
_CELLS = 2_000_000
DAY_SECONDS = 86_400
#: A step counts half as recent after this time.
HALF_LIFE_SECONDS = 2 * DAY_SECONDS


class Vocabulary(BaseModel):
    """The names that features are made of, as learned from the training part; others are not seen."""

    model_config = ConfigDict(frozen=True)

    steps: tuple[str, ...]
    stages: tuple[str, ...]
    channels: tuple[str, ...]
    step_stages: dict[str, str]
    transitions: tuple[tuple[str, str], ...] = ()
    patterns: tuple[tuple[str, ...], ...] = ()
    goal: str = CONVERSION
    chain: Chain | None = None
    neighbours: dict[TraitName, Neighbours] = Field(default_factory=dict)


@dataclass(frozen=True)
class Feature:
    """One column: its name, the steps that it is about (none: all) and the touchpoints that it counts.

    `days` is the length of the window that it looks back on; None: the running journey, or the customer's whole
    `history`.  `trait`: it counts touchpoints with a product, category or campaign.
    """

    name: str
    words: str
    steps: tuple[str, ...] = ()
    days: int | None = None
    history: bool = False
    trait: TraitName | None = None


class Group(NamedTuple):
    """Columns that are computed together: what they are (F), and their values (K x F) in the same order."""

    describe: Callable[[Vocabulary], list[Feature]]
    values: Callable[[Timeline, Cuts, Vocabulary], Matrix]


def positions(names: Sequence[str], known: Sequence[str]) -> Indices:
    """For each name its place among the known ones, -1 for another.

    >>> positions(["a", "b", "c"], ["c", "a"]).tolist()
    [1, -1, 0]
    """
    place = {name: number for number, name in enumerate(known)}
    return np.array([place.get(name, -1) for name in names], dtype=np.int64)


def blocks(codes: Indices, names: int) -> Iterator[tuple[slice, NDArray[np.bool_]]]:
    """Some names at a time, and whether each touchpoint (N) has each of them (N x names): in bounded memory."""
    width = max(_CELLS // max(len(codes), 1), 1)
    for start in range(0, names, width):
        part = slice(start, min(start + width, names))
        yield part, codes[:, None] == np.arange(part.start, part.stop)


def count(amounts: NDArray[np.bool_] | Indices, start: Indices, end: Indices) -> Indices:
    """Sum of each cut's slice, of each column; in whole numbers, so that no other customer shows in a rounding."""
    total = np.zeros((len(amounts) + 1, *amounts.shape[1:]), dtype=np.int64)
    np.cumsum(amounts, axis=0, out=total[1:])
    counted: Indices = total[end] - total[start]
    return counted


def recency(timeline: Timeline, cuts: Cuts, mask: NDArray[np.bool_], half_life_days: float | None = None) -> Column:
    """0.5 to the power of the age in half-lives of the last such touchpoint of the journey; 0 where there is none."""
    return recent(timeline, cuts, mask[:, None], half_life_days)[:, 0]


def recent(timeline: Timeline, cuts: Cuts, masks: NDArray[np.bool_], half_life_days: float | None = None) -> Matrix:
    """`recency` of several kinds of touchpoints (N x M) at once (K x M)."""
    half_life = HALF_LIFE_SECONDS if half_life_days is None else half_life_days * DAY_SECONDS
    latest = np.maximum.accumulate(np.where(masks, np.arange(len(masks))[:, None], -1), axis=0)[cuts.end - 1]
    age = (cuts.at_us[:, None] - timeline.times_us[np.maximum(latest, 0)]) / US_PER_SECOND
    faded: Matrix = np.where(latest >= cuts.journey[:, None], np.exp2(-np.maximum(age, 0.0) / half_life), 0.0)
    return faded


def fresh(timeline: Timeline, cuts: Cuts) -> Column:
    """How recent the last touchpoint is: a cart of a minute ago says more than one of last week."""
    pause = (cuts.at_us - timeline.times_us[cuts.end - 1]) / US_PER_SECOND
    return np.exp2(-pause / HALF_LIFE_SECONDS).astype(np.float64)


def seconds(timeline: Timeline, start: Indices, end: Indices) -> Column:
    """Time from touchpoints (K) to touchpoints (K)."""
    return (timeline.times_us[end] - timeline.times_us[start]) / US_PER_SECOND


def window(timeline: Timeline, cuts: Cuts, days: int) -> Indices:
    """Index of the customer's first touchpoint later than `days` before the cut."""
    return np.maximum(timeline.ends(cuts.customers, cuts.at_us - days * DAY_SECONDS * US_PER_SECOND), cuts.first)
