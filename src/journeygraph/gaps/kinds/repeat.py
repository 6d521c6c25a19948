"""The same matter is raised again in another channel, more often than others come to raise it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from journeygraph.durations import DAY_US
from journeygraph.gaps.clustered import Rows
from journeygraph.gaps.kind import Evidence, Kind, Statement, Test, mask, percent
from journeygraph.gaps.visits import DEPTHS, Integers, Mask, Visits, first_of_each

NAME = "repeat"
#: A matter that comes up again within this time was not resolved at the first contact.
WITHIN_DAYS: Final = 7.0
#: Channels where nobody answers.  What happens only there is browsing and no matter that is raised with somebody.
SELF_SERVICE: Final = frozenset({"web", "app", "email", "ad"})


@dataclass(frozen=True)
class _Contacts:
    """The first visit of each journey to each step (M rows) that lies more than `within_us` before the data's end.

    Whether something follows within that time is known of all of them.  Visits stand in the order of the customer,
    so a matter may come up again in a later journey.
    """

    visits: Visits
    within_us: int

    @cached_property
    def row(self) -> Integers:
        """The visit (M)."""
        times = self.visits.table.occurred_at_us
        early = times < times.max(initial=0) - self.within_us
        rows = np.flatnonzero(early & ~self.visits.is_goal[self.visits.steps])
        return rows[first_of_each(self.visits.path[rows], self.visits.steps[rows])]

    @cached_property
    def step(self) -> Integers:
        """Step of each contact (M)."""
        return self.visits.steps[self.row]

    @cached_property
    def channel(self) -> Integers:
        """Channel of each visit of the table (N)."""
        return self.visits.table.channel_codes.astype(np.int64)

    @cached_property
    def customer(self) -> Integers:
        """Customer of each visit of the table (N)."""
        return self.visits.table.customers.astype(np.int64)[self.visits.path]

    @cached_property
    def later(self) -> Integers:
        """Index of the first visit after each one that is not at its instant (N): in the order of the customer."""
        times = self.visits.table.occurred_at_us
        ends = np.flatnonzero((np.diff(self.customer, append=-1) != 0) | (np.diff(times, append=-1) != 0)) + 1
        return ends[np.searchsorted(ends, np.arange(len(times)), side="right")]

    def at_stage(self, step: int) -> Integers:
        """Contacts (indexes) at the stage of a step."""
        return np.flatnonzero(self.visits.stage_of[self.step] == self.visits.stage_of[step])

    def channels(self, step: int) -> list[int]:
        """The channels that a step occurs in."""
        return [int(channel) for channel in np.unique(self.channel[self.visits.steps == step])]

    def follows(self, contacts: Integers, step: int, channel: int) -> Mask:
        """Whether the customer makes this step in this channel within the time after each of these contacts."""
        times, rows = self.visits.table.occurred_at_us, self.row[contacts]
        there = np.flatnonzero((self.visits.steps == step) & (self.channel == channel))
        following = np.searchsorted(there, self.later[rows])
        known = following < len(there)
        at = there[np.minimum(following, len(there) - 1)] if len(there) else rows
        same = known & (self.customer[at] == self.customer[rows])
        return np.asarray(same & (times[at] - times[rows] <= self.within_us))

    def compared(self, step: int) -> Rows:
        """Contacts of a step against the others at its stage and depth: is the step made in another channel later?

        A contact of the step in channel A counts if the step follows in a channel other than A; each other contact is
        counted beside those of every channel A, for the same event.
        """
        here, channels = self.at_stage(step), self.channels(step)
        if not len(here):
            nothing = np.zeros(0, dtype=np.int64)
            return Rows(nothing > 0, nothing > 0, nothing, nothing)
        follows = {channel: self.follows(here, step, channel) for channel in channels}
        subject, bucket = self.step[here] == step, self.visits.bucket[self.row[here]]
        parts: list[tuple[Mask, Mask, Integers, Integers]] = []
        for place, channel in enumerate(channels):
            elsewhere = np.logical_or.reduce([hit for other, hit in follows.items() if other != channel])
            kept = ~subject | (self.channel[self.row[here]] == channel)
            stratum = place * (len(DEPTHS) + 1) + bucket[kept]
            parts.append((elsewhere[kept], subject[kept], stratum, self.customer[self.row[here]][kept]))
        event, side, stratum, cluster = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Rows(event, side, stratum, cluster)


def tests(visits: Visits) -> list[Test]:
    """The tests of `tests_within` the default time."""
    return tests_within(visits, WITHIN_DAYS)


def tests_within(visits: Visits, within_days: float) -> list[Test]:
    """A test for every step that happens in several channels, one of them a channel in which people answer."""
    contacts = _Contacts(visits, round(within_days * DAY_US))
    return [test for step in _matters(visits, contacts) for test in _test(contacts, step)]


def _matters(visits: Visits, contacts: _Contacts) -> list[int]:
    answers = np.array([name not in SELF_SERVICE for name in visits.table.channels], dtype=bool)
    used = np.zeros((len(visits.table.steps), len(visits.table.channels)), dtype=np.int64)
    np.add.at(used, (visits.steps, contacts.channel), 1)
    several = (used > 0).sum(axis=1) > 1
    return np.flatnonzero(several & (used[:, answers].sum(axis=1) > 0) & ~visits.is_goal).tolist()


def _test(contacts: _Contacts, step: int) -> list[Test]:
    visits = contacts.visits
    rows = contacts.compared(step)
    strata = rows.strata().informative()
    if min(strata.trials.sum(), strata.reference_trials.sum()) < visits.minimum_journeys:
        return []
    return [
        Test(
            NAME,
            (step,),
            identity=visits.names((step,)),
            p_value=rows.excess_p(),
            describe=lambda: _describe(contacts, step, rows),
        )
    ]


def _describe(contacts: _Contacts, step: int, rows: Rows) -> Evidence:
    visits = contacts.visits
    here = np.flatnonzero(contacts.step == step)
    again = np.logical_or.reduce(
        [
            contacts.follows(here, step, channel) & (contacts.channel[contacts.row[here]] != channel)
            for channel in contacts.channels(step)
        ]
    )
    affected = mask(visits.table.n_paths, visits.path[contacts.row[here[again]]])
    denominator = mask(visits.table.n_paths, visits.path[contacts.row[here]])
    n, n_again = len(here), int(again.sum())
    effect, name = rows.difference(), visits.table.steps[step]
    expected = max(n_again / n - effect.value, 0.0)
    days = contacts.within_us / DAY_US
    parameters = {
        "steps": [name],
        "within_us": contacts.within_us,
        "known_until_us": int(visits.table.occurred_at_us.max()) - contacts.within_us,
    }
    channels = [visits.table.channels[channel] for channel in contacts.channels(step)]
    return Evidence(
        sentence=f"{n_again} of {n} journeys ({percent(n_again / n)}) raised {name} again in another channel within "
        f"{days:g} days; of other contacts at the same stage and depth {percent(expected)} were followed by it.",
        subject=name,
        affected=affected,
        denominator=denominator,
        visits=visits.steps == step,
        observed=n_again / n,
        expected=expected,
        effect=effect,
        effect_unit="share of the journeys that raised it",
        lost_conversions=None,  # it costs the customer's and the agent's time: who comes again is not lost by that
        counts={"resolved": n - n_again},
        statement=Statement("gaps/repeat", parameters),
        inputs=Statement(
            "gaps/repeat_strata",
            {**parameters, "same_stage": visits.same_stage(step), "channels": channels, "depths": list(DEPTHS)},
        ),
    )


KIND = Kind(
    name=NAME,
    title="The same matter is raised again elsewhere",
    expected_against="first-contact resolution: how often others at the same stage and depth come to raise it",
    queries=("gaps/repeat", "gaps/repeat_strata"),
    tests=tests,
)
