"""A trained intent model: coefficients or trees, and a calibration, as plain JSON, applied with numpy alone.

A model is read back as data, never unpickled: a model file cannot run code.
"""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from journeygraph.answers import Answer
from journeygraph.intent.features import matrix as columns
from journeygraph.intent.features.described import Feature, Vocabulary
from journeygraph.intent.features.reasons import Subjects
from journeygraph.intent.features.timeline import Cuts, Timeline
from journeygraph.intent.learners.calibration import Calibration
from journeygraph.intent.learners.candidates import ModelName
from journeygraph.intent.learners.choice import Candidate
from journeygraph.intent.learners.linear import Linear
from journeygraph.intent.learners.trees import Trees
from journeygraph.intent.quality.drift import Drift, Shares
from journeygraph.intent.quality.fairness import GroupFigures, SliceFigures
from journeygraph.intent.quality.figures import ModelFigures
from journeygraph.intent.quality.leakage import LeakCheck
from journeygraph.schema import JourneyRules

#: Decisions closer than this are one and the same.
_NEAR = 1e-9

PartName = Literal["train", "calibrate", "test"]


class Part(Answer):
    """One part of the temporal split: its cuts, how many of them converted, and between which instants they lie."""

    name: PartName
    cuts: int
    conversions: int
    since: str
    until: str


class Audit(Answer):
    """How the chosen model does on the test part by group and by time, and how far the data moved until then.

    `drift` compares the test part with the training part: the score and the features that moved the most, of
    `drift_tested` in all.
    """

    groups: tuple[GroupFigures, ...] = ()
    slices: tuple[SliceFigures, ...] = ()
    drift: tuple[Drift, ...] = ()
    drift_tested: int = 0


class IntentModel(BaseModel):
    """Everything that scoring needs, and its model card.

    `predictor` is the chosen one of `candidates`, and takes the values of `features` in that order.  `reference` says
    how features and scores were spread in the test part, so that drift can be told later.
    """

    model_config = ConfigDict(frozen=True)

    version: str = ""
    horizon_seconds: float
    rules: JourneyRules
    seed: int
    vocabulary: Vocabulary
    features: tuple[str, ...]
    candidates: tuple[ModelName, ...]
    predictor: Annotated[Linear | Trees, Field(discriminator="kind")]
    calibration: Calibration
    data_hash: str
    data_until: str
    parts: tuple[Part, ...] = ()
    figures: tuple[ModelFigures, ...] = ()
    validation: tuple[Candidate, ...] = ()
    leak_check: LeakCheck | None = None
    audit: Audit = Audit()
    reference: tuple[Shares, ...] = ()

    @property
    def goal(self) -> str:
        """What it foretells: `conversion`, `churn`, or a step."""
        return self.vocabulary.goal

    @property
    def chosen(self) -> ModelName:
        """Name of the model that scores come from."""
        return self.predictor.kind

    def contributions(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each feature (K x F) adds to the calibrated log-odds, against the average of the training part.

        A row's sum is the distance between the log-odds of its score and of the average decision's.
        """
        added = self.predictor.contributions(values)
        expected = self.predictor.expected
        distance = added.sum(axis=1)
        # Calibration is a curve: what it makes of the whole distance is shared out in proportion.
        step = np.where(np.abs(distance) > _NEAR, distance, _NEAR)
        moved = self.calibration.log_odds(expected + step) - self.calibration.log_odds(np.full(len(step), expected))
        shared: NDArray[np.float64] = added * (moved / step)[:, None]
        return shared

    def probabilities(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated probabilities of a conversion within the horizon (K)."""
        return self.calibration.apply(self.predictor.decide(values))

    def describe(self, timeline: Timeline, cuts: Cuts) -> tuple[list[Feature], NDArray[np.float64]]:
        """The features of the cuts, as this model knows them."""
        return self._described, columns.values(timeline, cuts, self.vocabulary)

    @cached_property
    def subjects(self) -> Subjects:
        """What the features are about, for reasons."""
        return Subjects(self._described)

    @cached_property
    def _described(self) -> list[Feature]:
        return columns.described(self.vocabulary)

    def versioned(self) -> IntentModel:
        """The same model under its version: a hash of the data and of everything that was learned from it."""
        # What was learned follows from data and parameters, but not to the last bit on another machine.
        learned = {"predictor", "calibration", "reference"}
        measured = {"version", "figures", "parts", "validation", "leak_check", "audit"}
        content = self.model_dump(mode="json", exclude=learned | measured) | {"chosen": self.chosen}
        for with_outcomes in ("chain", "neighbours"):
            content["vocabulary"].pop(with_outcomes)
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return self.model_copy(update={"version": hashlib.sha256(text.encode()).hexdigest()[:16]})
