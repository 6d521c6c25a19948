"""How good the scores are for each group of customers, and at each time: figures with intervals, and what differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeygraph.answers import Answer
from journeygraph.intent.features.timeline import Cuts, Timeline
from journeygraph.intent.quality.resampled import Scored, gap_differs, ranks_differ
from journeygraph.schema import from_microseconds
from journeygraph.statistics import Estimate, family_wise

Mask = NDArray[np.bool_]
Interval = tuple[float, float, float]
#: A group is measured from so many cases, and tested and ranked from so many customers of either outcome.
MIN_CASES, MIN_EACH = 50, 30
_MOST_VALUES: Final = 12
_SLICES: Final = 6
#: A flag of a card with nothing to find is chance: that at most this share of such cards has.
_ALPHA: Final = 0.05


class GroupFigures(Answer):
    """The scores of one group on the test part; each figure is (value, low, high): a 95 % interval over customers.

    `gap` is the share that came true less the mean score.  `calibration_q` tests that it is that of all others, `auc_q`
    that the group is ranked as well as they are; corrected together over everything that a card tests, groups and spans
    of time (Holm: of cards with nothing to find, at most 5 % flag anything).  `flags` names what differs beyond chance.
    """

    kind: str
    value: str
    cases: int
    customers: int
    base_rate: Interval
    mean_score: Interval
    gap: Interval
    ece: Interval
    auc: Interval | None = None
    calibration_q: float | None = None
    auc_q: float | None = None
    flags: tuple[str, ...] = ()


class SliceFigures(Answer):
    """The scores of one span of time of the test part, as in `GroupFigures`; `calibration_q` tests a gap of 0."""

    since: str
    until: str
    cases: int
    base_rate: Interval
    mean_score: Interval
    gap: Interval
    ece: Interval
    auc: Interval | None = None
    calibration_q: float | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Some customers: those of the mask (C)."""

    kind: str
    value: str
    members: Mask


def groups_of(rows: Sequence[Mapping[str, Any]], timeline: Timeline) -> list[Group]:
    """Groups of customers from rows of `intent/groups`: by first source, first channel, platform and segment."""
    position = {customer: index for index, customer in enumerate(timeline.customer_ids)}
    found: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        customer = position[row["customer_id"]]
        for kind in ("first_source", "first_channel", "platform"):
            if row[kind] is not None:
                found.setdefault((kind, row[kind]), []).append(customer)
        for segment in row["segments"]:
            found.setdefault(("segment", segment), []).append(customer)
    groups = []
    for (kind, value), members in sorted(found.items()):
        mask = np.zeros(len(timeline.customer_ids), dtype=np.bool_)
        mask[members] = True
        groups.append(Group(kind, value, mask))
    return groups


def measure(
    scored: Scored, timeline: Timeline, cuts: Cuts, groups: Sequence[Group]
) -> tuple[tuple[GroupFigures, ...], tuple[SliceFigures, ...]]:
    """Figures by group and by time, all tests of both corrected together: at most 5 % of cards flag what is chance."""
    measured = _by_group(scored, timeline, cuts, groups)
    sliced = _by_time(scored, cuts)
    tests = [p for _, ps in measured for p in ps.values()] + [p for _, p in sliced]
    corrected = iter(family_wise(np.array(tests)).tolist())
    by_group = tuple(_flagged(figures, {name: next(corrected) for name in ps}) for figures, ps in measured)
    by_time = tuple(
        figures.model_copy(update={"calibration_q": one, "flags": ("calibration",) if one <= _ALPHA else ()})
        for (figures, _), one in zip(sliced, corrected, strict=True)
    )
    return by_group, by_time


def _by_group(
    scored: Scored, timeline: Timeline, cuts: Cuts, groups: Sequence[Group]
) -> list[tuple[GroupFigures, dict[str, float]]]:
    """Figures and p-values of each group with enough cases (the largest of a kind), and of each channel last used.

    A group that holds everybody is left out, since there is nobody to compare it with; of groups that hold the same
    cases (a source with a channel of its own) the first is told of.
    """
    last = timeline.channel_codes[cuts.end - 1]
    masks = [(group.kind, group.value, group.members[cuts.customers]) for group in groups]
    masks += [("last_channel", name, last == code) for code, name in enumerate(timeline.channels)]
    kept = _distinct([one for one in masks if MIN_CASES <= np.count_nonzero(one[2]) < len(cuts)])
    kinds = sorted({kind for kind, _, _ in kept})
    largest = [one for kind in kinds for one in _largest([other for other in kept if other[0] == kind])]
    return [_group(kind, value, scored.select(mask), scored.select(~mask)) for kind, value, mask in largest]


def _by_time(scored: Scored, cuts: Cuts) -> list[tuple[SliceFigures, float]]:
    """Figures and p-value of spans with equally many cases, in order of time."""
    order = np.argsort(cuts.at_us, kind="stable")
    measured = []
    for part in np.array_split(order, _SLICES):
        if len(part) < MIN_CASES:
            continue
        mask = np.zeros(len(cuts), dtype=np.bool_)
        mask[part] = True
        own = scored.select(mask)
        common = _common(own)
        since, until = (from_microseconds(int(at)).isoformat() for at in (cuts.at_us[part[0]], cuts.at_us[part[-1]]))
        measured.append((SliceFigures(since=since, until=until, **common), gap_differs(own)))
    return measured


def _distinct(masks: Sequence[tuple[str, str, Mask]]) -> list[tuple[str, str, Mask]]:
    return list({mask.tobytes(): (kind, value, mask) for kind, value, mask in reversed(masks)}.values())[::-1]


def _largest(masks: Sequence[tuple[str, str, Mask]]) -> list[tuple[str, str, Mask]]:
    """The values with the most cases, by name."""
    chosen = sorted(masks, key=lambda one: (-int(np.count_nonzero(one[2])), one[1]))[:_MOST_VALUES]
    return sorted(chosen, key=lambda one: one[1])


def _group(kind: str, value: str, own: Scored, others: Scored) -> tuple[GroupFigures, dict[str, float]]:
    tests = {}
    if _enough(own) and _enough(others):
        tests = {"calibration": gap_differs(own, others), "auc": ranks_differ(own, others)}
    customers = len(np.unique(own.customers))
    return GroupFigures(kind=kind, value=value, customers=customers, **_common(own)), tests


def _flagged(figures: GroupFigures, q: Mapping[str, float]) -> GroupFigures:
    return figures.model_copy(
        update={
            "calibration_q": q.get("calibration"),
            "auc_q": q.get("auc"),
            "flags": tuple(name for name, one in q.items() if one <= _ALPHA),
        }
    )


def _common(own: Scored) -> dict[str, Any]:
    figures: dict[str, Callable[[], Estimate]] = {
        "base_rate": own.rate,
        "mean_score": own.mean_score,
        "gap": own.gap,
        "ece": own.ece,
    }
    if _enough(own):
        figures["auc"] = own.auc
    return {"cases": len(own), **{name: tuple(measure()) for name, measure in figures.items()}}


def _enough(own: Scored) -> bool:
    """Whether both outcomes come from enough customers to test anything."""
    return own.fewest_customers >= MIN_EACH
