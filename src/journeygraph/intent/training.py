"""Learning the intent model: regression on the past, calibration on what came later, figures on the last part."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from threadpoolctl import threadpool_limits

from journeygraph.graph import Graph
from journeygraph.intent import split
from journeygraph.intent.comparison import IntentEvaluation, compare
from journeygraph.intent.features import Feature, Vocabulary, matrix
from journeygraph.intent.fitting import Matrix, calibrate, fit
from journeygraph.intent.model import IntentModel
from journeygraph.intent.split import Labelled
from journeygraph.intent.timeline import Timeline
from journeygraph.intent.vocabulary import learn
from journeygraph.journeys import configuration
from journeygraph.journeys.table import JourneyTable, read_table
from journeygraph.schema import JourneyRules, from_microseconds


def train_graph(graph: Graph, *, horizon_seconds: float, as_of: datetime | None = None, seed: int = 0) -> IntentModel:
    """A model of the graph's journeys, as of an instant where one is given; see `train`."""
    rules = configuration.read_rules(graph)
    return train(read_table(graph, as_of=as_of), rules, horizon_seconds=horizon_seconds, seed=seed)


def evaluate_graph(
    graph: Graph, *, horizon_seconds: float, as_of: datetime | None = None, seed: int = 0
) -> IntentEvaluation:
    """Train on the graph's past without keeping the model, and hold it against simpler ones on the last part."""
    model = train_graph(graph, horizon_seconds=horizon_seconds, as_of=as_of, seed=seed)
    return IntentEvaluation(
        models=list(model.figures),
        chosen=model.chosen,
        split="by time: nothing that a test instant looks forward to was trained on",
        parts=list(model.parts),
        model_version=model.version,
    )


def train(table: JourneyTable, rules: JourneyRules, *, horizon_seconds: float, seed: int = 0) -> IntentModel:
    """A calibrated model of P(conversion within the horizon), with its figures on the last part of the data.

    `table` holds journeys.  Raises `UsageError` where there is too little to learn from.
    """
    timeline = Timeline.from_table(table, rules)
    parts = split.temporal(split.sample(timeline, horizon_seconds, seed=seed), horizon_seconds)
    vocabulary = learn(timeline, parts[0].cuts, parts[0].converts)
    described = [matrix(timeline, part.cuts, vocabulary) for part in parts]
    values = [part_values for _, part_values in described]
    with threadpool_limits(1):  # the same sums in the same order; and threads that wait for busy cores only cost time
        model = _learn(timeline, parts, values, vocabulary, described[0][0], horizon_seconds, seed)
        figures, chosen = compare(model, parts, values)
    return model.model_copy(update={"figures": tuple(figures), "chosen": chosen})


def _learn(
    timeline: Timeline,
    parts: Sequence[Labelled],
    values: Sequence[Matrix],
    vocabulary: Vocabulary,
    features: Sequence[Feature],
    horizon_seconds: float,
    seed: int,
) -> IntentModel:
    fitted = fit(values[0], parts[0].converts, parts[0].cuts.customers)
    return IntentModel(
        horizon_seconds=horizon_seconds,
        rules=timeline.rules,
        seed=seed,
        vocabulary=vocabulary,
        features=tuple(feature.name for feature in features),
        mean=tuple(fitted.mean.tolist()),
        scale=tuple(fitted.scale.tolist()),
        weights=tuple(fitted.regression.coef_[0].tolist()),
        intercept=float(fitted.regression.intercept_[0]),
        penalty=fitted.penalty,
        calibration=calibrate(fitted, values[1], parts[1].converts),
        data_hash=_fingerprint(timeline),
        data_until=from_microseconds(int(timeline.times_us.max())).isoformat(),
        parts=(parts[0].part("train"), parts[1].part("calibrate"), parts[2].part("test")),
    ).versioned()


def _fingerprint(timeline: Timeline) -> str:
    """A hash of the data that a model learns from."""
    digest = hashlib.sha256("\0".join([*timeline.customer_ids, "", *timeline.steps, "", *timeline.channels]).encode())
    for column in (timeline.offsets, timeline.step_codes, timeline.channel_codes, timeline.times_us, timeline.goals):
        digest.update(np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()
