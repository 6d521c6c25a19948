"""The next step: counts by hand, the formula, waits, and that nothing later is learnt from."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.errors import NotFound, UsageError
from journeygraph.intent.next_steps import model as models
from journeygraph.intent.next_steps.contexts import Symbols, count
from journeygraph.intent.next_steps.evaluate import evaluate, known_at
from journeygraph.intent.next_steps.predict import LearntFrom, for_customer, for_session
from journeygraph.journeys.table import JourneyTable
from tests.unit.intent.test_patterns import journeys
from tests.unit.paths.tables import SECOND, STEPS, rows


def symbols_of(row: dict[str, Any]) -> list[str]:
    return ["(start)", *row["steps"], *([] if row["outcome"] == "open" else ["(end)"])]


@settings(max_examples=60)
@given(rows(), st.integers(0, 4))
def test_counts_and_waits_by_hand(log: list[dict[str, Any]], order: int) -> None:
    table = JourneyTable.from_rows(log)
    names = [*table.steps, "(end)", "(start)"]
    counted: Counter[tuple[tuple[str, ...], str]] = Counter()
    waits: dict[tuple[tuple[str, ...], str], list[float]] = {}
    for row in log:
        symbols, times = symbols_of(row), row["occurred_at_us"]
        for i in range(1, len(symbols)):
            for k in range(min(order, i) + 1):
                key = (tuple(symbols[i - k : i]), symbols[i])
                counted[key] += 1
                if 1 < i <= len(times):
                    waits.setdefault(key, []).append((times[i - 1] - times[i - 2]) / SECOND)
    ours = {}
    before: list[tuple[str, ...]] = [()]
    for k, found in enumerate(count(Symbols.of(table), order)):
        if k:
            width = len(names)
            before = [(names[key % width], *before[key // width]) for key in found.keys.tolist()]
        for context, (start, stop) in enumerate(pairwise(found.starts.tolist())):
            for at in range(start, stop):
                key = (before[context], names[int(found.symbols[at])])
                ours[key] = int(found.counts[at])
                assert int(found.timed[at]) == len(waits.get(key, []))
                if key in waits:
                    assert found.median_seconds[at] == pytest.approx(np.median(waits[key]))
                    assert found.p90_seconds[at] == pytest.approx(np.quantile(waits[key], 0.9))
    assert ours == dict(counted)


@settings(max_examples=60)
@given(rows(), st.lists(st.sampled_from([*STEPS, "never seen"]), max_size=5), st.integers(0, 4))
def test_probabilities_by_the_formula(log: list[dict[str, Any]], steps: list[str], order: int) -> None:
    table = JourneyTable.from_rows(log)
    answer = for_session(models.learn(table, order=order), steps, LearntFrom(None), k=100)
    assert sum(row.probability for row in answer.next) + answer.other == pytest.approx(1)
    for row in answer.next:
        expected = 1 / answer.symbols
        for context, seen in zip(answer.contexts, row.counts, strict=True):
            if context.count:
                escape = context.weight * context.kinds
                expected = (seen + escape * expected) / (context.count + escape)
        if answer.contexts[-1].steps != ["(start)"]:
            assert row.probability == pytest.approx(expected)
    if not steps and order and log:
        assert "(end)" not in [row.step for row in answer.next]
    for context in answer.contexts:
        assert context.steps == ["(start)", *steps][len(steps) + 1 - len(context.steps) :]
        k = len(context.steps)
        places = [(row, i) for row in map(symbols_of, log) for i in range(max(1, k), len(row))]
        assert context.count == sum(row[i - k : i] == context.steps for row, i in places)


def test_longer_contexts_are_used_where_they_foretell() -> None:
    rng = np.random.default_rng(1)
    paths = []
    for _ in range(600):  # what follows b depends on what came before it
        paths.append(("abx" if rng.random() < 0.5 else "cby", "lost"))
    table = journeys(*paths)
    learnt = models.learn(table)
    assert len(learnt.orders) > 2
    assert for_session(learnt, ["a", "b"], LearntFrom(None)).next[0].probability > 0.95
    coin = journeys(*[("".join(rng.choice(list("abc"), rng.geometric(0.2))), "lost") for _ in range(900)])
    assert len(models.learn(coin).orders) == 2  # nothing to gain beyond the one step that is always looked at


def test_customers_in_a_running_journey_and_between_two() -> None:
    table = journeys(*[("abc", "lost")] * 20, ("ab", "open"))
    learnt = models.learn(table)
    running = for_customer(learnt, table, "k020")
    assert (running.journey_id, running.next[0].step) == ("j020", "c")
    assert (running.next[0].timed, running.next[0].median_seconds) == (20, 1e-6)
    between = for_customer(learnt, table, "k000")
    assert (between.journey_id, between.contexts[-1].steps) == (None, ["(start)"])
    assert (between.next[0].step, between.next[0].median_seconds) == ("a", None)
    assert "(end)" not in [row.step for row in between.next]
    with pytest.raises(NotFound, match=r"no customer 'k0200'.*Did you mean 'k020'"):
        for_customer(learnt, table, "k0200")


def test_an_empty_graph_knows_nothing_and_says_so() -> None:
    table = JourneyTable.from_rows([])
    answer = for_session(models.learn(table), ["a"], LearntFrom(None))
    assert [(row.step, row.probability) for row in answer.next] == [("(end)", 1.0)]
    with pytest.raises(UsageError, match="no journeys"):
        evaluate(table, window_seconds=1)


@given(rows(max_paths=6))
def test_nothing_after_the_split_is_known(log: list[dict[str, Any]]) -> None:
    table = JourneyTable.from_rows(log)
    if not table.n_paths:
        return
    split = int(np.median(table.occurred_at_us))
    known, ended = known_at(table, split, window_seconds=2)
    expected = [
        ([s for s, t in zip(row["steps"], row["occurred_at_us"], strict=True) if t <= split],
         row["outcome"] != "open"
         and row["occurred_at_us"][-1] + (2 * SECOND if row["outcome"] == "lost" else 0) <= split)
        for row in log
    ]  # fmt: skip
    assert sorted((known.sequence(path), bool(ended[path])) for path in range(known.n_paths)) == sorted(
        one for one in expected if one[0]
    )


def test_measured_against_a_chain_and_against_what_is_common() -> None:
    rng = np.random.default_rng(3)
    log = []
    for number in range(500):
        steps = list("abx" if rng.random() < 0.5 else "cby")
        start = number * 1_000 * SECOND
        log.append(
            {"id": f"j{number}", "customer_id": f"k{number}", "outcome": "lost", "value": None, "steps": steps,
             "channels": ["web"] * 3, "occurred_at_us": [start, start + SECOND, start + 2 * SECOND]}
        )  # fmt: skip
    answer = evaluate(JourneyTable.from_rows(log), window_seconds=60)
    by_name = {one.name: one for one in answer.models}
    assert answer.chosen == "variable_order"
    assert (answer.train_journeys, answer.test_journeys, answer.cases) == (400, 100, 400)
    assert by_name["variable_order"].log_loss < 0.25 < 0.3 < by_name["markov"].log_loss < by_name["popularity"].log_loss
    assert by_name["variable_order"].top_1 > 0.8
    assert by_name["variable_order"].ece < 0.06
