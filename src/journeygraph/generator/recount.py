"""Counts what was planted in the contacts as they came out: the truth says what is there, not what was meant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from journeygraph.generator import follow_up, plants, shop
from journeygraph.generator.calendar import DAY_SECONDS, Integers
from journeygraph.generator.plants import Intent
from journeygraph.generator.truth import ARROW, Planted, PlantedIntent, Totals
from journeygraph.generator.walk import Contacts

Mask = NDArray[np.bool_]
_WINDOW_SECONDS = 30 * DAY_SECONDS


@dataclass(frozen=True)
class Journeys:
    """The contacts (N) cut into journeys (J) as DEFINITIONS says."""

    contacts: Contacts

    @cached_property
    def starts(self) -> Mask:
        """Whether a contact is its journey's first (N)."""
        person, seconds = self.contacts.person, self.contacts.seconds
        first = np.ones(len(person), dtype=bool)
        first[1:] = (person[1:] != person[:-1]) | (np.diff(seconds) > _WINDOW_SECONDS) | self.goal[:-1]
        return first

    @cached_property
    def goal(self) -> Mask:
        """Whether a contact is a conversion (N)."""
        return np.asarray(self.contacts.step == shop.CODE[shop.GOAL])

    @cached_property
    def journey(self) -> Integers:
        """Journey of each contact (N)."""
        return np.cumsum(self.starts) - 1

    @cached_property
    def last(self) -> Integers:
        """Index of each journey's last contact (J)."""
        return np.append(np.flatnonzero(self.starts)[1:], len(self.starts)) - 1

    @cached_property
    def converted(self) -> Mask:
        """Whether a journey ended with a conversion (J)."""
        return self.goal[self.last]

    @cached_property
    def lost(self) -> Mask:
        """Whether a journey ended without one, its window over before the data's end (J)."""
        ended = self.contacts.seconds[self.last]
        return np.asarray(~self.converted & (self.contacts.seconds.max(initial=0) - ended > _WINDOW_SECONDS))

    @cached_property
    def lost_here(self) -> Mask:
        """Whether a contact is the last of a lost journey (N)."""
        here = np.zeros(len(self.starts), dtype=bool)
        here[self.last[self.lost]] = True
        return here

    def ends_of(self, steps: tuple[str, ...]) -> Integers:
        """Indexes of contacts that complete these steps, one right after the other in a journey."""
        found = np.ones(len(self.starts), dtype=bool)
        for back, step in enumerate(reversed(steps)):
            at = np.roll(self.contacts.step, back) == shop.CODE[step]
            same = np.roll(self.journey, back) == self.journey
            at[:back] = False
            found &= at & same
        return np.flatnonzero(found)

    def how_many(self, ends: Integers) -> dict[str, int]:
        """Distinct journeys and customers of these contacts, and the contacts themselves."""
        return {
            "journeys": len(np.unique(self.journey[ends])),
            "customers": len(np.unique(self.contacts.person[ends])),
            "occurrences": len(ends),
        }

    def exit_share(self, ends: Integers) -> float:
        """Share of these contacts that ended a lost journey, of those more than a window before the data's end."""
        settled = ends[self.contacts.seconds[ends] < self.contacts.seconds.max(initial=0) - _WINDOW_SECONDS]
        return round(float(self.lost_here[settled].mean()), 4) if len(settled) else 0.0

    def conversion(self, ends: Integers) -> float:
        """Share of the closed journeys of these contacts that converted."""
        journeys = np.unique(self.journey[ends])
        closed = journeys[(self.converted | self.lost)[journeys]]
        return round(float(self.converted[closed].mean()), 4) if len(closed) else 0.0


def totals(journeys: Journeys, known: Mask, value: float) -> Totals:
    """What the contacts are, as a whole."""
    people = np.unique(journeys.contacts.person)
    count = len(journeys.last)
    converted, lost = int(journeys.converted.sum()), int(journeys.lost.sum())
    return Totals(
        touchpoints=len(journeys.starts),
        customers=len(people),
        known_customers=int(known[people].sum()),
        journeys=count,
        converted=converted,
        lost=lost,
        open=count - converted - lost,
        value=round(value, 2),
    )


def planted(journeys: Journeys) -> tuple[Planted, ...]:
    """Every planted gap with its counts."""
    missing = follow_up.planted(journeys)
    return (*_drop_offs(journeys), *_silences(journeys), *_loops(journeys), *_unreachable(journeys), missing)


def _drop_offs(journeys: Journeys) -> list[Planted]:
    found = []
    for rule in plants.DROP_OFFS:
        steps = (rule.step,) if rule.after is None else (rule.after, rule.step)
        ends = journeys.ends_of(steps)
        usual = float(shop.EXIT[shop.STAGE_OF[shop.CODE[rule.step]]])
        found.append(
            Planted(
                kind="drop_off",
                subject=ARROW.join(steps),
                steps=steps,
                size={"exit_rate": rule.exit_rate, "baseline": usual},
                observed={"exit_share": journeys.exit_share(ends)},
                effect=f"{rule.exit_rate:.0%} leave for good after it, where {usual:.0%} would",
                **journeys.how_many(ends),
            )
        )
    return found


def _silences(journeys: Journeys) -> list[Planted]:
    found = []
    for rule in plants.SILENCES:
        steps = (rule.step, rule.following)
        ends = journeys.ends_of(steps)
        waits = journeys.contacts.seconds[ends] - journeys.contacts.seconds[ends - 1]
        long = waits > (rule.long_days[0] - 1) * DAY_SECONDS
        observed = {
            "long": int(long.sum()),
            "conversion_after_long": journeys.conversion(ends[long]),
            "conversion_after_short": journeys.conversion(ends[~long]),
        }
        found.append(
            Planted(
                kind="silence",
                subject=ARROW.join(steps),
                steps=steps,
                size={
                    "share_long": rule.share_long,
                    "long_days_from": rule.long_days[0],
                    "long_days_to": rule.long_days[1],
                    "readiness": rule.readiness,
                },
                observed=observed,
                effect=f"after the long wait customers move on {rule.readiness:g} times as readily",
                **journeys.how_many(ends),
            )
        )
    return found


def _loops(journeys: Journeys) -> list[Planted]:
    found = []
    for rule in plants.LOOPS:
        steps = (*rule.way, rule.way[0])
        ends, ways = journeys.ends_of(steps), journeys.ends_of(rule.way)
        found.append(
            Planted(
                kind="loop",
                subject=ARROW.join(steps),
                steps=steps,
                size={"return_rate": rule.return_rate, "lure": rule.lure, "readiness": rule.readiness},
                observed={"return_share": round(len(ends) / max(len(ways), 1), 4)},
                effect=f"of those who stay in the stage {rule.return_rate:.0%} go back to the first step",
                **journeys.how_many(ends),
            )
        )
    return found


def _unreachable(journeys: Journeys) -> list[Planted]:
    dead, cut = plants.DEAD_END, plants.SINGLE_CUT
    at_dead, at_cut = journeys.ends_of((dead.step,)), journeys.ends_of((cut.step,))
    return [
        Planted(
            kind="unreachable",
            subject=dead.step,
            steps=(dead.step,),
            size={"exit_rate": dead.exit_rate},
            observed={"exit_share": journeys.exit_share(at_dead), "conversion": journeys.conversion(at_dead)},
            effect="no path leads from it to a purchase",
            follows=(f"drop_off {dead.step}",),
            **journeys.how_many(at_dead),
        ),
        Planted(
            kind="unreachable",
            subject=ARROW.join((cut.step, cut.through)),
            steps=(cut.step, cut.through),
            size={},
            observed={"conversion": journeys.conversion(at_cut)},
            effect=f"every path from {cut.step} to a purchase leads through it",
            **journeys.how_many(at_cut),
        ),
    ]


def intents(journeys: Journeys) -> tuple[PlantedIntent, ...]:
    """Every planted intent with its counts and lift."""
    return tuple(_intent(journeys, rule) for rule in plants.INTENTS)


def _intent(journeys: Journeys, rule: Intent) -> PlantedIntent:
    progress = np.zeros(len(journeys.last), dtype=np.int64)
    wanted = np.array([*plants.codes(rule.pattern), -1])
    place = np.arange(len(journeys.starts)) - np.flatnonzero(journeys.starts)[journeys.journey]
    for depth in range(int(place.max(initial=-1)) + 1):
        at = np.flatnonzero(place == depth)
        progress[journeys.journey[at]] += journeys.contacts.step[at] == wanted[progress[journeys.journey[at]]]
    contains = progress == len(rule.pattern)
    closed = journeys.converted | journeys.lost
    overall = float(journeys.converted[closed].mean()) if closed.any() else 0.0
    here = float(journeys.converted[closed & contains].mean()) if (closed & contains).any() else 0.0
    people = journeys.contacts.person[journeys.last]
    return PlantedIntent(
        pattern=rule.pattern,
        readiness=rule.readiness,
        journeys=int(contains.sum()),
        customers=len(np.unique(people[contains])),
        converted=int((contains & journeys.converted).sum()),
        lift=round(here / overall, 4) if overall else 0.0,
    )
