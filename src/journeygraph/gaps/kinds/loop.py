"""Journeys go round a cycle of two or three steps more than a random order of the same steps would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from journeygraph.gaps.kind import Evidence, Kind, Statement, Test, percent
from journeygraph.gaps.visits import DEPTHS, Integers, Mask, Visits
from journeygraph.journeys.table import LOST
from journeygraph.statistics import SMALLEST, Estimate, Strata, product, risk_difference, share_difference

NAME = "loop"
LENGTHS: Final = (2, 3)
#: Cycles tested at most for each length: those that chance alone shows most often.
MOST_TESTED = 300
_SEED = 20_240_229
#: Random orders drawn: many for small tables, where they are cheap and the chance counts are small.
_TOUCHPOINTS_DRAWN = 6_000_000
_FEWEST_ORDERS, _MOST_ORDERS = 20, 100


@dataclass(frozen=True)
class _Cycle:
    """A cycle from its smallest code on, and the journeys it was seen in, in truth and over `orders` random orders."""

    steps: tuple[int, ...]
    seen: int
    by_chance: int
    orders: int


def tests(visits: Visits) -> list[Test]:
    """A test for every cycle that chance alone would show in at least one journey, `MOST_TESTED` of a length."""
    if not visits.table.n_touchpoints:
        return []
    orders = min(max(_TOUCHPOINTS_DRAWN // visits.table.n_touchpoints, _FEWEST_ORDERS), _MOST_ORDERS)
    shuffled = _Shuffler(visits)
    drawn: dict[int, list[Integers]] = {length: [] for length in LENGTHS}
    for _ in range(orders):
        steps = shuffled.draw()
        for length in LENGTHS:
            drawn[length].append(_cycles(visits, steps, length)[1])
    holds = _Holdings(visits)
    result: list[Test] = []
    for length in LENGTHS:
        by_chance = np.concatenate(drawn[length])
        result += [
            test for cycle in _candidates(visits, length, by_chance, orders) if (test := _test(visits, holds, cycle))
        ]
    return result


class _Shuffler:
    """Draws random orders of the steps within each maximal run at one stage; goals stay where they are.

    The order of the stages is the customer's progress and no accident, so it is kept.
    """

    def __init__(self, visits: Visits) -> None:
        block = np.where(visits.is_goal[visits.steps], -1, visits.stage_of[visits.steps])
        starts = (visits.position == 0) | (np.diff(block, prepend=-2) != 0)
        self._keys = np.cumsum(starts).astype(np.uint64) << np.uint64(40)
        self._codes = visits.steps.astype(np.uint64)
        self._random = np.random.default_rng(_SEED)

    def draw(self) -> Integers:
        """Step codes in a random order (N): sorting (run, random number, code) shuffles all runs at once."""
        numbers = self._random.integers(0, 1 << 24, size=len(self._codes), dtype=np.uint64)
        mixed = np.sort(self._keys | (numbers << np.uint64(16)) | self._codes)
        return (mixed & np.uint64(0xFFFF)).astype(np.int64)


def _cycles(visits: Visits, steps: Integers, length: int) -> tuple[Integers, Integers, Integers]:
    """Journey, cycle number and first visit of each cycle, the first of its kind in its journey."""
    begin = np.flatnonzero(steps[:-length] == steps[length:])
    begin = begin[visits.path[begin] == visits.path[begin + length]]
    members = np.stack([steps[begin + offset] for offset in range(length)])
    distinct = np.ones(len(begin), dtype=bool)
    for one in range(length):
        for other in range(one):
            distinct &= members[one] != members[other]
    begin, members = begin[distinct], members[:, distinct]
    turn = members.argmin(axis=0)
    number = np.zeros(len(begin), dtype=np.int64)
    for offset in range(length):
        number = number * len(visits.table.steps) + np.take_along_axis(members, ((turn + offset) % length)[None], 0)[0]
    path = visits.path[begin]
    if not len(begin):
        return path, number, begin
    first = np.unique(number * visits.table.n_paths + path, return_index=True)[1]
    return path[first], number[first], begin[first]


def _candidates(visits: Visits, length: int, by_chance: Integers, orders: int) -> list[_Cycle]:
    """The cycles to test, chosen by what chance shows and not by what happened."""
    numbers, counts = np.unique(by_chance, return_counts=True)
    kept = np.flatnonzero(counts >= orders)
    kept = kept[np.argsort(-counts[kept], kind="stable")][:MOST_TESTED]
    seen_numbers, seen = np.unique(_cycles(visits, visits.steps, length)[1], return_counts=True)
    truly = dict(zip(seen_numbers.tolist(), seen.tolist(), strict=True))
    return [
        _Cycle(
            _decode(int(numbers[row]), length, len(visits.table.steps)),
            truly.get(int(numbers[row]), 0),
            int(counts[row]),
            orders,
        )
        for row in kept.tolist()
    ]


def _decode(number: int, length: int, size: int) -> tuple[int, ...]:
    """Codes of a cycle's number.

    >>> _decode(2 * 10 + 7, 2, 10)
    (2, 7)
    """
    digits: list[int] = []
    for _ in range(length):
        number, digit = divmod(number, size)
        digits.append(digit)
    return tuple(reversed(digits))


class _Holdings:
    """How often each journey holds each step; a column is counted when first asked for."""

    def __init__(self, visits: Visits) -> None:
        self._visits = visits
        self._columns: dict[int, NDArray[np.int32]] = {}

    def column(self, step: int) -> NDArray[np.int32]:
        """Occurrences of a step in each journey (P)."""
        if step not in self._columns:
            here = self._visits.path[self._visits.steps == step]
            self._columns[step] = np.bincount(here, minlength=self._visits.table.n_paths).astype(np.int32)
        return self._columns[step]

    def could(self, steps: tuple[int, ...]) -> Mask:
        """Journeys that hold every step, and one of them twice: only these can go round (P)."""
        columns = [self.column(step) for step in steps]
        every = np.logical_and.reduce([column > 0 for column in columns])
        return np.asarray(every & (np.sum(columns, axis=0) > len(steps)))


def _test(visits: Visits, holds: _Holdings, cycle: _Cycle) -> Test | None:
    """One-sided Fisher test of the journeys that go round against those that random orders show.

    Each journey goes round with a chance of its own; a binomial count with the mean chance spreads at least as much
    (Hoeffding, Ann. Math. Stat. 1956), so the test errs on the safe side.
    """
    able = int(holds.could(cycle.steps).sum())
    if able < visits.minimum_journeys:
        return None
    trials = able * (cycle.orders + 1)
    p_value = float(stats.hypergeom.sf(cycle.seen - 1, trials, cycle.seen + cycle.by_chance, able))
    return Test(
        NAME,
        cycle.steps,
        identity=visits.names(cycle.steps),
        p_value=min(1.0, max(p_value, SMALLEST)),
        describe=lambda: _describe(visits, holds, cycle),
    )


def _describe(visits: Visits, holds: _Holdings, cycle: _Cycle) -> Evidence:
    could = holds.could(cycle.steps)
    begin = _begin(visits, cycle.steps)
    round_ = np.zeros(visits.table.n_paths, dtype=bool)
    round_[visits.path[begin]] = True
    way = _commonest_way(visits, cycle.steps, begin)
    able, chance = int(could.sum()), cycle.by_chance / cycle.orders
    effect = share_difference(cycle.seen, able, cycle.by_chance, able * cycle.orders)
    closed_round = visits.closed & round_
    rotations = [list(way[turn:] + way[: turn + 1]) for turn in range(len(way))]
    parameters = {"ways": rotations, "steps": list(way)}
    return Evidence(
        sentence=f"{cycle.seen} of {able} journeys ({percent(cycle.seen / able)}) go {' → '.join(way + way[:1])}; "
        f"in a random order of the same steps {percent(chance / able)} would.",
        subject=" → ".join(way + way[:1]),
        affected=round_,
        denominator=could,
        visits=begin,
        observed=cycle.seen / able,
        expected=chance / able,
        effect=effect,
        effect_unit="share of the journeys that hold these steps",
        lost_conversions=_lost_conversions(visits, round_, could, effect.times(able)),
        counts={"lost": int((closed_round & (visits.table.outcomes == LOST)).sum()), "closed": int(closed_round.sum())},
        statement=Statement("gaps/loop", parameters),
    )


def _begin(visits: Visits, cycle: tuple[int, ...]) -> Integers:
    """First visit of each time that a journey goes round, from any of the steps on."""
    length, steps = len(cycle), visits.steps
    found: list[Integers] = []
    for turn in range(length):
        way = cycle[turn:] + cycle[: turn + 1]
        hits = np.flatnonzero(
            np.logical_and.reduce([steps[i : len(steps) - length + i] == way[i] for i in range(length + 1)])
        )
        found.append(hits[visits.path[hits] == visits.path[hits + length]])
    return np.sort(np.concatenate(found))


def _commonest_way(visits: Visits, cycle: tuple[int, ...], begin: Integers) -> tuple[str, ...]:
    """The cycle's steps from the one that it is most often entered at: a journey's first visit to it."""
    path = visits.path[begin]
    first = begin[np.diff(path, prepend=-1) != 0]
    entered = [int((visits.steps[first] == step).sum()) for step in cycle]
    turn = int(np.argmax(entered))
    return visits.names(cycle[turn:] + cycle[:turn])


def _lost_conversions(visits: Visits, round_: Mask, could: Mask, excess: Estimate) -> Estimate:
    """Conversions lost by the excess, at the difference to journeys as long that did not go round; or none."""
    goal_at_end = visits.is_goal[visits.steps[visits.table.offsets[1:] - 1]]
    bucket = np.searchsorted(DEPTHS, visits.table.lengths - goal_at_end)
    lost = visits.table.outcomes == LOST

    def count(kept: Mask) -> Integers:
        return np.bincount(bucket[kept & could & visits.closed], minlength=len(DEPTHS) + 1)

    difference = risk_difference(Strata(count(round_ & lost), count(round_), count(~round_ & lost), count(~round_)))
    return product(excess.at_least_zero(), difference).at_least_zero()


KIND = Kind(
    name=NAME,
    title="Journeys go in circles",
    expected_against="a random order of the same steps",
    queries=("gaps/loop",),
    tests=tests,
)
