"""Who stops, what they do instead, and funnels by group, against plain Python."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import UsageError
from journeygraph.funnels import dropped, funnel
from journeygraph.funnels.question import Mode
from journeygraph.journeys.filters import Selection
from journeygraph.journeys.table import OUTCOMES, JourneyTable
from tests.unit.funnels.test_funnel import WINDOWS, by_the_book, table_of, with_vocabulary
from tests.unit.paths.tables import SECOND, paths_of, tables

ASKED = st.sampled_from([["a", "b"], ["a", "b|c", "a"], ["b", "a", "c"]])


def positions(steps: list[str], times: list[int], asked: list[str], window: float | None) -> list[int]:
    """The best chain's touchpoints, by the loop of the funnel's test, over instants that are unique."""
    numbered = [time * 1_000 + k for k, time in enumerate(times)]
    wide = None if window is None else window * 1_000 + 999 / SECOND
    return [at % 1_000 for at in by_the_book(steps, numbered, asked, wide)]


@given(tables(max_paths=6), ASKED, WINDOWS)
def test_who_stops_and_what_they_do_next(table: JourneyTable, asked: list[str], window: float | None) -> None:
    table = with_vocabulary(table)
    answer = dropped(table, asked, window_seconds=window, listed=True)
    stopped: dict[int, Counter[str]] = {k: Counter() for k in range(1, len(asked))}
    ended: dict[int, Counter[str]] = {k: Counter() for k in range(1, len(asked))}
    listed = []
    for path, (who, steps, times) in enumerate(paths_of(table)):
        chain = positions(steps, times, asked, window)
        if 0 < len(chain) < len(asked):
            following = [*steps, "(end)"][chain[-1] + 1]
            stopped[len(chain)][following] += 1
            ended[len(chain)][OUTCOMES[table.outcomes[path]].value] += 1
            listed.append((who, table.ids[path], len(chain), following))
    for step in answer.steps:
        assert {row.step: row.count for row in step.instead} == stopped[step.reached]
        assert step.count == sum(stopped[step.reached].values())
        assert Counter(lost=step.lost, converted=step.converted, open=step.open) == ended[step.reached]
    assert [(row.customer_id, row.path_id, row.reached, row.next_step) for row in answer.paths] == sorted(listed)


@given(tables(max_paths=8), st.sampled_from(["ordered", "strict", "unordered"]), st.booleans())
def test_those_who_stop_are_those_whom_the_funnel_loses(table: JourneyTable, mode: Mode, excluding: bool) -> None:
    table = with_vocabulary(table)
    exclude = ["d"] if excluding else []
    counts = [step.count for step in funnel(table, ["a", "b", "c"], mode=mode, exclude=exclude).steps]
    stopped = [step.count for step in dropped(table, ["a", "b", "c"], mode=mode, exclude=exclude).steps]
    assert stopped == [counts[0] - counts[1], counts[1] - counts[2]]


@given(tables(max_paths=8), st.data(), st.sampled_from(["ordered", "strict", "unordered"]))
def test_groups_are_funnels_of_their_members_and_add_up(table: JourneyTable, data: st.DataObject, mode: Mode) -> None:
    codes = np.array(data.draw(st.lists(st.integers(-1, 1), min_size=table.n_paths, max_size=table.n_paths)), np.int32)
    grouped = replace(with_vocabulary(table), selection=Selection(by="p_x"), groups=["one", "two"], group_codes=codes)
    answer = funnel(grouped, ["a", "b"], mode=mode)
    assert answer.breakdown is not None
    for group in answer.breakdown.groups:
        code = -1 if group.group is None else ["one", "two"].index(group.group)
        alone = funnel(grouped.select(codes == code), ["a", "b"], mode=mode)
        assert group.steps == alone.steps
        assert group.population == alone.population
    for k, step in enumerate(answer.steps):
        assert sum(group.steps[k].count for group in answer.breakdown.groups) == step.count


def test_a_group_that_converts_less_is_found() -> None:
    table = table_of(*(["ab"] * 40 + ["ac"] * 40))
    codes = np.repeat([0, 1], 40).astype(np.int32)
    grouped = replace(table, selection=Selection(by="channel"), groups=["app", "web"], group_codes=codes)
    breakdown = funnel(grouped, ["a", "b"]).breakdown
    assert breakdown is not None
    assert breakdown.by == "channel"
    for group in breakdown.groups:
        assert group.q_value is not None
        assert group.q_value < 1e-9


def test_a_funnel_has_no_such_step_to_stop_after() -> None:
    with pytest.raises(UsageError, match="after 1 to 1 of these 2 steps, not after 2"):
        dropped(table_of("ab"), ["a", "b"], reached=2)
