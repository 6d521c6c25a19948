"""The journey table as customers' histories: which touchpoint comes first, last, how often, and until when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from journeygraph.journeys.table import CONVERTED, JourneyTable

Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class History:
    """A table of journeys (P journeys, N touchpoints) read across journeys.

    A customer's journeys stand next to each other in the table, in order, so a place in its touchpoint columns is a
    place in the customer's history.  All methods take and give one number for each of C cases; -1 stands for none.
    """

    table: JourneyTable

    @cached_property
    def customer_start(self) -> Integers:
        """Place of the first touchpoint of each journey's customer (P)."""
        return self.table.offsets[:-1][np.searchsorted(self.table.customers, self.table.customers, side="left")]

    @cached_property
    def customer_stop(self) -> Integers:
        """Place behind the last touchpoint of each journey's customer (P)."""
        return self.table.offsets[np.searchsorted(self.table.customers, self.table.customers, side="right")]

    @property
    def data_end_us(self) -> int:
        """Instant of the last touchpoint (microseconds since 1970)."""
        return int(self.table.occurred_at_us.max(initial=0))

    @cached_property
    def _instants(self) -> Integers:
        return np.unique(self.table.occurred_at_us)

    @cached_property
    def _keys(self) -> Integers:
        """Customer and instant of each touchpoint as one number that rises along the table (N)."""
        customer = self.table.customers.astype(np.int64)[self.table.path_of]
        rank = np.searchsorted(self._instants, self.table.occurred_at_us)
        return np.asarray(customer * (len(self._instants) + 1) + rank + 1)

    @cached_property
    def conversions(self) -> Integers:
        """Places of the touchpoints that ended a conversion."""
        return np.asarray(self.table.offsets[1:][self.table.outcomes == CONVERTED] - 1)

    def behind(self, paths: Integers, until_us: Integers) -> Integers:
        """Place behind the last touchpoint that the customer of a journey made at this instant or before it."""
        rank = np.searchsorted(self._instants, until_us, side="right")
        wanted = self.table.customers.astype(np.int64)[paths] * (len(self._instants) + 1) + rank
        return np.searchsorted(self._keys, wanted, side="right").astype(np.int64)

    def places(self, step: str, channels: Collection[str] | None = None) -> Integers:
        """Places at which the step happened (through one of these channels), rising."""
        there = self.table.step_codes == self.table.code(step)
        if channels is not None:
            allowed = [code for code, channel in enumerate(self.table.channels) if channel in channels]
            there &= np.isin(self.table.channel_codes, allowed)
        return np.flatnonzero(there)


def first_in(places: Integers, start: Integers, stop: Integers) -> Integers:
    """The first of these (rising) places from `start` on and before `stop`, -1 where there is none.

    >>> first_in(np.array([2, 5]), np.array([0, 3, 0]), np.array([9, 9, 2])).tolist()
    [2, 5, -1]
    """
    found = np.append(places, np.iinfo(np.int64).max)[np.searchsorted(places, start)]
    return np.where(found < stop, found, -1)


def last_in(places: Integers, start: Integers, stop: Integers) -> Integers:
    """The last of these (rising) places from `start` on and before `stop`, -1 where there is none."""
    found = np.append(places, -1)[np.searchsorted(places, stop) - 1]
    return np.where(found >= start, found, -1)


def count_in(places: Integers, start: Integers, stop: Integers) -> Integers:
    """How many of these (rising) places lie from `start` on and before `stop`."""
    return np.asarray(np.maximum(np.searchsorted(places, stop) - np.searchsorted(places, start), 0), dtype=np.int64)
