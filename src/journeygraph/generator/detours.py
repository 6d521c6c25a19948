"""Planted handoff, repeat, bypassable step and duplicate steps: as rules, and as arithmetic on the walk's arrays.

Each changes one thing: a handoff the exit on arrival, a repeat which step and channel come next, a bypassable step the
readiness, duplicate steps where in a journey they come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from journeygraph.generator import shop
from journeygraph.generator.calendar import Floats, Integers
from journeygraph.generator.shop import CODE
from journeygraph.schema import CHANNELS

if TYPE_CHECKING:
    from journeygraph.generator.walk import State

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Handoff:
    """From `step` in one channel `share` go on in the other, and whoever does leaves on arrival with `exit_rate`.

    `otherwise` is the exit rate of arrivals in the two channels that did not change between them; it is a little
    below the usual one of the stage, so that no step and no transition loses more than others.
    """

    step: str
    left: str
    entered: str
    share: float
    exit_rate: float
    otherwise: float


@dataclass(frozen=True)
class Repeat:
    """After `step` customers who stay in the stage raise it again with probability `rate`, in another channel."""

    step: str
    rate: float
    again_in: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Bypassable:
    """After `step` customers move on only `readiness` times as readily."""

    step: str
    readiness: float


@dataclass(frozen=True)
class Duplicate:
    """Two steps that both are a way into their stage and never come later; `share` enter it by either."""

    steps: tuple[str, str]
    share: float


HANDOFF: Final = Handoff("read_reviews", "app", "web", share=0.25, exit_rate=0.55, otherwise=0.03)
REPEAT: Final = Repeat("complaint", 0.6, (("service", "social"), ("social", "service"), ("store", "service")))
BYPASSABLE: Final = Bypassable("ask_in_store", 0.3)
DUPLICATE: Final = Duplicate(("campaign_page", "offer_page"), 0.25)

_LEFT, _ENTERED = CHANNELS.index(HANDOFF.left), CHANNELS.index(HANDOFF.entered)
_HAPPENS = np.diff(shop.channel_thresholds(), axis=1, prepend=0.0) > 0  # steps x channels
_DUPLICATES = tuple(CODE[step] for step in DUPLICATE.steps)


def exit_rates(now: State, rates: Floats) -> Floats:
    """Exit rates with those on arrival after the handoff's step."""
    after = now.before == CODE[HANDOFF.step]
    moved = after & (now.channel_before == _LEFT) & (now.channel == _ENTERED)
    usual = now.stage == shop.STAGE_OF[CODE[HANDOFF.step]]
    other = after & usual & np.isin(now.channel, (_LEFT, _ENTERED)) & (rates == shop.EXIT[now.stage])
    return np.where(moved, HANDOFF.exit_rate, np.where(other, HANDOFF.otherwise, rates))


def readiness(step: Integers, left: Floats) -> Floats:
    """Readiness after these contacts."""
    return np.where(step == CODE[BYPASSABLE.step], left * BYPASSABLE.readiness, left)


def repeats(step: Integers, current: Integers, stays: Mask, uniform: Floats) -> Integers:
    """The next steps with the repeated ones in them."""
    return np.where(stays & (current == CODE[REPEAT.step]) & (uniform < REPEAT.rate), current, step)


def channels(now: State, step: Integers, over: Mask, uniform: Floats) -> Integers:
    """Channel of the next contact where the handoff or the repeat decides it, else -1."""
    can = ~over & _HAPPENS[step, _ENTERED]
    hands = can & (now.step == CODE[HANDOFF.step]) & (now.channel == _LEFT) & (uniform < HANDOFF.share)
    result = np.where(hands, _ENTERED, -1)
    again = ~over & (now.step == CODE[REPEAT.step]) & (step == now.step)
    for before, after in REPEAT.again_in:
        here = again & (now.channel == CHANNELS.index(before))
        result = np.where(here, CHANNELS.index(after), result)
    return result


def entering(step: Integers, enters: Mask, rng: np.random.Generator) -> Integers:
    """First steps in the stage of the duplicates, with these in them."""
    uniform = rng.random(len(step))
    chosen = np.where(uniform < 0.6 * DUPLICATE.share, *_DUPLICATES)
    return np.where(enters & (uniform < DUPLICATE.share), chosen, step)


def without_duplicates(shares: Floats) -> Floats:
    """Shares of the steps of each stage (stages x steps) without the duplicates, which come first or not at all."""
    shares[:, _DUPLICATES] = 0.0
    return shares
