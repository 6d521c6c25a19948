"""Journeys go round a cycle of two or three steps more than a random order of the same steps would."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from journeygraph.gaps import group_search
from journeygraph.gaps.kind import Evidence, Kind, Statement, Test, percent
from journeygraph.gaps.trials import Members, Trials, Wording
from journeygraph.gaps.visits import DEPTHS, Integers, Mask, Visits, ordered
from journeygraph.journeys.table import LOST
from journeygraph.statistics import SMALLEST, Estimate, Strata, product, risk_difference, share_difference

NAME = "loop"
LENGTHS: Final = (2, 3)
#: Cycles tested at most for each length: those that chance alone shows most often.
MOST_TESTED = 300
#: Of these, cycles looked at within groups.
MOST_IN_GROUPS = 50
_SEED = 20_240_229
#: Random orders drawn: many for small tables, where they are cheap and the chance counts are small.
_TOUCHPOINTS_DRAWN = 6_000_000
_FEWEST_ORDERS, _MOST_ORDERS = 20, 100


@dataclass(frozen=True)
class _Cycle:
    """A cycle from its smallest code on, and the journeys it was seen in, in truth and over `orders` random orders."""

    steps: tuple[int, ...]
    number: int
    seen: int
    by_chance: int
    orders: int


def tests(visits: Visits) -> list[Test]:
    """A test for every cycle that chance alone would show in at least one journey, `MOST_TESTED` of a length.

    Then in groups.
    """
    if not visits.table.n_touchpoints:
        return []
    orders = min(max(_TOUCHPOINTS_DRAWN // visits.table.n_touchpoints, _FEWEST_ORDERS), _MOST_ORDERS)
    shuffled = _Shuffler(visits)
    drawn: dict[int, list[Integers]] = {length: [] for length in LENGTHS}
    for _ in range(orders):
        steps = shuffled.draw()
        for length in LENGTHS:
            drawn[length].append(_cycles(visits, steps, length))
    holds = _Holdings(visits)
    result: list[Test] = []
    searched: list[Iterator[Trials]] = []
    for length in LENGTHS:
        by_chance = _Drawn(visits, np.concatenate(drawn[length]))
        every = _candidates(visits, holds, length, by_chance, orders)
        able = {cycle: int(holds.could(cycle.steps).sum()) for cycle in every}
        tested = [cycle for cycle in every if able[cycle] >= visits.minimum_journeys]
        own = {cycle: partial(_own, visits, holds, by_chance, cycle) for cycle in tested}
        seen, chance = [cycle.seen for cycle in tested], [cycle.by_chance for cycle in tested]
        p_values = _excess_p([able[cycle] for cycle in tested], seen, chance, orders)
        result += [_test(visits, holds, cycle, p, own[cycle]) for cycle, p in zip(tested, p_values, strict=True)]
        searched.append(map(partial(_trials, visits, holds, own), tested[:MOST_IN_GROUPS]))
    return result + group_search.tests(visits, chain(*searched))


class _Drawn:
    """Journeys that go round a cycle in random orders: sorted, one entry for each order, cycle and journey."""

    def __init__(self, visits: Visits, keys: Integers) -> None:
        self._n_paths = visits.table.n_paths
        self._keys = np.sort(keys)

    def numbers(self) -> tuple[Integers, Integers]:
        """The cycles, and how many entries each has."""
        numbers = self._keys // self._n_paths
        first = np.flatnonzero(np.diff(numbers, prepend=-1))
        return numbers[first], np.diff(first, append=len(numbers))

    def paths(self, number: int) -> Integers:
        """Journeys of a cycle, once for each order."""
        low, high = np.searchsorted(self._keys, [number * self._n_paths, (number + 1) * self._n_paths])
        return np.asarray(self._keys[low:high] % self._n_paths)


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

    def draw(self) -> NDArray[np.uint16]:
        """Step codes in a random order (N): sorting (run, random number, code) shuffles all runs at once."""
        numbers = self._random.integers(0, 1 << 24, size=len(self._codes), dtype=np.uint64)
        mixed = np.sort(self._keys | (numbers << np.uint64(16)) | self._codes)
        return mixed.astype(np.uint16)  # the lowest bits


def _cycles(visits: Visits, steps: NDArray[np.uint16], length: int) -> Integers:
    """Which journey goes round which cycle, as cycle number x P + journey, each once, sorted."""
    begin, number = _rounds(visits, steps, length)
    keys = np.sort(number * visits.table.n_paths + visits.path[begin])
    return np.asarray(keys[np.diff(keys, prepend=-1) != 0])


def _rounds(visits: Visits, steps: NDArray[np.uint16], length: int) -> tuple[Integers, Integers]:
    """First visit of each time that a journey goes round a cycle, and the number of the cycle."""
    begin = np.flatnonzero((steps[:-length] == steps[length:]) & _together(visits, length))
    members = [steps[begin + offset].astype(np.int64) for offset in range(length)]
    distinct = np.logical_and.reduce([members[a] != members[b] for a in range(length) for b in range(a)])
    begin, members = begin[distinct], [member[distinct] for member in members]
    turn, size = np.argmin(members, axis=0), len(visits.table.steps)
    every = np.concatenate(members)
    number = np.zeros(len(begin), dtype=np.int64)
    for offset in range(length):
        number = number * size + every[(turn + offset) % length * len(begin) + np.arange(len(begin))]
    return begin, number


def _together(visits: Visits, length: int) -> Mask:
    """Whether a visit's journey goes on for `length` more touchpoints."""
    return np.asarray(visits.path[:-length] == visits.path[length:])


def _candidates(visits: Visits, holds: _Holdings, length: int, by_chance: _Drawn, orders: int) -> list[_Cycle]:
    """The cycles to test, chosen by what chance shows and not by what happened."""
    numbers, counts = by_chance.numbers()
    kept = np.flatnonzero(counts >= orders)
    kept = kept[np.argsort(-counts[kept], kind="stable")][:MOST_TESTED]
    seen_numbers, seen = np.unique(holds.cycles(length) // visits.table.n_paths, return_counts=True)
    truly = dict(zip(seen_numbers.tolist(), seen.tolist(), strict=True))
    return [
        _Cycle(
            _decode(int(numbers[row]), length, len(visits.table.steps)),
            int(numbers[row]),
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
    """How often each journey holds each step, and where it goes round; each is counted when first asked for."""

    def __init__(self, visits: Visits) -> None:
        self._visits = visits
        self._columns: dict[int, NDArray[np.int32]] = {}
        self._present: dict[int, Mask] = {}
        self._firsts: dict[int, Integers] = {}
        self._rounds: dict[int, tuple[Integers, Integers]] = {}

    def cycles(self, length: int) -> Integers:
        """Which journey goes round which cycle (see `_cycles`)."""
        return _cycles(self._visits, self._visits.steps.astype(np.uint16), length)

    def begin(self, cycle: _Cycle) -> Integers:
        """First visit of each time that a journey goes round, from any of the steps on."""
        length = len(cycle.steps)
        if length not in self._rounds:
            begin, number = _rounds(self._visits, self._visits.steps.astype(np.uint16), length)
            order = ordered(number)
            self._rounds[length] = begin[order], number[order]
        begin, number = self._rounds[length]
        return begin[slice(*np.searchsorted(number, [cycle.number, cycle.number + 1]))]

    def column(self, step: int) -> NDArray[np.int32]:
        """Occurrences of a step in each journey (P)."""
        if step not in self._columns:
            here = self._visits.path[self._visits.of_step(step)]
            self._columns[step] = np.bincount(here, minlength=self._visits.table.n_paths).astype(np.int32)
            self._present[step] = self._columns[step] > 0
        return self._columns[step]

    @functools.cached_property
    def length(self) -> Integers:
        """Bucket of the number of touchpoints of each journey, a goal at its end left out (P)."""
        visits = self._visits
        goal_at_end = visits.is_goal[visits.steps[visits.table.offsets[1:] - 1]]
        return np.searchsorted(DEPTHS, visits.table.lengths - goal_at_end).astype(np.int64)

    def could(self, steps: tuple[int, ...]) -> Mask:
        """Journeys that hold every step, and one of them twice: only these can go round (P)."""
        often = self.together(steps) > len(steps)
        for step in steps:
            often &= self._present[step]
        return often

    def together(self, steps: tuple[int, ...]) -> NDArray[np.int32]:
        """Occurrences of these steps in each journey (P)."""
        return functools.reduce(np.add, [self.column(step) for step in steps])

    def first(self, steps: tuple[int, ...]) -> Integers:
        """First visit of each journey to any of these steps, the number of visits where there is none (P)."""
        return functools.reduce(np.minimum, [self._first_of(step) for step in steps])

    def _first_of(self, step: int) -> Integers:
        if step not in self._firsts:
            here = self._visits.of_step(step)[::-1]
            self._firsts[step] = np.full(self._visits.table.n_paths, self._visits.table.n_touchpoints)
            self._firsts[step][self._visits.path[here]] = here  # falling, so the first one stays
        return self._firsts[step]


def _test(visits: Visits, holds: _Holdings, cycle: _Cycle, p_value: float, own: Callable[[Members], float]) -> Test:
    return Test(
        NAME,
        cycle.steps,
        identity=visits.names(cycle.steps),
        p_value=p_value,
        describe=lambda: _describe(visits, holds, cycle),
        without=lambda left_out: own(Members.without(left_out)),
    )


def _excess_p(able: Sequence[int], seen: Sequence[int], by_chance: Sequence[int], orders: int) -> list[float]:
    """One-sided Fisher tests of the journeys that go round against those that random orders show.

    Each journey goes round with a chance of its own; a binomial count with the mean chance spreads at least as much
    (Hoeffding, Ann. Math. Stat. 1956), so the test errs on the safe side.
    """
    n, k, chance = (np.array(column, dtype=np.int64) for column in (able, seen, by_chance))
    found: list[float] = np.clip(stats.hypergeom.sf(k - 1, n * (orders + 1), k + chance, n), SMALLEST, 1.0).tolist()
    return found


def _own(visits: Visits, holds: _Holdings, drawn: _Drawn, cycle: _Cycle, members: Members) -> float:
    """The same among the journeys whose first visit to the cycle is one of some visits, 1 where there are too few."""
    able = np.flatnonzero(holds.could(cycle.steps))
    inside = np.zeros(visits.table.n_paths, dtype=bool)
    inside[able[members(holds.first(cycle.steps)[able])]] = True
    if inside.sum() < visits.minimum_journeys:
        return 1.0
    seen = int(inside[_gone_round(visits, holds, cycle)].sum())
    return _excess_p([int(inside.sum())], [seen], [int(inside[drawn.paths(cycle.number)].sum())], cycle.orders)[0]


def _gone_round(visits: Visits, holds: _Holdings, cycle: _Cycle) -> Integers:
    """The journeys that go round a cycle, each once."""
    return np.unique(visits.path[holds.begin(cycle)])


def _trials(
    visits: Visits, holds: _Holdings, own: Mapping[_Cycle, Callable[[Members], float]], cycle: _Cycle
) -> Trials:
    """Of the journeys that could: who goes round, compared with those that hold as many of its steps."""
    able, way = np.flatnonzero(holds.could(cycle.steps)), visits.names(cycle.steps)
    round_ = np.zeros(visits.table.n_paths, dtype=bool)
    round_[_gone_round(visits, holds, cycle)] = True
    return Trials(
        NAME,
        cycle.steps,
        identity=way,
        row=holds.first(cycle.steps)[able],
        event=round_[able],
        stratum=np.searchsorted(DEPTHS, holds.together(cycle.steps)[able]).astype(np.int64),
        own=own[cycle],
        wording=Wording(
            subject=" → ".join(way + way[:1]),
            did=f"go {' → '.join(way + way[:1])}",
            alike="that hold these steps as often",
            parameters={"ways": [list(way[turn:] + way[: turn + 1]) for turn in range(len(way))], "steps": list(way)},
            strata={"depths": list(DEPTHS)},
            lost=lambda hit: _lost_conversions(visits, holds, hit.affected, hit.reached, hit.excess),
        ),
    )


def _describe(visits: Visits, holds: _Holdings, cycle: _Cycle) -> Evidence:
    could = holds.could(cycle.steps)
    begin = holds.begin(cycle)
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
        lost_conversions=_lost_conversions(visits, holds, round_, could, effect.times(able)),
        counts={"lost": int((closed_round & (visits.table.outcomes == LOST)).sum()), "closed": int(closed_round.sum())},
        statement=Statement("gaps/loop", parameters),
    )


def _commonest_way(visits: Visits, cycle: tuple[int, ...], begin: Integers) -> tuple[str, ...]:
    """The cycle's steps from the one that it is most often entered at: a journey's first visit to it."""
    path = visits.path[begin]
    first = begin[np.diff(path, prepend=-1) != 0]
    entered = [int((visits.steps[first] == step).sum()) for step in cycle]
    turn = int(np.argmax(entered))
    return visits.names(cycle[turn:] + cycle[:turn])


def _lost_conversions(visits: Visits, holds: _Holdings, round_: Mask, could: Mask, excess: Estimate) -> Estimate:
    """Conversions lost by the excess, at the difference to journeys as long that did not go round; or none."""
    bucket, lost = holds.length, visits.table.outcomes == LOST

    def count(kept: Mask) -> Integers:
        return np.bincount(bucket[kept & could & visits.closed], minlength=len(DEPTHS) + 1)

    difference = risk_difference(Strata(count(round_ & lost), count(round_), count(~round_ & lost), count(~round_)))
    return product(excess.at_least_zero(), difference).at_least_zero()


KIND = Kind(
    name=NAME,
    title="Journeys go in circles",
    expected_against="a random order of the same steps",
    queries=("gaps/loop", "gaps/loop_in_group", "gaps/loop_in_group_strata"),
    tests=tests,
)
