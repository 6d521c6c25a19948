"""Variants, step matrices, transition matrices, waits and the steps' roles against counting in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from statistics import median

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import UsageError
from journeygraph.journeys.table import OUTCOMES, JourneyTable
from journeygraph.paths import step_matrix, step_structure, transition_matrix, variants, waits
from journeygraph.paths.transition_matrix import Normalise
from tests.unit.funnels.test_funnel import table_of, with_vocabulary
from tests.unit.paths.tables import STEPS, paths_of, tables


@given(tables(max_length=4), st.integers(1, 4))
def test_variants(table: JourneyTable, top: int) -> None:
    members: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for path, (_, steps, _) in enumerate(paths_of(table)):
        members[tuple(steps)].append(path)
    ranked = sorted(members, key=lambda steps: (-len(members[steps]), steps))
    expected = [(list(steps), members[steps], 1) for steps in ranked[:top]]
    rest = [path for steps in ranked[top:] for path in members[steps]]
    expected += [(["(other)"], rest, len(ranked) - top)] if rest else []
    answer = variants(table, top=top)
    assert answer.distinct == len(members)
    assert [(row.steps, row.journeys, row.variants) for row in answer.variants] == [
        (steps, len(paths), distinct) for steps, paths, distinct in expected
    ]
    for row, (_, paths, _) in zip(answer.variants, expected, strict=True):
        outcomes = Counter(OUTCOMES[table.outcomes[path]].value for path in paths)
        assert (row.converted, row.lost, row.open) == (outcomes["converted"], outcomes["lost"], outcomes["open"])
        assert row.customers == len({int(table.customers[path]) for path in paths})
        assert row.value == sum(table.values[path] for path in paths)
        times = [paths_of(table)[path][2] for path in paths]
        assert row.median_seconds == median((own[-1] - own[0]) / 1e6 for own in times)
    assert sum(row.share for row in answer.variants) == pytest.approx(1 if table.n_paths else 0)


@given(tables(), st.integers(1, 8), st.sampled_from([1, 2, None]))
def test_step_matrix(table: JourneyTable, positions: int, top: int | None) -> None:
    counted: Counter[tuple[str, int]] = Counter()
    for _, steps, _ in paths_of(table):
        for k in range(positions):
            counted[steps[k] if k < len(steps) else "(end)", k] += 1
    answer = step_matrix(table, positions=positions, top=top)
    named = {row.step for row in answer.rows} - {"(other)"}
    for row in answer.rows:
        for k in range(positions):
            if row.step == "(other)":
                expected = sum(n for (step, at), n in counted.items() if at == k and step not in {*named, "(end)"})
            else:
                expected = counted[row.step, k]
            assert row.counts[k] == expected
    for k in range(positions) if table.n_paths else []:
        assert sum(row.shares[k] for row in answer.rows) == pytest.approx(1)


@given(tables(), st.sampled_from(["row", "column", "total"]))
def test_transition_matrix(table: JourneyTable, normalise: Normalise) -> None:
    counted = Counter(edge for _, steps, _ in paths_of(table) for edge in pairwise(["(start)", *steps, "(end)"]))
    answer = transition_matrix(table, normalise=normalise)
    assert {(cell.source, cell.target): cell.count for cell in answer.cells} == counted
    sums: Counter[str] = Counter()
    for cell in answer.cells:
        line = {"row": cell.source, "column": cell.target, "total": ""}[normalise]
        whole = sum(n for (a, b), n in counted.items() if line == {"row": a, "column": b, "total": ""}[normalise])
        assert cell.share == cell.count / whole
        sums[line] += cell.share  # type: ignore[assignment]
    assert all(total == pytest.approx(1) for total in sums.values())


@given(tables(), st.sampled_from(STEPS), st.sampled_from(STEPS), st.booleans())
def test_waits(table: JourneyTable, source: str, target: str, eventually: bool) -> None:
    seconds, paths = [], set()
    for path, (_, steps, times) in enumerate(paths_of(table)):
        starts = [k for k, step in enumerate(steps) if step == source]
        for k in starts[:1] if eventually else starts:
            ends = [n for n in range(k + 1, len(steps)) if steps[n] == target and (eventually or n == k + 1)]
            if ends:
                seconds.append((times[ends[0]] - times[k]) / 1e6)
                paths.add(path)
    answer = waits(with_vocabulary(table), source, target, eventually=eventually)
    assert (answer.count, answer.journeys) == (len(seconds), len(paths))
    assert answer.median_seconds == (median(seconds) if seconds else None)
    for row in answer.distribution:
        inside = [s for s in seconds if row.since_seconds <= s and (row.until_seconds is None or s < row.until_seconds)]
        assert row.count == len(inside)


@given(tables())
def test_roles_of_steps(table: JourneyTable) -> None:
    paths = [steps for _, steps, _ in paths_of(table)]
    answer = step_structure(table)
    graph = nx.Graph([edge for steps in paths for edge in pairwise(steps) if edge[0] != edge[1]])
    graph.add_nodes_from(step for steps in paths for step in steps)
    pieces = nx.number_connected_components(graph)
    assert {row.step for row in answer.steps} == set(graph)
    for row in answer.steps:
        assert row.entries == sum(steps[0] == row.step for steps in paths)
        assert row.exits == sum(steps[-1] == row.step for steps in paths) == row.converted + row.lost + row.open
        without = nx.number_connected_components(graph.subgraph(set(graph) - {row.step})) if len(graph) > 1 else 0
        assert row.articulation == (without > pieces)


def test_communities_of_two_worlds() -> None:
    answer = step_structure(table_of(*(["abab"] * 5 + ["cdcd"] * 5 + ["bc"])))
    community = {row.step: row.community for row in answer.steps}
    assert community["a"] == community["b"] != community["c"] == community["d"]
    assert answer.modularity is not None
    assert answer.modularity > 0.3


def test_refusals_are_sentences() -> None:
    with pytest.raises(UsageError, match="At least one variant"):
        variants(table_of("ab"), top=0)
    with pytest.raises(UsageError, match="at least one position"):
        step_matrix(table_of("ab"), positions=0)
    with pytest.raises(UsageError, match="row, column or total"):
        transition_matrix(table_of("ab"), normalise="rows")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no step 'q'"):
        waits(table_of("ab"), "a", "q")
