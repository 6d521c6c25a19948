"""No observed path leads from an entry to a step, or from a step to a goal; or a single step is all that joins them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import networkx as nx
import numpy as np

from journeygraph.gaps import group_search
from journeygraph.gaps.clustered import Rows
from journeygraph.gaps.kind import Evidence, Kind, Statement, Test, mask, percent
from journeygraph.gaps.trials import Members, Trials, Wording, all_lost, no_loss
from journeygraph.gaps.visits import DEPTHS, Integers, Mask, Visits, first_of_each
from journeygraph.journeys.table import CONVERTED

NAME = "unreachable"
_ENTRY, _GOAL = -1, -2
#: A step that most comparable conversions pass anyway is the way the shop is built, not a bottleneck of one step.
_MOSTLY = 0.5
#: What is looked at for each step: paths from an entry, paths to a goal, ways past a single step.
_LOOKS = 3


@dataclass(frozen=True)
class _Firsts:
    """The first visit of each closed journey to each step (M rows), goals aside, and the step graph."""

    visits: Visits
    row: Integers  # M: the visit
    graph: nx.DiGraph[int]

    @property
    def path(self) -> Integers:
        """Journey of each row."""
        return self.visits.path[self.row]

    def against_others(self, step: int, event: Mask, kept: Mask) -> Rows:
        """Events (M) among the kept rows of a step, against those of the other steps in the stratum.

        A journey visits several steps and has one outcome, so its rows, and those of its customer, are one cluster.
        """
        stage = self.visits.stage_of
        rows = np.flatnonzero(kept & (stage[self.visits.steps[self.row]] == stage[step]))
        visit = self.row[rows]
        customer = self.visits.table.customers[self.visits.path[visit]].astype(np.int64)
        return Rows(event[rows], self.visits.steps[visit] == step, self.visits.stratum[visit], customer)


def tests(visits: Visits) -> list[Test]:
    """One test for every step that enough closed journeys visited: the least likely of what is amiss with its paths.

    Three things are looked at: paths from an entry, paths to a goal, ways to a goal past each single other step.  Where
    the step graph does show a path the p-value is 1, else three times (Bonferroni) the chance to have seen none.  Then
    in groups: the first two, each by itself.
    """
    firsts = _Firsts(visits, _first_visits(visits), step_graph(visits))
    steps, journeys = np.unique(visits.steps[firsts.row], return_counts=True)
    reached = _reached(firsts.graph)
    leading, cuts = _ways_to_goal(firsts.graph)
    result: list[Test] = []
    for step in steps[journeys >= visits.minimum_journeys].tolist():
        found = [_Path("none", (step,), 1.0, None)]
        if step not in reached:
            found.append(_from_entry(firsts, step))
        if leading and step not in leading:
            found.append(_to_goal(firsts, step))
        if (cut := cuts.get(step, _GOAL)) != _GOAL and not visits.is_goal[cut]:
            found.append(_past_one(firsts, step, cut))
        result.append(_test(visits, min(found, key=lambda path: path.p_value)))
    return result + group_search.tests(visits, _searched(firsts, steps[journeys >= visits.minimum_journeys].tolist()))


@dataclass(frozen=True)
class _Way:
    """A path that a step may lack: the event of not having come along it, and the steps that the graph shows it for."""

    what: str
    did: str
    event: Mask  # of all first visits (M)
    known: Callable[[nx.DiGraph[int]], set[int]]
    parameters: dict[str, object]


def _searched(firsts: _Firsts, steps: Sequence[int]) -> Iterator[Trials]:
    """First visits to a step: who did not convert, and who did not begin at an entry."""

    @lru_cache(maxsize=1)
    def graph(members: Members) -> nx.DiGraph[int]:
        return step_graph(firsts.visits, members)

    def lacking(step: int, way: _Way, members: Members) -> float:
        """The chance to have seen no path among some visits; 1 where there is one."""
        if step in way.known(graph(members)):
            return 1.0
        return firsts.against_others(step, way.event, members(firsts.row)).excess_p()

    entries, elsewhere = _entries(firsts)
    not_converted = firsts.visits.table.outcomes[firsts.path] != CONVERTED
    ways = (
        _Way("to_goal", "that visited {} did not convert", not_converted, lambda graph: _ways_to_goal(graph)[0], {}),
        _Way("from_entry", "that visited {} began at no usual first step", elsewhere, _reached, {"entries": entries}),
    )
    return (_trials(firsts, step, way, partial(lacking, step, way)) for way in ways for step in steps)


def _trials(firsts: _Firsts, step: int, way: _Way, own: Callable[[Members], float]) -> Trials:
    visits, name = firsts.visits, firsts.visits.table.steps[step]
    here = np.flatnonzero(visits.steps[firsts.row] == step)
    return Trials(
        NAME,
        (step,),
        identity=(way.what, name),
        row=firsts.row[here],
        event=way.event[here],
        stratum=visits.bucket[firsts.row[here]],
        own=own,
        wording=Wording(
            subject=name,
            did=way.did.format(name),
            parameters={"steps": [name], **way.parameters},
            strata={"depths": list(DEPTHS)},
            suffix=f"_{way.what}",
            lost=all_lost if way.what == "to_goal" else no_loss,
        ),
    )


def _reached(graph: nx.DiGraph[int]) -> set[int]:
    """Steps with a path from an entry; without any entry all of them."""
    return nx.descendants(graph, _ENTRY) if _ENTRY in graph else set(graph)


def _ways_to_goal(graph: nx.DiGraph[int]) -> tuple[set[int], dict[int, int]]:
    """Steps with a path to a goal, and for each the last single step before it that all its ways share."""
    if _GOAL not in graph:
        return set(), {}
    return nx.ancestors(graph, _GOAL), nx.immediate_dominators(graph.reverse(copy=False), _GOAL)


@dataclass(frozen=True)
class _Path:
    """One thing that is amiss with the paths of a step, and the chance of it."""

    what: str
    steps: tuple[int, ...]
    p_value: float
    describe: Callable[[], Evidence] | None


def _test(visits: Visits, path: _Path) -> Test:
    def describe() -> Evidence:
        assert path.describe is not None, "a step with all its paths is no finding"  # noqa: S101
        return path.describe()

    identity = (path.what, *visits.names(path.steps))
    return Test(NAME, path.steps, identity, min(1.0, _LOOKS * path.p_value), describe)


def step_graph(visits: Visits, members: Members | None = None) -> nx.DiGraph[int]:
    """Observed transitions between step codes, with an entry and a goal; or those from or to some visits.

    An entry is a step that at least the minimum number of journeys start with; a journey leads from a goal nowhere.
    """
    graph: nx.DiGraph[int] = nx.DiGraph()
    follows = np.flatnonzero(visits.previous >= 0)
    if members is not None:
        follows = follows[members(follows) | members(follows - 1)]
    pairs = np.unique(visits.previous[follows] * len(visits.table.steps) + visits.steps[follows])
    graph.add_edges_from(divmod(pair, len(visits.table.steps)) for pair in pairs.tolist())
    starts = np.bincount(visits.steps[visits.table.offsets[:-1]], minlength=len(visits.table.steps))
    graph.add_edges_from((_ENTRY, int(step)) for step in np.flatnonzero(starts >= visits.minimum_journeys))
    graph.add_edges_from((int(step), _GOAL) for step in np.flatnonzero(visits.is_goal))
    return graph


def _first_visits(visits: Visits) -> Integers:
    rows = np.flatnonzero(visits.closed[visits.path] & ~visits.is_goal[visits.steps])
    return rows[first_of_each(visits.path[rows], visits.steps[rows])]


def _to_goal(firsts: _Firsts, step: int) -> _Path:
    """Given the conversions at its stage and depth, the chance that none of a step's journeys converted."""
    not_converted = firsts.visits.table.outcomes[firsts.path] != CONVERTED
    rows = firsts.against_others(step, not_converted, np.ones_like(not_converted))
    return _Path("to_goal", (step,), rows.excess_p(), partial(_describe_to_goal, firsts, step, rows))


def _describe_to_goal(firsts: _Firsts, step: int, compared: Rows) -> Evidence:
    visits = firsts.visits
    rows = firsts.row[visits.steps[firsts.row] == step]
    visited = mask(visits.table.n_paths, visits.path[rows])
    effect, n = compared.difference(), len(rows)
    name = visits.table.steps[step]
    return Evidence(
        sentence=f"No path leads from {name} to a goal: none of {n} journeys converted, "
        f"{percent(effect.value)} would have at the same stage and depth.",
        subject=name,
        affected=visited,
        denominator=visited,
        visits=rows,
        observed=1.0,
        expected=1.0 - effect.value,
        effect=effect,
        effect_unit="share of the closed journeys that visited it",
        lost_conversions=effect.times(n),
        counts={"converted": 0},
        statement=Statement("gaps/unreachable_goal", {"steps": [name]}),
        inputs=_inputs(visits, step, []),
    )


def _from_entry(firsts: _Firsts, step: int) -> _Path:
    """Given how the journeys at its stage and depth began, the chance that none of a step's began at an entry."""
    names, elsewhere = _entries(firsts)
    rows = firsts.against_others(step, elsewhere, np.ones_like(elsewhere))
    describe = partial(_describe_from_entry, firsts, step, rows, names)
    return _Path("from_entry", (step,), rows.excess_p(), describe)


def _entries(firsts: _Firsts) -> tuple[list[str], Mask]:
    """The entries, and for each first visit (M) whether its journey did not begin at one."""
    visits = firsts.visits
    entries = np.zeros(len(visits.table.steps), dtype=bool)
    entries[list(firsts.graph.successors(_ENTRY)) if _ENTRY in firsts.graph else []] = True
    elsewhere = ~entries[visits.steps[visits.table.offsets[:-1]]][firsts.path]
    return sorted(visits.names(np.flatnonzero(entries).tolist())), elsewhere


def _describe_from_entry(firsts: _Firsts, step: int, compared: Rows, entries: list[str]) -> Evidence:
    visits = firsts.visits
    rows = firsts.row[visits.steps[firsts.row] == step]
    visited = mask(visits.table.n_paths, visits.path[rows])
    effect, name = compared.difference(), visits.table.steps[step]
    return Evidence(
        sentence=f"No path leads from an entry to {name}: none of its {len(rows)} journeys began at one of the "
        f"{len(entries)} usual first steps, {percent(effect.value)} would have at the same stage and depth.",
        subject=name,
        affected=visited,
        denominator=visited,
        visits=rows,
        observed=1.0,
        expected=1.0 - effect.value,
        effect=effect,
        effect_unit="share of the closed journeys that visited it",
        lost_conversions=None,
        counts={"from_entry": 0},
        statement=Statement("gaps/unreachable_entry", {"steps": [name], "entries": entries}),
    )


def _past_one(firsts: _Firsts, step: int, cut: int) -> _Path:
    """Given the conversions at its stage and depth, the chance that all of a step's passed one other step."""
    rows = _passing(firsts, step, cut)
    usual = 1.0 - rows.difference().value
    p_value = 1.0 if usual > _MOSTLY else rows.excess_p()
    return _Path("single_cut", (step, cut), p_value, partial(_describe_past_one, firsts, step, cut, rows))


def _passing(firsts: _Firsts, step: int, cut: int) -> Rows:
    """Of the conversions after the first visit to a step: those that passed `cut` afterwards."""
    visits = firsts.visits
    last_cut = np.full(visits.table.n_paths, -1, dtype=np.int64)
    there = np.flatnonzero(visits.steps == cut)
    last_cut[visits.path[there]] = there  # rising, so the last one stays
    passes = last_cut[firsts.path] > firsts.row
    converted = visits.table.outcomes[firsts.path] == CONVERTED
    return firsts.against_others(step, passes, converted & (visits.steps[firsts.row] != cut))


def _describe_past_one(firsts: _Firsts, step: int, cut: int, compared: Rows) -> Evidence:
    visits = firsts.visits
    rows = firsts.row[(visits.steps[firsts.row] == step) & (visits.table.outcomes[firsts.path] == CONVERTED)]
    all_rows = firsts.row[visits.steps[firsts.row] == step]
    converted = mask(visits.table.n_paths, visits.path[rows])
    effect = compared.difference()
    name, through = visits.names((step, cut))
    return Evidence(
        sentence=f"From {name} every way to a goal leads through {through}: all {len(rows)} conversions passed it, "
        f"{percent(1 - effect.value)} would have at the same stage and depth.",
        subject=f"{name} → {through}",
        affected=converted,
        denominator=converted,
        visits=all_rows,
        observed=1.0,
        expected=1.0 - effect.value,
        effect=effect,
        effect_unit="share of the conversions that visited it",
        lost_conversions=None,  # a bottleneck is a risk: it costs something once it fails
        counts={"visited": len(all_rows)},
        statement=Statement("gaps/unreachable_cut", {"steps": [name, through]}),
        inputs=_inputs(visits, step, [through]),
    )


def _inputs(visits: Visits, step: int, through: list[str]) -> Statement:
    return Statement(
        "gaps/unreachable_strata",
        {
            "steps": [visits.table.steps[step], *through],
            "same_stage": visits.same_stage(step),
            "depths": list(DEPTHS),
        },
    )


def once(visits: Visits, significant: Sequence[Test]) -> list[Test]:
    """A step that joins several others to the goals is told once: for the step that most journeys visited."""
    result: list[Test] = []
    best: dict[int, tuple[int, Test]] = {}
    for test in significant:
        if test.identity[0] != "single_cut":
            result.append(test)
            continue
        visited = int((visits.steps == test.steps[0]).sum())
        if test.steps[1] not in best or visited > best[test.steps[1]][0]:
            best[test.steps[1]] = (visited, test)
    return result + [test for _, test in best.values()]


KIND = Kind(
    name=NAME,
    title="No way through",
    expected_against="the step graph, and how often journeys at the same stage and depth get there",
    queries=(
        "gaps/unreachable_entry",
        "gaps/unreachable_goal",
        "gaps/unreachable_cut",
        "gaps/unreachable_strata",
        "gaps/unreachable_in_group_to_goal",
        "gaps/unreachable_in_group_from_entry",
        "gaps/unreachable_in_group_strata_to_goal",
        "gaps/unreachable_in_group_strata_from_entry",
    ),
    tests=tests,
    once=once,
)
