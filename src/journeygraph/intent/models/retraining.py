"""Whether a model has to learn again: is what came since it was made still as it was, and do its scores still hold?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np

from journeygraph.answers import Answer
from journeygraph.errors import UsageError
from journeygraph.graph import Graph
from journeygraph.intent.features.timeline import US_PER_SECOND, Timeline
from journeygraph.intent.models import split, store
from journeygraph.intent.models.data import read_timeline
from journeygraph.intent.models.model import IntentModel
from journeygraph.intent.models.training import Training, train_graph
from journeygraph.intent.quality import drift
from journeygraph.intent.quality.drift import Drift
from journeygraph.intent.quality.resampled import Scored
from journeygraph.journeys import configuration
from journeygraph.schema import to_microseconds
from journeygraph.settings import Settings

Interval = tuple[float, float, float]
#: So many instants of either outcome are needed to say that scores no longer hold.
MIN_EACH: Final = 30
#: A mean score that is off by less is not worth a new model, however sure it is.
_GAP: Final = 0.01


class Verdict(Answer):
    """Whether to train again, and why.

    Measured on the `cases` instants since the model's own test part whose horizon has passed by now: `gap` is the
    share that came true less the mean score, `drift` holds the score and the features that moved the most.
    """

    needed: bool
    why: tuple[str, ...]
    model_version: str | None = None
    cases: int = 0
    gap: Interval | None = None
    auc: Interval | None = None
    drift: tuple[Drift, ...] = ()


def renew(
    graph: Graph, settings: Settings, goal: str, asked: Training | None = None, as_of: datetime | None = None
) -> tuple[Verdict, IntentModel | None]:
    """Train and keep a goal's model where it no longer holds: why, or why not; and the new model.

    `asked` is by default what the current model was trained with.  Raises as `training.train`.
    """
    verdict = Verdict(needed=True, why=("there is no model yet",))
    wanted = asked or Training(settings.intent_horizon_days * 86_400.0, goal)
    if store.current(settings.home, goal) is not None:
        try:
            model = store.load(settings.home, goal=goal)
        except UsageError as error:
            verdict = Verdict(needed=True, why=(str(error),))
        else:
            verdict = judge_graph(graph, model, as_of)
            wanted = asked or Training(model.horizon_seconds, goal, model.candidates, model.seed)
    if not verdict.needed:
        return verdict, None
    trained = train_graph(graph, replace(wanted, high_above=settings.intent_bounds(goal)[1]), as_of=as_of)
    store.save(trained, settings.home)
    return verdict, trained


def judge_graph(graph: Graph, model: IntentModel, as_of: datetime | None = None) -> Verdict:
    """Hold a model against what the graph knows now, or as of an instant."""
    rules = configuration.read_rules(graph)
    if rules != model.rules:
        return Verdict(needed=True, why=("the graph's rules have changed",), model_version=model.version)
    return judge(read_timeline(graph, model, as_of), model)


def judge(timeline: Timeline, model: IntentModel) -> Verdict:
    """Hold a model against the touchpoints of a timeline under the same rules."""
    labelled = split.sample(timeline, model.horizon_seconds, seed=model.seed, goal=model.goal)
    known_us = to_microseconds(datetime.fromisoformat(model.data_until)) - int(model.horizon_seconds * US_PER_SECOND)
    fresh = labelled.select(labelled.cuts.at_us > known_us)
    positive = int(np.count_nonzero(fresh.converts))
    if min(positive, len(fresh) - positive) < MIN_EACH:
        few = (
            f"too little has come since the data until {model.data_until}: {positive} instants with the goal and "
            f"{len(fresh) - positive} without, and {MIN_EACH} of each are needed"
        )
        return Verdict(needed=False, why=(few,), model_version=model.version, cases=len(fresh))
    values = model.describe(timeline, fresh.cuts)[1]
    scored = Scored(model.probabilities(values), fresh.converts, fresh.cuts.customers)
    one_each = drift.one_each(fresh.cuts.customers)
    moved = drift.compare(model.reference, np.column_stack([values, scored.probability])[one_each])
    return _verdict(model, scored, moved)


def _verdict(model: IntentModel, scored: Scored, moved: Sequence[Drift]) -> Verdict:
    gap, auc = scored.gap(), scored.auc()
    before = next(figures.auc for figures in model.figures if figures.name == model.chosen)
    score = next(one for one in moved if one.feature == drift.SCORE)
    why = []
    if gap.low > _GAP or gap.high < -_GAP:
        why.append(f"scores are off by {gap.value:+.3f} on average (95 %: {gap.low:+.3f} to {gap.high:+.3f})")
    if auc.high < before:
        why.append(f"AUC is {auc.value:.3f} (95 %: {auc.low:.3f} to {auc.high:.3f}), and was {before:.3f}")
    if score.drifted:
        why.append(f"scores are spread otherwise: population stability index {score.psi:.2f}, q {score.q_value:.2g}")
    return Verdict(
        needed=bool(why),
        why=tuple(why) or (f"its scores hold: off by {gap.value:+.3f} on average, AUC {auc.value:.3f}",),
        model_version=model.version,
        cases=len(scored),
        gap=tuple(gap),
        auc=tuple(auc),
        drift=drift.strongest(moved),
    )
