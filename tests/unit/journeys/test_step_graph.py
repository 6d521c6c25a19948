"""The step graph's figures against a plain count, and its conservation law."""

from __future__ import annotations

import statistics

from hypothesis import given
from hypothesis import strategies as st

from journeygraph.journeys.step_graph import Tallies, Tally, describe_steps, tally, transitions
from journeygraph.journeys.table import JourneyTable
from journeygraph.schema import END, START

journeys = st.lists(
    st.tuples(
        st.sampled_from("xyz"), st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50)), min_size=1, max_size=8)
    ),
    max_size=12,
)


def table_of(paths: list[tuple[str, list[tuple[str, int]]]]) -> JourneyTable:
    return JourneyTable.from_rows(
        {
            "id": f"j{number}",
            "customer_id": who,
            "outcome": "lost",
            "value": None,
            "steps": [step for step, _ in path],
            "channels": ["web" for _ in path],
            "occurred_at_us": sorted(at * 1_000_000 for _, at in path),
        }
        for number, (who, path) in enumerate(paths)
    )


@given(journeys)
def test_figures_are_those_of_a_plain_count(paths: list[tuple[str, list[tuple[str, int]]]]) -> None:
    seen: dict[tuple[str, str], list[tuple[int, str, float | None, bool]]] = {}
    for number, (who, path) in enumerate(paths):
        times = sorted(at for _, at in path)
        steps = [START, *(step for step, _ in path), END]
        for k in range(len(steps) - 1):
            wait = float(times[k] - times[k - 1]) if 0 < k < len(times) else None
            ends = k >= len(times) - 1
            seen.setdefault((steps[k], steps[k + 1]), []).append((number, who, wait, ends))
    found = {row[:2]: row[2:] for row in transitions(tally(table_of(paths)))}
    assert found.keys() == seen.keys()
    for pair, uses in seen.items():
        waits = [wait for _, _, wait, _ in uses if wait is not None]
        count, n_journeys, n_customers, median, _, exits = found[pair]
        assert (count, n_journeys, n_customers) == (len(uses), len({u[0] for u in uses}), len({u[1] for u in uses}))
        assert exits == sum(u[3] for u in uses)
        assert median == (statistics.median(waits) if waits else None)


@given(journeys)
def test_inflow_is_outflow(paths: list[tuple[str, list[tuple[str, int]]]]) -> None:
    flow: dict[str, int] = {}
    for source, target, count, *_ in transitions(tally(table_of(paths))):
        flow[source] = flow.get(source, 0) - count
        flow[target] = flow.get(target, 0) + count
    assert flow.pop(START, 0) == -len(paths)
    assert flow.pop(END, 0) == len(paths)
    assert not any(flow.values())


def test_equally_common_channels_go_by_name() -> None:
    rows = [
        {"step": "buy", "channel": channel, "stage": stage, "touchpoints": 2}
        for channel, stage in (("web", None), ("app", None))
    ]
    assert describe_steps(rows, ["buy"])[0] == {"name": "buy", "stage": "purchase", "channel": "app", "goal": True}


@given(journeys)
def test_tallies_of_different_customers_add_up(paths: list[tuple[str, list[tuple[str, int]]]]) -> None:
    whole = tally(table_of(paths))
    added: Tallies = {}
    for who in "xyz":
        for pair, part in tally(table_of([path for path in paths if path[0] == who])).items():
            added.setdefault(pair, Tally()).add(part)
    assert transitions(added) == transitions(whole)
