"""The planted missing step: a follow-up e-mail that some who buy do not get in time, and who then buy again less.

The e-mail is the first contact after a purchase, begins the next journey, and is left like any other step of its stage.
It changes the readiness to move on, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from journeygraph.generator import shop
from journeygraph.generator.calendar import DAY_SECONDS, Floats, Integers
from journeygraph.generator.truth import ARROW, Planted

if TYPE_CHECKING:
    from journeygraph.generator.recount import Journeys

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class FollowUp:
    """After `anchor` the step comes at once for `in_time` of the customers, after `late_days` for `late`, else never.

    `readiness` is how readily those move on who got it in time, `readiness_without` how readily all others do.
    """

    anchor: str
    step: str
    within_days: int
    in_time: float
    late: float
    late_days: int
    readiness: float
    readiness_without: float


FOLLOW_UP: Final = FollowUp(
    shop.GOAL, "follow_up_email", within_days=7, in_time=0.6, late=0.15, late_days=10, readiness=1.8,
    readiness_without=0.4,
)  # fmt: skip
#: The declared journey that the step is missing from, as `journeygraph generate` writes it beside the data.
BLUEPRINT: Final = f"""\
# What should follow every purchase. journeygraph blueprint check FILE holds it against what did.
name: follow-up after a purchase
starts: {FOLLOW_UP.anchor}
until: 30d
stages:
  - stage: post-purchase
    steps:
      - step: {FOLLOW_UP.step}
        within: {FOLLOW_UP.within_days}d
        channels: [email]
        by: company
      - step: write_review
        required: false
forbidden: [complaint]
"""


def days(done: Mask, rng: np.random.Generator) -> Integers:
    """Days until the e-mail of those who have just bought, 0 for nobody and never."""
    draw = rng.random(len(done))
    late = done & (draw >= FOLLOW_UP.in_time) & (draw < FOLLOW_UP.in_time + FOLLOW_UP.late)
    return np.where(done & (draw < FOLLOW_UP.in_time), 1, np.where(late, FOLLOW_UP.late_days, 0))


def readiness(done: Mask, days: Integers) -> Floats:
    """Readiness with which a new journey begins: after a purchase it depends on the e-mail."""
    after = np.where(days == 1, FOLLOW_UP.readiness, FOLLOW_UP.readiness_without)
    return np.where(done, after, 1.0)


def planted(journeys: Journeys) -> Planted:
    """Counted: the purchases whose time for the e-mail had passed by the end of the data, and that had none."""
    contacts, limit = journeys.contacts, FOLLOW_UP.within_days * DAY_SECONDS
    bought = np.flatnonzero(contacts.step == shop.CODE[FOLLOW_UP.anchor])
    due = bought[contacts.seconds[bought] + limit <= contacts.seconds.max(initial=0)]
    mails = np.flatnonzero(contacts.step == shop.CODE[FOLLOW_UP.step])
    following = np.append(mails, 0)[np.searchsorted(mails, due)]
    wait = contacts.seconds[following] - contacts.seconds[due]
    got = (following > due) & (contacts.person[following] == contacts.person[due]) & (wait <= limit)
    return Planted(
        kind="missing_step",
        subject=ARROW.join((FOLLOW_UP.anchor, FOLLOW_UP.step)),
        steps=(FOLLOW_UP.anchor, FOLLOW_UP.step),
        size={
            "within_days": FOLLOW_UP.within_days,
            "in_time": FOLLOW_UP.in_time,
            "late": FOLLOW_UP.late,
            "readiness": FOLLOW_UP.readiness,
            "readiness_without": FOLLOW_UP.readiness_without,
        },
        observed={"due": len(due), "missing_share": round(float(1 - got.mean()), 4) if len(due) else 0.0},
        effect=f"{1 - FOLLOW_UP.in_time:.0%} get no e-mail within {FOLLOW_UP.within_days} days of a purchase, and buy "
        "again less readily; blueprint.yaml declares it",
        **journeys.how_many(due[~got]),
    )
