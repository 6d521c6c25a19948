"""What a kind of finding lets the search over groups look at: trials of one subject, and the kind's own question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from journeygraph.gaps.visits import Integers, Mask
from journeygraph.statistics import Estimate


@dataclass(frozen=True, eq=False)
class Members:
    """Some of the visits: those of a group, or those that are left without it.  Called with visits, it says which."""

    kept: Callable[[Integers], Mask]

    def __call__(self, rows: Integers) -> Mask:
        return self.kept(rows)

    @classmethod
    def without(cls, left_out: Mask) -> Members:
        """All visits but these (N)."""
        return cls(lambda rows: ~left_out[rows])


#: All visits.
EVERYBODY = Members(lambda rows: np.ones(len(rows), dtype=bool))


@dataclass(frozen=True)
class Hit:
    """A group's journeys (P) that could have been affected, those that were, and how many more than of others."""

    members: Members
    reached: Mask
    affected: Mask
    excess: Estimate


def no_loss(hit: Hit) -> Estimate | None:  # noqa: ARG001
    """What costs no conversions, or none that can be told."""
    return None


def all_lost(hit: Hit) -> Estimate | None:
    """Where the event is the loss of a journey that would have converted, the excess is what it costs."""
    return hit.excess


@dataclass(frozen=True)
class Wording:
    """How a finding confined to a group is told, and by which queries its figures come again.

    The sentence is "n of N journeys of GROUP `did`; of others `alike` x %."  The queries `gaps/KIND_in_group` and
    `gaps/KIND_in_group_strata` are asked with `parameters`, the latter with `strata` as well; `suffix` ends their names
    where a kind has several.  `lost` gives the conversions lost.
    """

    subject: str
    did: str
    parameters: Mapping[str, Any]
    strata: Mapping[str, Any]
    alike: str = "at the same depth"
    suffix: str = ""
    lost: Callable[[Hit], Estimate | None] = field(default=no_loss, repr=False)


@dataclass(frozen=True)
class Trials:
    """The M trials of one subject: each with the visit that says which groups it is part of, its event and stratum.

    The search compares the events of a group's trials with those of all others in the same strata.  `own` is the
    one-sided p-value of the kind's own question among some visits only: whether there is a gap at all.
    """

    kind: str
    steps: tuple[int, ...]
    identity: tuple[str, ...]
    row: Integers
    event: Mask
    stratum: Integers
    own: Callable[[Members], float] = field(repr=False)
    wording: Wording = field(repr=False)
