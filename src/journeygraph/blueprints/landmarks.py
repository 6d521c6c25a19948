"""The instant by which a step was due, who had it by then, and what came after: a landmark analysis.

Who has made a step by a fixed instant is compared with who has not by what happens *after* that instant; what happened
before it belongs to neither side's outcome, so that nobody is better off merely for having lasted long enough to make
the step (Anderson, Cain, Gelber: Analysis of survival by tumor response, J Clin Oncol 1983).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from journeygraph.blueprints.cases import Cases
from journeygraph.blueprints.history import Integers, Mask, count_in, first_in
from journeygraph.blueprints.rules import Rule

#: Upper ends of the buckets of a place in the customer's history, counted from 1, the last one open.  They are few:
#: cases are also told apart by three other things, and strata of one case each would compare nothing.
DEPTHS: Final = (1, 2, 3, 5, 8, 15, 30, 100)
#: Upper ends of the buckets of other touchpoints between the reference and the landmark, the last one open.
OTHERS: Final = (0, 1, 2, 3, 5, 8)


@dataclass(frozen=True)
class Landmark:
    """A required step in each of C cases; -1 and False where it is not due.

    `since` is the place that its time counts from.  `due`: its time has passed by the end of the data.  `missing`: it
    had not happened by then.  `compared`: it is also known whether a conversion followed within a journey window, and
    none came before.

    Who is alike: `depth` counts the customer's touchpoints before that place, `returning` says whether one of them was
    a conversion, `channel` is the place's, `others` counts the touchpoints in the time allowed (with the step
    itself where it is the customer's act), and `passed` is
    the step that came where there is no limit (-1 where there is one).
    """

    since: Integers
    due: Mask
    missing: Mask
    compared: Mask
    converted: Mask
    depth: Integers
    returning: Mask
    channel: Integers
    others: Integers
    passed: Integers

    @property
    def alike(self) -> Integers:
        """Stratum of each case as one number (C)."""
        depth, others = np.searchsorted(DEPTHS, self.depth + 1), np.searchsorted(OTHERS, self.others)
        columns = np.stack([depth, others, self.returning, self.channel, self.passed])
        return np.unique(columns, axis=1, return_inverse=True)[1].reshape(-1).astype(np.int64)


def landmark(cases: Cases, rule: Rule) -> Landmark:
    """When a step was due in each case, whether it had happened, and whether a conversion followed.

    With a time limit it is due when the limit has passed; without one, when the case first comes to a step declared
    after it (goals aside: whoever made one is at the end).
    """
    history, window_us = cases.history, cases.rules.journey_window_us
    since = cases.start if rule.since is None else first_in(history.places(rule.since), cases.start, cases.stop)
    known = since >= 0
    start = np.maximum(since, 0)
    due_us, stop, after = _due(cases, rule, start)
    due = known & (due_us >= 0) & (due_us <= history.data_end_us)
    own = np.minimum(stop, cases.stop) if not cases.across else stop
    step = history.places(rule.step)
    outcome_stop = history.behind(cases.path, due_us + window_us)
    first = history.customer_start[cases.path]
    before = count_in(history.conversions, start + 1, after)
    own_act = 0 if rule.by_customer else count_in(step, start + 1, stop)
    return Landmark(
        since=since,
        due=due,
        missing=due & (first_in(step, start, own) < 0),
        compared=due & (before == 0) & (due_us + window_us <= history.data_end_us),
        converted=np.asarray(count_in(history.conversions, after, outcome_stop) > 0),
        depth=start - first,
        returning=np.asarray(count_in(history.conversions, first, start) > 0),
        channel=history.table.channel_codes[start].astype(np.int64),
        others=np.maximum(stop - start - 1 - own_act, 0),
        passed=np.full(len(start), -1)
        if rule.within_us is not None
        else history.table.step_codes[stop].astype(np.int64),
    )


def _due(cases: Cases, rule: Rule, start: Integers) -> tuple[Integers, Integers, Integers]:
    """The instant of the landmark (-1: none), the place before which the step counts, and where what follows begins."""
    history = cases.history
    times = history.table.occurred_at_us
    if rule.within_us is not None:
        due_us = times[start] + rule.within_us
        behind = history.behind(cases.path, due_us)
        return due_us, behind, behind
    places = np.sort(np.concatenate([np.zeros(0, np.int64), *map(history.places, later(cases, rule))]))
    passed = first_in(places, start + 1, cases.stop)
    due_us = np.where(passed >= 0, times[np.maximum(passed, 0)], -1)
    return due_us, np.maximum(passed, 0), passed + 1


def later(cases: Cases, rule: Rule) -> Sequence[str]:
    """The steps declared after a step that are no goals."""
    others = cases.blueprint.rules.rules
    return [other.step for other in others if rule.step in other.before and other.step not in cases.rules.goals]
