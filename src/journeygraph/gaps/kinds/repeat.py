"""The same matter is raised again in another channel, more often than others come to raise it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from journeygraph.durations import DAY_US
from journeygraph.gaps import group_search
from journeygraph.gaps.clustered import Rows
from journeygraph.gaps.kind import Evidence, Kind, Statement, Test, mask, percent
from journeygraph.gaps.trials import EVERYBODY, Members, Trials, Wording
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

    def again(self, contacts: Integers, step: int) -> Mask:
        """Whether the step follows in another channel than that of the contact itself."""
        channel = self.channel[self.row[contacts]]
        follows = [self.follows(contacts, step, other) & (channel != other) for other in self.channels(step)]
        return np.asarray(np.logical_or.reduce(follows))

    def compared(self, step: int, members: Members = EVERYBODY) -> Rows:
        """Contacts (of some visits) of a step against the others at its stage and depth: is it made elsewhere later?

        A contact of the step in channel A counts if the step follows in a channel other than A; each other contact is
        counted beside those of every channel A, for the same event.
        """
        here, channels = self.at_stage(step), self.channels(step)
        here = here[members(self.row[here])]
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
    """A test for every step that happens in several channels, one of them a channel in which people answer.

    Then in groups.
    """
    contacts = _Contacts(visits, round(within_days * DAY_US))
    compared = {step: contacts.compared(step) for step in _matters(visits, contacts)}
    compared = {step: rows for step, rows in compared.items() if _comparable(visits, rows)}
    found = [_test(contacts, step, rows) for step, rows in compared.items()]
    return found + group_search.tests(visits, [_trials(contacts, step) for step in compared])


def _comparable(visits: Visits, rows: Rows) -> bool:
    strata = rows.strata().informative()
    return bool(min(strata.trials.sum(), strata.reference_trials.sum()) >= visits.minimum_journeys)


def _own(contacts: _Contacts, step: int, members: Members) -> float:
    """P-value of "it comes again no more often than after others" among some visits, 1 where there are too few."""
    rows = contacts.compared(step, members)
    return rows.excess_p() if _comparable(contacts.visits, rows) else 1.0


def _trials(contacts: _Contacts, step: int) -> Trials:
    """Of the contacts about a matter: after which it came again in another channel."""
    visits, names = contacts.visits, contacts.visits.names((step,))
    here = np.flatnonzero(contacts.step == step)
    row = contacts.row[here]
    days = contacts.within_us / DAY_US
    return Trials(
        NAME,
        (step,),
        identity=names,
        row=row,
        event=contacts.again(here, step),
        stratum=contacts.channel[row] * (len(DEPTHS) + 1) + visits.bucket[row],
        own=lambda members: _own(contacts, step, members),
        wording=Wording(
            subject=names[0],
            did=f"raised {names[0]} again in another channel within {days:g} days",
            alike="in the same channel, at the same depth",
            parameters=_parameters(contacts, step),
            strata={"depths": list(DEPTHS)},
        ),
    )


def _parameters(contacts: _Contacts, step: int) -> dict[str, object]:
    visits = contacts.visits
    return {
        "steps": list(visits.names((step,))),
        "within_us": contacts.within_us,
        "known_until_us": int(visits.table.occurred_at_us.max()) - contacts.within_us,
    }


def _matters(visits: Visits, contacts: _Contacts) -> list[int]:
    answers = np.array([name not in SELF_SERVICE for name in visits.table.channels], dtype=bool)
    used = np.zeros((len(visits.table.steps), len(visits.table.channels)), dtype=np.int64)
    np.add.at(used, (visits.steps, contacts.channel), 1)
    several = (used > 0).sum(axis=1) > 1
    return np.flatnonzero(several & (used[:, answers].sum(axis=1) > 0) & ~visits.is_goal).tolist()


def _test(contacts: _Contacts, step: int, rows: Rows) -> Test:
    return Test(
        NAME,
        (step,),
        identity=contacts.visits.names((step,)),
        p_value=rows.excess_p(),
        describe=lambda: _describe(contacts, step, rows),
        without=lambda left_out: _own(contacts, step, Members.without(left_out)),
    )


def _describe(contacts: _Contacts, step: int, rows: Rows) -> Evidence:
    visits = contacts.visits
    here = np.flatnonzero(contacts.step == step)
    again = contacts.again(here, step)
    affected = mask(visits.table.n_paths, visits.path[contacts.row[here[again]]])
    denominator = mask(visits.table.n_paths, visits.path[contacts.row[here]])
    n, n_again = len(here), int(again.sum())
    effect, name = rows.difference(), visits.table.steps[step]
    expected = max(n_again / n - effect.value, 0.0)
    days = contacts.within_us / DAY_US
    parameters = _parameters(contacts, step)
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
    queries=("gaps/repeat", "gaps/repeat_strata", "gaps/repeat_in_group", "gaps/repeat_in_group_strata"),
    tests=tests,
)
