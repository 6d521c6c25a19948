"""Findings that one group explains are told as confined to it, once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from journeygraph.gaps.kind import Test
from journeygraph.gaps.visits import Mask, Visits

#: A further group of the same subject must hold this much evidence where the groups before it are left out.
_MORE_THAN = 0.01
#: Below this something is left of a finding outside its groups.
_STILL = 0.01


def once(visits: Visits, everybody: Sequence[Test], grouped: Sequence[Test]) -> list[Test]:
    """The tests to tell, of those for everybody and those for groups.

    Of the groups of one subject the one with the most evidence is told, and another only where it holds without the
    first.  They take the place of the test for everybody where nothing of it remains outside them; where something
    does, it is told for everybody alone.
    """
    by_subject: dict[tuple[str, ...], list[Test]] = {}
    for test in grouped:
        by_subject.setdefault(test.identity, []).append(test)
    told: list[Test] = []
    explained: set[tuple[str, ...]] = set()
    for identity, tests in by_subject.items():
        kept, covered = _apart(visits, tests)
        if not any(_remains(test, covered) for test in everybody if test.identity == identity):
            told += kept
            explained.add(identity)
    return [test for test in everybody if test.identity not in explained] + told


def _apart(visits: Visits, tests: Sequence[Test]) -> tuple[list[Test], Mask]:
    covered = np.zeros(visits.table.n_touchpoints, dtype=bool)
    kept: list[Test] = []
    for test in sorted(tests, key=lambda test: (test.p_value, test.group.name if test.group else "")):
        if test.group is None or (kept and (test.without is None or test.without(covered) > _MORE_THAN / len(tests))):
            continue
        kept.append(test)
        covered |= visits.groups.mask(test.group)
    return kept, covered


def _remains(test: Test, covered: Mask) -> bool:
    return test.without is None or test.without(covered) <= _STILL
