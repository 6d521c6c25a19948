"""The planted rules as arithmetic on the walk's arrays; without plants every method leaves the null model as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from journeygraph.generator import detours, follow_up, shop
from journeygraph.generator import plants as planted_rules
from journeygraph.generator.calendar import Calendar, Floats, Integers, pick
from journeygraph.generator.plants import (
    DEAD_END,
    DROP_OFFS,
    GROUP_DROP_OFF,
    INCIDENTS,
    INTENTS,
    LOOPS,
    SILENCES,
    SINGLE_CUT,
    GroupDropOff,
    Incident,
    codes,
)
from journeygraph.generator.shop import CODE
from journeygraph.schema import CHANNELS

if TYPE_CHECKING:
    from journeygraph.generator.walk import State

Mask = NDArray[np.bool_]
APP = CHANNELS.index("app")
_MOST_READY = 0.95  # nobody is certain to move on


@dataclass(frozen=True)
class Plants:
    """The rules in force: all of `plants`, or none."""

    planted: bool
    calendar: Calendar
    ios: Mask  # each person's app platform
    step_thresholds: Floats = field(init=False)

    def __post_init__(self) -> None:
        thresholds = shop.step_thresholds()
        if self.planted:  # the single cut is reached from its step only
            shares = np.diff(thresholds, axis=1, prepend=0.0)
            shares[:, CODE[SINGLE_CUT.through]] = 0.0
            shares = detours.without_duplicates(shares)
            thresholds = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)
        object.__setattr__(self, "step_thresholds", thresholds)

    @property
    def n_intents(self) -> int:
        """Number of patterns to follow."""
        return len(INTENTS) if self.planted else 0

    def intents(self, readiness: Floats, progress: Integers, step: Integers) -> tuple[Floats, Integers]:
        """Readiness and matched prefixes after these contacts."""
        progress = progress.copy()
        for column in range(self.n_intents):
            pattern = codes(INTENTS[column].pattern)
            wanted = np.array([*pattern, -2])[progress[:, column]]
            progress[:, column] += step == wanted
            completed = (step == wanted) & (progress[:, column] == len(pattern))
            readiness = np.where(completed, readiness * INTENTS[column].readiness, readiness)
        if self.planted:
            readiness = detours.readiness(step, readiness)
        return readiness, progress

    def exit_rates(self, now: State) -> Floats:
        """Probability to leave for good after each contact."""
        rates = shop.EXIT[now.stage]
        if not self.planted:
            return rates
        for rule in DROP_OFFS:
            here = now.step == CODE[rule.step]
            came = here if rule.after is None else here & (now.before == CODE[rule.after])
            rates = np.where(here & ~came, rule.otherwise or 0.0, rates)
            rates = np.where(came, rule.exit_rate, rates)
        for incident in (*INCIDENTS, GROUP_DROP_OFF):
            rates = self._where_it_holds(incident, now, rates)
        rates = detours.exit_rates(now, rates)
        return np.where(now.step == CODE[DEAD_END.step], DEAD_END.exit_rate, rates)

    def _where_it_holds(self, rule: Incident | GroupDropOff, now: State, rates: Floats) -> Floats:
        """Exit rates with a rule that holds for one platform, for a time, or both."""
        here = now.step == CODE[rule.step]
        hit = here if rule.platform is None else here & self.on_platform(rule.platform, now.person, now.channel)
        if isinstance(rule, Incident):
            here, first, end = hit, *rule.span.seconds(self.calendar)
            hit = here & (now.seconds >= first) & (now.seconds < end)
        return np.where(hit, rule.exit_rate, np.where(here, rule.otherwise, rates))

    def on_platform(self, platform: str, person: Integers, channel: Integers) -> Mask:
        """Whether contacts are in the app of that platform."""
        return np.asarray((channel == APP) & (self.ios[person] == (platform == "ios")))

    def advance_rates(self, step: Integers, stage: NDArray[np.int8], readiness: Floats) -> Floats:
        """Probability to move on to the next stage after each contact, for those who stay."""
        rates = np.minimum(shop.ADVANCE[stage] * readiness, _MOST_READY)
        if not self.planted:
            return rates
        rates = np.where(step == CODE[DEAD_END.step], 0.0, rates)
        return np.where(step == CODE[SINGLE_CUT.step], 1.0, rates)

    def steps(
        self, step: Integers, now: State, stays: Mask, uniform: Floats, rng: np.random.Generator
    ) -> tuple[Integers, Integers, Sequence[Mask]]:
        """The next steps with the loops in them, the steps to avoid after that, and who returned in each loop."""
        avoid = np.full(len(step), -1, dtype=np.int64)
        if not self.planted:
            return step, avoid, ()
        for _ in range(3):  # draw again what is to be avoided
            clash = stays & (step == now.avoid)
            step = np.where(clash, pick(self.step_thresholds, now.stage, rng.random(len(step))), step)
        returned: list[Mask] = []
        for loop in LOOPS:
            way = codes(loop.way)
            went = stays & (now.step == way[-1]) & (now.before == way[-2])
            if len(way) == 3:
                lured = stays & (now.step == way[1]) & (now.before == way[0]) & (now.avoid != way[2])
                step = np.where(lured & (uniform < loop.lure), way[2], step)
                went &= now.before_that == way[0]
            returns = went & (uniform < loop.return_rate)
            step = np.where(returns, way[0], step)
            avoid = np.where(returns, way[1], avoid)
            returned.append(returns)
        return detours.repeats(step, now.step, stays, uniform), avoid, returned

    def forced(self, step: Integers, current: Integers, over: Mask) -> Integers:
        """The next steps where the current one leaves no choice."""
        if not self.planted:
            return step
        step = np.where(~over & (current == CODE[DEAD_END.step]), current, step)
        return np.where(~over & (current == CODE[SINGLE_CUT.step]), CODE[SINGLE_CUT.through], step)

    def first_steps(self, step: Integers, enters: Mask, rng: np.random.Generator) -> Integers:
        """The next steps of those who enter consideration."""
        return detours.entering(step, enters, rng) if self.planted else step

    def channels(self, now: State, step: Integers, over: Mask, uniform: Floats) -> Integers:
        """Channel of the next contact where a rule decides it, else -1."""
        return detours.channels(now, step, over, uniform) if self.planted else np.full(len(step), -1)

    def follow_up(self, done: Mask, rng: np.random.Generator) -> Integers:
        """Days until the follow-up e-mail of those who have just bought, 0 for none."""
        return follow_up.days(done, rng) if self.planted else np.zeros(len(done), dtype=np.int64)

    def fresh_readiness(self, done: Mask, mailed: Integers) -> Floats:
        """Readiness with which a new journey begins."""
        return follow_up.readiness(done, mailed) if self.planted else np.ones(len(done))

    def waits(self, step: Integers, following: Integers, over: Mask, uniform: Floats) -> tuple[Integers, Integers]:
        """Days to wait where the wait is long, seconds where it is short; 0 where no silence is planted."""
        long = np.zeros(len(step), dtype=np.int64)
        short = np.zeros(len(step), dtype=np.int64)
        if not self.planted:
            return long, short
        for rule in SILENCES:
            here = ~over & (step == CODE[rule.step]) & (following == CODE[rule.following])
            is_long = uniform < rule.share_long
            share = np.where(is_long, uniform / rule.share_long, (uniform - rule.share_long) / (1 - rule.share_long))
            days = np.asarray(rule.long_days[0] + share * (rule.long_days[1] - rule.long_days[0] + 1), dtype=np.int64)
            low, high = rule.short_seconds
            seconds = np.asarray(low + share * (high - low), dtype=np.int64)
            long = np.where(here & is_long, days, long)
            short = np.where(here & ~is_long, seconds, short)
        return long, short

    def patience(self, waited: Mask, returned: Sequence[Mask]) -> Floats:
        """What a long wait and each loop leave of the readiness to move on."""
        if not self.planted:
            return np.ones(len(waited))
        left = np.where(waited, planted_rules.SILENCES[0].readiness, 1.0)
        for loop, who in zip(LOOPS, returned, strict=True):
            left = np.where(who, left * loop.readiness, left)
        return left
