"""Counts the planted handoff, repeat, bypassable step and duplicate steps in the contacts as they came out."""

from __future__ import annotations

import numpy as np

from journeygraph.generator.calendar import DAY_SECONDS, Integers
from journeygraph.generator.detours import BYPASSABLE, DUPLICATE, HANDOFF, REPEAT
from journeygraph.generator.recount import Journeys, Mask
from journeygraph.generator.shop import CODE, EXIT, STAGE_OF
from journeygraph.generator.truth import Planted
from journeygraph.schema import CHANNELS

_AGAIN_SECONDS = 7 * DAY_SECONDS


def planted(journeys: Journeys) -> tuple[Planted, ...]:
    """Each with its counts."""
    return (_handoff(journeys), _repeat(journeys), _bypassable(journeys), _duplicate(journeys))


def _handoff(journeys: Journeys) -> Planted:
    """Counted: the first contacts in the channel entered."""
    contacts = journeys.contacts
    after = np.flatnonzero(~journeys.starts & ~journeys.goal)
    moved = contacts.step[after - 1] == CODE[HANDOFF.step]
    for channel, rows in ((HANDOFF.left, after - 1), (HANDOFF.entered, after)):
        moved &= contacts.channel[rows] == CHANNELS.index(channel)
    ends = after[moved]
    usual = float(EXIT[STAGE_OF[CODE[HANDOFF.step]]])
    return Planted(
        kind="handoff",
        subject=f"{HANDOFF.left} → {HANDOFF.entered} after {HANDOFF.step}",
        steps=(HANDOFF.step,),
        size={"exit_rate": HANDOFF.exit_rate, "baseline": HANDOFF.otherwise, "usual": usual},
        observed={"exit_share": journeys.exit_share(ends)},
        effect=f"{HANDOFF.exit_rate:.0%} leave for good on arrival, {HANDOFF.otherwise:.0%} of those who stay do",
        **journeys.how_many(ends),
    )


def _repeat(journeys: Journeys) -> Planted:
    ends = journeys.ends_of((REPEAT.step,))
    first = ends[np.unique(journeys.journey[ends], return_index=True)[1]]
    seconds = journeys.contacts.seconds
    settled = first[seconds[first] < seconds.max(initial=0) - _AGAIN_SECONDS]
    again = _again(journeys, settled, ends)
    return Planted(
        kind="repeat",
        subject=REPEAT.step,
        steps=(REPEAT.step,),
        size={"rate": REPEAT.rate},
        observed={
            "journeys_repeating": int(again.sum()),
            "repeat_share": round(float(again.mean()), 4) if len(again) else 0.0,
        },
        effect=f"{REPEAT.rate:.0%} of those who stay in the stage raise it again in another channel",
        **journeys.how_many(ends),
    )


def _again(journeys: Journeys, first: Integers, every: Integers) -> Mask:
    """Whether the same person makes one of `every` contacts in another channel within seven days of each `first`."""
    contacts = journeys.contacts
    result = np.zeros(len(first), dtype=bool)
    for place, row in enumerate(first.tolist()):
        later = every[np.searchsorted(every, row, side="right") :][:20]
        same = contacts.person[later] == contacts.person[row]
        soon = contacts.seconds[later] - contacts.seconds[row] <= _AGAIN_SECONDS
        result[place] = bool((same & soon & (contacts.channel[later] != contacts.channel[row])).any())
    return result


def _bypassable(journeys: Journeys) -> Planted:
    ends = journeys.ends_of((BYPASSABLE.step,))
    return Planted(
        kind="bypassable",
        subject=BYPASSABLE.step,
        steps=(BYPASSABLE.step,),
        size={"readiness": BYPASSABLE.readiness},
        observed={"conversion": journeys.conversion(ends)},
        effect=f"after it customers move on {BYPASSABLE.readiness:g} times as readily",
        **journeys.how_many(ends),
    )


def _duplicate(journeys: Journeys) -> Planted:
    """Counted: contacts of either step."""
    each = [journeys.ends_of((step,)) for step in DUPLICATE.steps]
    return Planted(
        kind="duplicate_step",
        subject=" and ".join(DUPLICATE.steps),
        steps=DUPLICATE.steps,
        size={"share": DUPLICATE.share},
        observed={
            "first_journeys": len(np.unique(journeys.journey[each[0]])),
            "second_journeys": len(np.unique(journeys.journey[each[1]])),
            "first_conversion": journeys.conversion(each[0]),
            "second_conversion": journeys.conversion(each[1]),
        },
        effect=f"{DUPLICATE.share:.0%} enter consideration by either, and then go on alike",
        **journeys.how_many(np.sort(np.concatenate(each))),
    )
