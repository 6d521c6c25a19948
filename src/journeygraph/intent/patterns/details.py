"""Of the patterns that are shown: the time from the pattern to the outcome, and journeys to look at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeygraph.intent.mining.sequences import Limits, Sequences
from journeygraph.intent.patterns.occurrences import Places, of_pattern
from journeygraph.intent.patterns.outcome import ends_before
from journeygraph.journeys.table import JourneyTable

#: Journeys that are named as examples.
EXAMPLES = 3


class Detail(NamedTuple):
    """Median seconds from where a pattern is first complete to the outcome, over `timed` journeys; and examples."""

    median_seconds: float | None
    timed: int
    examples: list[str]


class Details:
    """What can be told of one pattern after the other."""

    def __init__(
        self, table: JourneyTable, sequences: Sequences, limits: Limits, outcome: str, reached: NDArray[np.bool_]
    ) -> None:
        self.table, self.sequences, self.reached = table, sequences, reached
        self.places = Places(sequences, limits)
        stop = ends_before(table, outcome)
        self.outcome_us = np.full(table.n_paths, -1, dtype=np.int64)
        there = reached & (stop < table.offsets[1:])  # a loss has no instant
        self.outcome_us[there] = table.occurred_at_us[stop[there]]

    def of(self, codes: tuple[int, ...]) -> Detail:
        """The detail of a pattern."""
        held = of_pattern(self.places, codes)
        reached = self.reached[held.sequences]
        timed = reached & (self.outcome_us[held.sequences] >= 0)
        at = held.ends[timed]
        times = self.sequences.times_us
        assert times is not None  # noqa: S101 - sequences of journeys have times
        waits = (self.outcome_us[held.sequences[timed]] - times[at]) / 1_000_000
        first = np.argsort(~reached, kind="stable")[:EXAMPLES]
        return Detail(
            float(np.median(waits)) if len(waits) else None,
            len(waits),
            [self.table.ids[journey] for journey in held.sequences[first].tolist()],
        )
