"""Cuts for training, and their division in time: nothing that a test cut looks forward to was ever trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import UsageError
from journeygraph.intent.features.goals import CONVERSION, follows
from journeygraph.intent.features.timeline import US_PER_SECOND, Cuts, Timeline, place
from journeygraph.intent.models.model import Part, PartName
from journeygraph.schema import from_microseconds

#: Shares of the cuts, by their instants, after which calibration and test begin.
CALIBRATE_AFTER, TEST_AFTER = 0.6, 0.8
MIN_CONVERSIONS = 10


@dataclass(frozen=True)
class Labelled:
    """Cuts with what followed: K of each."""

    cuts: Cuts
    converts: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.cuts)

    def select(self, kept: NDArray[np.bool_]) -> Labelled:
        """Only those of the mask."""
        return Labelled(self.cuts.select(kept), self.converts[kept])

    def part(self, name: PartName) -> Part:
        """What a model card says of it."""
        at = self.cuts.at_us
        return Part(
            name=name,
            cuts=len(self),
            conversions=int(np.count_nonzero(self.converts)),
            since=from_microseconds(int(at.min())).isoformat(),
            until=from_microseconds(int(at.max())).isoformat(),
        )


def sample(
    timeline: Timeline, horizon_seconds: float, *, seed: int, most: int = 60_000, goal: str = CONVERSION
) -> Labelled:
    """Seeded cuts whose horizon lies within the data: half at touchpoints, half at any instant since the first one.

    The first are the moments at which a running session is scored, the second those at which a list of all customers
    is; a model must be calibrated at both.
    """
    n = timeline.n_touchpoints
    if n == 0:
        raise UsageError("The graph holds no touchpoints: load some before training an intent model.")
    generator = np.random.default_rng(seed)
    last_us = int(timeline.times_us.max()) - int(horizon_seconds * US_PER_SECOND)
    owners = timeline.owners
    chosen = np.sort(generator.choice(n, size=min(n, most // 2), replace=False))
    drawn = generator.choice(np.unique(owners), size=len(chosen))
    begin = timeline.times_us[timeline.offsets[drawn]]
    anywhere = begin + (generator.random(len(drawn)) * np.maximum(last_us - begin, 0)).astype(np.int64)
    customers = np.concatenate([owners[chosen], drawn])
    at_us = np.concatenate([timeline.times_us[chosen], anywhere])
    observed = at_us <= last_us
    cuts = place(timeline, customers[observed], at_us[observed])
    return Labelled(cuts, follows(timeline, cuts, horizon_seconds, goal))


def temporal(labelled: Labelled, horizon_seconds: float) -> tuple[Labelled, Labelled, Labelled]:
    """Train, calibrate, test, in this order in time; a horizon that reaches into the next part drops its cut.

    Raises `UsageError` where a part holds too few conversions, or nothing but conversions.
    """
    if len(labelled) == 0:
        raise _too_little("no instant is followed by a whole horizon", horizon_seconds)
    at, horizon_us = labelled.cuts.at_us, int(horizon_seconds * US_PER_SECOND)
    calibrate_us, test_us = (np.quantile(at, share, method="lower") for share in (CALIBRATE_AFTER, TEST_AFTER))
    parts = (
        labelled.select(at + horizon_us < calibrate_us),
        labelled.select((at >= calibrate_us) & (at + horizon_us < test_us)),
        labelled.select(at >= test_us),
    )
    for name, part in zip(("training", "calibration", "test"), parts, strict=True):
        positive = int(np.count_nonzero(part.converts))
        negative = len(part) - positive
        if min(positive, negative) < MIN_CONVERSIONS:
            reason = f"the {name} part has {positive} with a conversion and {negative} without"
            raise _too_little(reason, horizon_seconds)
    return parts


def _too_little(reason: str, horizon_seconds: float) -> UsageError:
    return UsageError(
        f"Too little data for an intent model with a horizon of {horizon_seconds / 86_400:g} days: of the instants "
        f"looked at, {reason}; each of the three parts needs at least {MIN_CONVERSIONS} of both. "
        "Load a longer time, choose a shorter --horizon, or check which steps are goals."
    )
