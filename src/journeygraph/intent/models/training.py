"""Learning the intent model: regression on the past, calibration on what came later, figures on the last part."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from journeygraph.graph import Graph
from journeygraph.intent.features import goals, traits
from journeygraph.intent.features.described import Feature, Vocabulary
from journeygraph.intent.features.goals import CONVERSION
from journeygraph.intent.features.matrix import matrix
from journeygraph.intent.features.outcomes import Outcomes
from journeygraph.intent.features.timeline import Timeline
from journeygraph.intent.features.traits import Traits
from journeygraph.intent.features.vocabulary import learn
from journeygraph.intent.learners import candidates as models
from journeygraph.intent.learners.choice import choose
from journeygraph.intent.models import split
from journeygraph.intent.models.comparison import IntentEvaluation, compare
from journeygraph.intent.models.model import Audit, IntentModel
from journeygraph.intent.models.split import Labelled
from journeygraph.intent.quality import drift, fairness, leakage
from journeygraph.intent.quality.leakage import LeakCheck
from journeygraph.intent.quality.resampled import Scored
from journeygraph.journeys import configuration
from journeygraph.journeys.table import JourneyTable, read_table
from journeygraph.privacy import consent
from journeygraph.schema import JourneyRules, from_microseconds

Matrix = NDArray[np.float64]
#: How a model is chosen, in words.
RULE = (
    "the simplest model (logistic, random_forest, gradient_boosting, xgboost) that none of the others beats in log "
    "loss on the calibration part beyond a 95 % interval clustered by customer"
)


@dataclass(frozen=True)
class Training:
    """What is asked for: the goal within the horizon, which models to choose among (none: all installed), a seed."""

    horizon_seconds: float
    goal: str = CONVERSION
    candidates: Sequence[str] = ()
    seed: int = 0
    high_above: float = 0.7


def train_graph(graph: Graph, asked: Training, *, as_of: datetime | None = None) -> IntentModel:
    """A model of the graph's journeys, as of an instant where one is given; see `train`.

    Customers who by now withdrew consent to analytics or personalisation are left out.
    """
    table = read_table(graph, as_of=as_of)
    groups = graph.read("intent/groups", as_of=as_of)
    if withdrawn := consent.withdrawn(graph, ("analytics", "personalisation")):
        table = _without(table, withdrawn)
        known = set(table.ids)
        rows = (row for row in graph.stream("intent/traits", as_of=as_of) if row["id"] in known)
        about = traits.from_rows(rows, table)
        groups = [row for row in groups if row["customer_id"] not in set(withdrawn)]
    else:
        about = traits.read(graph, table, as_of)
    return train(table, configuration.read_rules(graph), asked, about, groups)


def _without(table: JourneyTable, customers: Sequence[str]) -> JourneyTable:
    """A table of journeys without those of some customers, the others numbered anew."""
    left_out = np.isin(np.array(table.customer_ids, dtype=object), np.array(list(customers), dtype=object))
    rest = table.select(~left_out[table.customers])
    numbers, renumbered = np.unique(rest.customers, return_inverse=True)
    ids = [table.customer_ids[int(number)] for number in numbers]
    return replace(rest, customer_ids=ids, customers=renumbered.reshape(-1).astype(table.customers.dtype))


def evaluate_graph(graph: Graph, asked: Training, *, as_of: datetime | None = None) -> IntentEvaluation:
    """Train on the graph's past without keeping the model, and hold all models against each other on the last part."""
    model = train_graph(graph, asked, as_of=as_of)
    return IntentEvaluation(
        models=list(model.figures),
        chosen=model.chosen,
        split="by time: nothing that a test instant looks forward to was trained on",
        parts=list(model.parts),
        rule=RULE,
        validation=list(model.validation),
        goal=model.goal,
        audit=model.audit,
        leak_check=model.leak_check,
        model_version=model.version,
    )


def train(
    table: JourneyTable,
    rules: JourneyRules,
    asked: Training,
    about: Traits | None = None,
    groups: Sequence[Mapping[str, Any]] = (),
) -> IntentModel:
    """A calibrated model of P(goal within the horizon), with its figures on the last part of the data.

    `table` holds journeys, `about` the products and campaigns of their touchpoints, `groups` (rows of `intent/groups`)
    whom the figures are told of one by one.  Raises `UsageError` where there is too little to learn from, for a model
    or a goal that there is not, and `Leak` where a feature knows the future.
    """
    names = models.named(asked.candidates)
    timeline = Timeline.from_table(table, rules, about)
    goals.check(timeline, asked.goal)
    labelled = split.sample(timeline, asked.horizon_seconds, seed=asked.seed, goal=asked.goal)
    parts = split.temporal(labelled, asked.horizon_seconds)
    with threadpool_limits(1):  # the same sums in the same order; and threads that wait for busy cores only cost time
        vocabulary, features, values, checked = _described(timeline, parts, asked)
        earlier, later, _ = parts
        fitted = {
            name: models.fit(name, values[0], earlier.converts, earlier.cuts.customers, asked.seed) for name in names
        }
        judged, chosen, curves = choose(fitted, values[1], later.converts, later.cuts.customers)
        model = IntentModel(
            horizon_seconds=asked.horizon_seconds,
            rules=rules,
            seed=asked.seed,
            vocabulary=vocabulary,
            features=tuple(feature.name for feature in features),
            candidates=names,
            predictor=fitted[chosen],
            calibration=curves[chosen],
            data_hash=_fingerprint(timeline),
            data_until=from_microseconds(int(timeline.times_us.max())).isoformat(),
            parts=(earlier.part("train"), later.part("calibrate"), parts[2].part("test")),
            validation=tuple(judged),
            leak_check=checked,
        )
        predictors = {name: (fitted[name], curves[name]) for name in names}
        measured = compare(model, predictors, parts, values, asked.high_above)
        audit, reference = _audited(model, timeline, parts, values, fairness.groups_of(groups, timeline))
    return model.versioned().model_copy(update={"figures": tuple(measured), "audit": audit, "reference": reference})


def _audited(
    model: IntentModel,
    timeline: Timeline,
    parts: Sequence[Labelled],
    values: Sequence[Matrix],
    groups: Sequence[fairness.Group],
) -> tuple[Audit, tuple[drift.Shares, ...]]:
    """How the scores of the test part do, by group and by time; and how features and scores are spread there."""
    earlier, _, test = parts
    scores = [model.probabilities(given) for given in (values[0], values[2])]
    one_each = [drift.one_each(part.cuts.customers) for part in (earlier, test)]
    then, now = (
        np.column_stack([given, score])[chosen]
        for given, score, chosen in zip((values[0], values[2]), scores, one_each, strict=True)
    )
    names = [*model.features, drift.SCORE]
    moved = drift.compare(drift.shares(names, then), now)
    scored = Scored(scores[1], test.converts, test.cuts.customers)
    by_group, by_time = fairness.measure(scored, timeline, test.cuts, groups)
    audit = Audit(
        groups=by_group,
        slices=by_time,
        drift=drift.strongest(moved),
        drift_tested=len(moved),
    )
    return audit, drift.shares(names, now)


def _described(
    timeline: Timeline, parts: Sequence[Labelled], asked: Training
) -> tuple[Vocabulary, list[Feature], list[Matrix], LeakCheck]:
    """The vocabulary of the training part, and each part's features: those to learn from without their own outcomes."""
    earlier, later, _ = parts
    until_us = int(later.cuts.at_us.min())
    outcomes = Outcomes.of(timeline, asked.horizon_seconds, until_us, asked.goal)
    vocabulary = learn(timeline, earlier.cuts, earlier.converts, outcomes, asked.goal)
    values = []
    for part in parts:
        features, described = matrix(timeline, part.cuts, vocabulary)
        values.append(described)
    checked = leakage.check(timeline, earlier.cuts, vocabulary, features, values[0], earlier.converts, seed=asked.seed)
    values[0] = outcomes.held_out(features, values[0], earlier.cuts, vocabulary)
    return vocabulary, features, values, checked


def _fingerprint(timeline: Timeline) -> str:
    """A hash of the data that a model learns from."""
    digest = hashlib.sha256("\0".join([*timeline.customer_ids, "", *timeline.steps, "", *timeline.channels]).encode())
    columns = (timeline.offsets, timeline.step_codes, timeline.channel_codes, timeline.times_us, timeline.goals)
    for column in (*columns, timeline.cents):
        digest.update(np.ascontiguousarray(column).tobytes())
    for name, trait in sorted(timeline.traits.items()):
        digest.update("\0".join([name, *trait.names]).encode())
        digest.update(np.ascontiguousarray(trait.codes).tobytes())
    return digest.hexdigest()
