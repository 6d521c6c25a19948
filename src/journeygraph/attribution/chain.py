"""Journeys as an absorbing Markov chain of order k, and what each name's removal would cost, by linear solves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from journeygraph.attribution.model import Sample
from journeygraph.attribution.paths import Floats, Integers, Matrix, Paths
from journeygraph.errors import UsageError

#: A dense inverse of so many states takes seconds and 0.2 GB; sparse factors of such chains fill in and took longer.
MAXIMUM_STATES = 3_000
#: Up to so many states a chain is solved again for every resample of a bootstrap.
RESAMPLED_UP_TO = 500


@dataclass(frozen=True)
class Chain:
    """States and transitions of some paths.

    State 0 is the start; every other one is the last k names touched (fewer where the path is younger), and `owner`
    says which name comes last in it.  `inner` (transitions x paths) counts the transitions between states that a path
    makes, `ends` (states x paths) marks the state from which it converts or is lost.
    """

    n_states: int
    owner: Integers  # n_states; -1 for the start
    n_names: int
    source: Integers
    target: Integers
    inner: Matrix
    ends: Matrix

    @classmethod
    def of(cls, paths: Paths, order: int) -> Chain:
        """The chain whose states remember `order` touchpoints.

        Raises `UsageError` where that makes more states than can be solved exactly.
        """
        state = _states(paths, order)
        n_states = int(state.max(initial=0)) + 1
        if n_states > MAXIMUM_STATES:
            raise UsageError(
                f"A Markov chain of order {order} over {len(paths.names)} names has {n_states} states here; up to "
                f"{MAXIMUM_STATES} can be solved: choose a lower order, or credit something with fewer names."
            )
        owner = np.full(n_states, -1)
        owner[state] = paths.codes
        before = np.concatenate([[0], state[:-1]]) if len(state) else state
        before[paths.first] = 0
        pairs, transition = np.unique(before * n_states + state, return_inverse=True)
        ones = np.ones(len(state))
        return cls(
            n_states=n_states,
            owner=owner,
            n_names=len(paths.names),
            source=pairs // n_states,
            target=pairs % n_states,
            inner=sparse.coo_array((ones, (transition, paths.path_of)), shape=(len(pairs), paths.n_paths)).tocsr(),
            ends=sparse.coo_array(
                (np.ones(paths.n_paths), (state[paths.last], np.arange(paths.n_paths))), shape=(n_states, paths.n_paths)
            ).tocsr(),
        )

    def removal_effects(self, sample: Sample, names: Sequence[int] | None = None) -> list[Floats]:
        """For each resample, names x 2: the share of conversions, and of value, that removing the name would lose.

        Rows of names other than `names` (None: all) stay 0.
        """
        wanted = range(self.n_names) if names is None else names
        with threadpool_limits(1):  # more threads than free cores make small inverses far slower
            return self._effects(sample, wanted)

    def _effects(self, sample: Sample, names: Sequence[int]) -> list[Floats]:
        inner = self.inner @ (sample.conversions + sample.losses)
        converted, lost, value = (self.ends @ each for each in (sample.conversions, sample.losses, sample.values))
        return [
            self._solve(inner[:, b], converted[:, b], lost[:, b], value[:, b], names) for b in range(inner.shape[1])
        ]

    def _solve(self, inner: Floats, converted: Floats, lost: Floats, value: Floats, names: Sequence[int]) -> Floats:
        """Absorption from the start with and without each name.

        With Q the transitions between states and N = (I - Q)^-1, `worth` = N r is what is absorbed from each state.
        What flows through a set A of states is h worth_A, where h, the distribution of where A is first entered,
        solves h N_AA = N_start,A: one inverse serves all names.
        """
        leaving = np.bincount(self.source, inner, self.n_states) + converted + lost
        leaving[leaving == 0] = 1.0  # a state that this resample never visits
        moves = np.zeros((self.n_states, self.n_states))
        moves[self.source, self.target] = inner / leaving[self.source]
        fundamental = np.linalg.inv(np.eye(self.n_states) - moves)
        worth = fundamental @ (np.column_stack([converted, value]) / leaving[:, None])
        through = np.zeros((self.n_names, 2))
        for name in names:
            members = np.flatnonzero(self.owner == name)
            entered = np.linalg.solve(fundamental[np.ix_(members, members)].T, fundamental[0, members])
            through[name] = entered @ worth[members]
        lost_share: Floats = np.clip(through / np.where(worth[0] == 0, 1.0, worth[0]), 0.0, None)
        return lost_share


def _states(paths: Paths, order: int) -> Integers:
    """State of each touchpoint (N), from 1: the last `order` names of its path up to it."""
    state = paths.codes + 1
    head = np.zeros(len(state), dtype=bool)
    head[paths.first] = True
    for _ in range(order - 1):
        # One touchpoint more of memory: the state of the one before, and this one's name.
        before = np.concatenate([[0], state[:-1]]) if len(state) else state
        before = np.where(head, 0, before)
        state = np.unique(before * (len(paths.names) + 1) + paths.codes + 1, return_inverse=True)[1] + 1
    return np.unique(state, return_inverse=True)[1].astype(np.int64) + 1
