"""The guard at each training: no feature may know what happened after its cut, or be the outcome itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from journeygraph.answers import Answer
from journeygraph.errors import JourneyGraphError
from journeygraph.intent.features.described import Feature, Vocabulary
from journeygraph.intent.features.matrix import matrix
from journeygraph.intent.features.timeline import Cuts, Timeline, place

_SAMPLE: Final = 100
#: A single feature that ranks the outcome this well (or this badly the other way) is told of.
ALARM_AUC: Final = 0.95


class FeatureAlarm(Answer):
    """A feature that tells the outcome nearly alone: it may be recorded together with the outcome, or because of it."""

    feature: str
    auc: float


class LeakCheck(Answer):
    """What the guard looked at: `cuts` recomputed on data that ends at the cut, for every one of `features`."""

    cuts: int
    features: int
    alarms: tuple[FeatureAlarm, ...] = ()


class Leak(JourneyGraphError):
    """A feature knows what happened after its cut."""

    code = "leak"


def check(
    timeline: Timeline,
    cuts: Cuts,
    vocabulary: Vocabulary,
    features: Sequence[Feature],
    values: NDArray[np.float64],
    converts: NDArray[np.bool_],
    *,
    seed: int = 0,
) -> LeakCheck:
    """Recompute the features (K x F) of a sample of cuts from nothing but what was known at each; raise `Leak`.

    The truncated data holds one customer's touchpoints up to the instant, split into journeys anew: an outcome that was
    decided later, or another customer, cannot show.
    """
    chosen = np.random.default_rng(seed).choice(len(cuts), size=min(_SAMPLE, len(cuts)), replace=False)
    for k in np.sort(chosen).tolist():
        known = timeline.alone(int(cuts.customers[k]), int(cuts.end[k]))
        again = matrix(known, place(known, np.zeros(1, dtype=np.int64), cuts.at_us[k : k + 1]), vocabulary)[1][0]
        differs = np.flatnonzero(~np.isclose(again, values[k], rtol=1e-9, atol=1e-9))
        if len(differs):
            place_of = int(differs[0])
            raise Leak(
                f"The feature {features[place_of].name!r} knows what happened after its instant: of customer "
                f"{timeline.customer_ids[int(cuts.customers[k])]!r} it is {values[k, place_of]:g} with all data and "
                f"{again[place_of]:g} with what was known then. No model was made."
            )
    return LeakCheck(cuts=len(chosen), features=len(features), alarms=alarms(features, values, converts))


def alarms(
    features: Sequence[Feature], values: NDArray[np.float64], converts: NDArray[np.bool_]
) -> tuple[FeatureAlarm, ...]:
    """Features that rank the outcome nearly alone, by the area under their own ROC curve."""
    positive = int(np.count_nonzero(converts))
    negative = len(converts) - positive
    sums = np.array([rankdata(column)[converts].sum() for column in values.T])
    auc = (sums - positive * (positive + 1) / 2) / (positive * negative)
    strong = np.flatnonzero(np.maximum(auc, 1 - auc) >= ALARM_AUC)
    return tuple(FeatureAlarm(feature=features[int(k)].name, auc=float(auc[k])) for k in strong)
