"""The card of a model: what it foretells, from which data, how well, for whom, and where not; measured values only."""

from __future__ import annotations

from collections import Counter

from journeygraph.answers import Answer
from journeygraph.intent.learners.choice import Candidate
from journeygraph.intent.models.model import IntentModel, Part
from journeygraph.intent.quality.fairness import GroupFigures, SliceFigures
from journeygraph.intent.quality.figures import ModelFigures
from journeygraph.intent.quality.leakage import FeatureAlarm


class ModelCard(Answer):
    """What to know of a model before its scores are used.

    `figures` are the chosen model's on the test part.  `features` counts them by kind; `limits` says in sentences, from
    what was measured, where the scores hold less.
    """

    model_version: str
    goal: str
    goals: tuple[str, ...]
    horizon_seconds: float
    chosen: str
    calibration: str
    data_until: str
    data_hash: str
    parts: tuple[Part, ...]
    features: dict[str, int]
    figures: ModelFigures | None
    validation: tuple[Candidate, ...]
    flagged_groups: tuple[GroupFigures, ...]
    flagged_slices: tuple[SliceFigures, ...]
    drifted_features: tuple[str, ...]
    alarms: tuple[FeatureAlarm, ...]
    limits: tuple[str, ...]


def card(model: IntentModel) -> ModelCard:
    """The card of a model."""
    figures = next((one for one in model.figures if one.name == model.chosen), None)
    return ModelCard(
        model_version=model.version,
        goal=model.goal,
        goals=model.rules.goals,
        horizon_seconds=model.horizon_seconds,
        chosen=model.chosen,
        calibration=model.calibration.method,
        data_until=model.data_until,
        data_hash=model.data_hash,
        parts=model.parts,
        features=dict(sorted(Counter(name.partition(":")[0] for name in model.features).items())),
        figures=figures,
        validation=model.validation,
        flagged_groups=tuple(one for one in model.audit.groups if one.flags),
        flagged_slices=tuple(one for one in model.audit.slices if one.flags),
        drifted_features=tuple(one.feature for one in model.audit.drift if one.drifted),
        alarms=model.leak_check.alarms if model.leak_check else (),
        limits=tuple(_limits(model, figures)),
    )


def _limits(model: IntentModel, figures: ModelFigures | None) -> list[str]:
    said = [
        "It says who looks like those who reached the goal, not what would make them: decide about no single person."
    ]
    if figures is not None:
        said.append(f"Probabilities are off by {figures.ece:.3f} on average (expected calibration error).")
        if not figures.beats_chance:
            low, high = figures.auc_interval or (figures.auc, figures.auc)
            said.append(f"It may rank no better than chance: AUC {figures.auc:.3f} ({low:.3f} to {high:.3f}).")
        if figures.precision is None:
            said.append(f"Nobody in the test part scored above {figures.high_above:g}: the band high is not measured.")
    for group in model.audit.groups:
        if "calibration" in group.flags:
            said.append(f"{group.kind} {group.value}: {group.base_rate[0]:.3f} came true of {group.mean_score[0]:.3f}.")
        if "auc" in group.flags and group.auc is not None:
            said.append(f"{group.kind} {group.value}: ranked otherwise than the rest, AUC {group.auc[0]:.3f}.")
    for span in model.audit.slices:
        if span.flags:
            said.append(
                f"From {span.since[:10]} to {span.until[:10]} scores were off by {span.gap[0]:+.3f} on average."
            )
    said += [
        f"The feature {alarm.feature} tells the outcome nearly alone: check how it is recorded."
        for alarm in (model.leak_check.alarms if model.leak_check else ())
    ]
    return said
