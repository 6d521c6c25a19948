"""Other goals, chains of moves, neighbours in the graph, and the guard against what a feature must not know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from journeygraph.errors import UsageError
from journeygraph.intent.features import goals, neighbours
from journeygraph.intent.features import matrix as features
from journeygraph.intent.features.chain import learn
from journeygraph.intent.features.described import Feature, Group, Vocabulary
from journeygraph.intent.features.outcomes import Outcomes
from journeygraph.intent.features.timeline import Cuts, Timeline, place
from journeygraph.intent.features.traits import Trait
from journeygraph.intent.models import store
from journeygraph.intent.models.model import IntentModel
from journeygraph.intent.models.training import Training, train
from journeygraph.intent.quality import leakage
from journeygraph.intent.scores.session import score_session
from journeygraph.schema import Touchpoint, to_microseconds
from journeygraph.settings import Settings
from tests.unit.intent.small_shop import BEGIN, RULES, shop, table

WEEK = 7 * 86_400.0
LOGISTIC = Training(WEEK, candidates=["logistic"])


def about(touchpoints: list[Touchpoint], seed: int = 0) -> list[Touchpoint]:
    """The shop's touchpoints with a product: nearly always the good one where a purchase follows within a week."""
    generator = np.random.default_rng(seed)
    bought = {(t.customer_id, t.occurred_at) for t in touchpoints if t.step == "purchase"}
    by_customer: dict[str | None, list[float]] = {}
    for customer, at in bought:
        by_customer.setdefault(customer, []).append(at.timestamp())
    made = []
    for touchpoint in touchpoints:
        at = touchpoint.occurred_at.timestamp()
        soon = any(at < other <= at + WEEK for other in by_customer.get(touchpoint.customer_id, []))
        good = generator.random() < (0.9 if soon else 0.1)
        made.append(touchpoint.model_copy(update={"product_id": "good" if good else "bad", "campaign": "spring"}))
    return made


def timeline_of(touchpoints: list[Touchpoint]) -> Timeline:
    """Their timeline, with products and campaigns."""
    ordered = sorted(touchpoints, key=lambda t: (t.customer_id or "", t.occurred_at, t.touchpoint_id))
    products, campaigns = Trait.of([t.product_id for t in ordered]), Trait.of([t.campaign for t in ordered])
    return Timeline.from_table(table(touchpoints), RULES, {"product": products, "campaign": campaigns})


@pytest.fixture(scope="module")
def with_products() -> IntentModel:
    touchpoints = about(shop(200))
    return train(table(touchpoints), RULES, LOGISTIC, timeline_of(touchpoints).traits)


def test_neighbours_of_a_product_are_found_and_explain_a_session(with_products: IntentModel) -> None:
    known = with_products.vocabulary.neighbours["product"].log_odds
    assert known["good"] > 0.3 > -0.3 > known["bad"]
    assert set(with_products.vocabulary.neighbours) == {"product", "campaign"}
    base = shop(1, seed=2)[0].model_copy(update={"step": "view"})
    scores = {
        name: score_session(with_products, [base.model_copy(update={"product_id": name})], Settings()) for name in known
    }
    assert scores["good"].score > scores["bad"].score
    about_product = [reason for reason in scores["good"].reasons if "product" in reason.words]
    assert about_product
    assert about_product[0].touchpoint_ids == [base.touchpoint_id]


def test_neighbours_are_counted_once_a_customer_and_only_when_known() -> None:
    touchpoints = about(shop(40))
    timeline = timeline_of(touchpoints)
    until_us = to_microseconds(BEGIN + timedelta(days=60))
    outcomes = Outcomes.of(timeline, WEEK, until_us, goals.CONVERSION)
    found = outcomes.all_neighbours()["product"]
    assert found.log_odds == pytest.approx(plain_neighbours(touchpoints, until_us, outcomes.rate))
    everybody = np.arange(40, dtype=np.int64)
    for day in (20, 60, 90):
        at_us = to_microseconds(BEGIN + timedelta(days=day))
        cuts = place(timeline, everybody, np.full(40, at_us))
        touches = neighbours.first_touches(timeline, "product", outcomes.follows, WEEK)
        ours = neighbours.as_of_each(timeline, "product", touches, cuts, outcomes.rate)
        plain = plain_neighbours(touchpoints, at_us, outcomes.rate)
        latest = neighbours.last_of_journey(timeline, "product", cuts)
        names = timeline.traits["product"].names
        expected = [plain.get(names[code], 0.0) if code >= 0 else 0.0 for code in latest.tolist()]
        assert ours.tolist() == pytest.approx(expected)


def plain_neighbours(touchpoints: list[Touchpoint], until_us: int, rate: float) -> dict[str, float]:
    """By the definition: customers from their first touch whose week had passed, and how many of them bought in it."""
    counts: dict[str, list[int]] = {}
    for product in ("bad", "good"):
        for customer in {t.customer_id for t in touchpoints}:
            own = sorted((t for t in touchpoints if t.customer_id == customer), key=lambda t: t.occurred_at)
            first = next((t for t in own if t.product_id == product), None)
            if first is None or to_microseconds(first.occurred_at) + WEEK * 1e6 > until_us:
                continue
            waits = [(t.occurred_at - first.occurred_at).total_seconds() for t in own if t.step == "purchase"]
            counted = counts.setdefault(product, [0, 0])
            counted[0] += 1
            counted[1] += any(0 < wait <= WEEK for wait in waits)
    return {
        name: float(neighbours.log_odds(np.array([yes]), np.array([n]), rate)[0]) for name, (n, yes) in counts.items()
    }


def test_the_chain_tells_moves_of_buyers_apart(with_products: IntentModel) -> None:
    chain = with_products.vocabulary.chain
    assert chain is not None
    compared, cart, other = (chain.steps.index(step) for step in ("compare", "cart", "view"))
    assert chain.weights[compared][cart] > 300_000 > chain.weights[other][cart]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1_000))
def test_the_ratio_is_the_sum_of_its_moves(seed: int) -> None:
    timeline = Timeline.from_table(table(shop(5, seed=seed)), RULES)
    chosen = np.random.default_rng(seed).random((2, timeline.n_touchpoints)) < 0.5
    chain = learn(timeline, tuple(timeline.steps[:-1]), np.ones(timeline.n_touchpoints, dtype=np.bool_), chosen[0])
    cuts = place(timeline, timeline.owners, timeline.times_us)
    position = {step: code for code, step in enumerate(chain.steps)}
    n = len(chain.steps)
    for k, ours in enumerate(chain.ratio(timeline, cuts).tolist()):
        running = [timeline.steps[code] for code in timeline.step_codes[cuts.journey[k] : cuts.end[k]]]
        before = [n, *(position.get(step, n + 1) for step in running)]
        plain = sum(chain.weights[a][position.get(step, n)] for a, step in zip(before, running, strict=False))
        assert ours == pytest.approx(plain / 1e6)


def test_own_outcomes_are_not_in_what_is_learned_from() -> None:
    timeline = timeline_of(about(shop(60)))
    everything = Outcomes.of(timeline, WEEK, int(timeline.times_us.max()), goals.CONVERSION)
    cuts = place(timeline, np.arange(60), np.full(60, to_microseconds(BEGIN + timedelta(days=30))))
    vocabulary = Vocabulary(
        steps=tuple(timeline.steps),
        stages=(),
        channels=(),
        step_stages={},
        chain=learn(timeline, tuple(timeline.steps), everything.known, everything.follows),
        neighbours=everything.all_neighbours(),
    )
    described, values = features.matrix(timeline, cuts, vocabulary)
    held_out = everything.held_out(described, values, cuts, vocabulary)
    changed = {described[k].name for k in np.flatnonzero((held_out != values).any(axis=0))}
    assert changed == {"chain", "neighbours:product", "neighbours:campaign"}
    first = np.flatnonzero(cuts.customers % 5 == 0)
    flipped = everything.follows ^ (timeline.owners % 5 == 0)
    other = Outcomes(timeline, WEEK, everything.until_us, flipped)
    again = other.held_out(described, values, cuts, vocabulary)
    column = [feature.name for feature in described].index("chain")
    assert again[first, column].tolist() == held_out[first, column].tolist()


@pytest.mark.parametrize("goal", ["cart", "churn"])
def test_other_goals_are_foretold(goal: str) -> None:
    model = train(table(shop(200)), RULES, Training(WEEK, goal, ["logistic"]))
    measured = {row.name: row for row in model.figures}
    assert model.goal == goal
    assert measured["logistic"].auc > 0.55
    assert measured["logistic"].ece < 0.08
    conversion = train(table(shop(200)), RULES, LOGISTIC)
    assert conversion.version != model.version


def test_labels_of_other_goals_equal_looking_ahead() -> None:
    touchpoints = shop(30)
    timeline = Timeline.from_table(table(touchpoints), RULES)
    at = BEGIN + timedelta(days=50)
    cuts = place(timeline, np.arange(30), np.full(30, to_microseconds(at)))
    for goal in ("cart", goals.CHURN):
        wanted = {
            t.customer_id
            for t in touchpoints
            if at < t.occurred_at <= at + timedelta(days=7) and goal in (t.step, goals.CHURN)
        }
        expected = [(timeline.customer_ids[int(c)] in wanted) == (goal != goals.CHURN) for c in cuts.customers]
        assert goals.follows(timeline, cuts, WEEK, goal).tolist() == expected


def test_a_goal_that_never_happened_is_refused() -> None:
    with pytest.raises(UsageError, match=r"no goal 'crt'; allowed are conversion, churn .* Did you mean 'cart'"):
        train(table(shop(20)), RULES, Training(WEEK, "crt"))


def test_each_goal_has_its_own_line_of_versions(with_products: IntentModel, tmp_path: Path) -> None:
    churn = with_products.model_copy(
        update={"version": "0" * 16, "vocabulary": with_products.vocabulary.model_copy(update={"goal": "churn"})}
    )
    store.save(with_products, tmp_path)
    store.save(churn, tmp_path)
    assert store.current(tmp_path) == with_products.version
    assert store.load(tmp_path, goal="churn") == churn
    with pytest.raises(UsageError, match=r"no intent model of the goal 'cart' yet: .* --goal cart"):
        store.load(tmp_path, goal="cart")


def future(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> NDArray[np.float64]:
    """A planted leak: how much the customer does in the week after the cut."""
    return (timeline.ends(cuts.customers, cuts.at_us + int(WEEK * 1e6)) - cuts.end)[:, None].astype(np.float64)


def others(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> NDArray[np.float64]:
    """A planted leak: the outcome that a journey will have."""
    ends = np.append(np.flatnonzero(np.diff(timeline.journey_starts)), timeline.n_touchpoints - 1)
    return timeline.goals[ends[np.searchsorted(ends, cuts.end - 1)]][:, None].astype(np.float64)


@pytest.mark.parametrize("leak", [future, others])
def test_a_planted_leak_is_found(
    leak: Callable[[Timeline, Cuts, Vocabulary], NDArray[np.float64]], monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = Group(lambda vocabulary: [Feature("planted", "what is not known yet")], leak)
    monkeypatch.setattr(features, "GROUPS", (*features.GROUPS, planted))
    with pytest.raises(leakage.Leak, match="The feature 'planted' knows what happened after its instant"):
        train(table(shop(100)), RULES, LOGISTIC)


def test_training_says_what_the_guard_looked_at(with_products: IntentModel) -> None:
    assert with_products.leak_check is not None
    assert (with_products.leak_check.cuts, with_products.leak_check.features) == (100, len(with_products.features))
    assert with_products.leak_check.alarms == ()


def test_a_feature_that_is_the_outcome_raises_an_alarm() -> None:
    converts = np.arange(200) % 4 == 0
    noise = np.random.default_rng(0).normal(size=200)
    values = np.column_stack([noise, converts + 0.1 * noise, -converts.astype(np.float64)])
    told = leakage.alarms([Feature(name, name) for name in ("noise", "twin", "mirror")], values, converts)
    assert [(alarm.feature, round(alarm.auc)) for alarm in told] == [("twin", 1), ("mirror", 0)]


def test_bounds_are_a_setting_of_each_goal() -> None:
    from journeygraph.intent.scores.score import band

    own = Settings(JOURNEYGRAPH_INTENT_BOUNDS={"churn": (0.1, 0.4)})
    assert (band(0.5, own), band(0.5, own, "churn"), band(0.2, own, "churn")) == ("medium", "high", "medium")
