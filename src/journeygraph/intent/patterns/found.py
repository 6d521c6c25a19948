"""Patterns that go with an outcome: support, lift, tests corrected for all patterns tried, and what each one adds.

Matched only in the part of a journey *before* the outcome, so that nothing leaks: a converted journey's goal step is
left out.  Open journeys are censored: they count towards support, but nobody knows yet what becomes of them, so they
are left out of lift and test.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import UsageError
from journeygraph.intent.mining import miner
from journeygraph.intent.mining.mined import Mined
from journeygraph.intent.mining.miner import least_support
from journeygraph.intent.mining.sequences import Sequences
from journeygraph.intent.mining.weights import Weights, exact
from journeygraph.intent.mining.weights import told as told_number
from journeygraph.intent.patterns import parts, westfall_young
from journeygraph.intent.patterns.answer import PatternReport, PatternRow
from journeygraph.intent.patterns.fisher import fisher_p_values
from journeygraph.intent.patterns.occurrences import walk
from journeygraph.intent.patterns.outcome import before_outcome, reaches
from journeygraph.intent.patterns.question import MOST_PATTERNS, Question
from journeygraph.intent.patterns.rows import sliced, told
from journeygraph.intent.patterns.trend import Slices, Trends, trends
from journeygraph.journeys.table import OPEN, JourneyTable
from journeygraph.paths.about import about
from journeygraph.paths.steps import check
from journeygraph.statistics import q_values

__all__ = ["MOST_PATTERNS", "PatternReport", "PatternRow", "Question", "mine"]


def mine(table: JourneyTable, question: Question | None = None, **asked: Any) -> PatternReport:
    """Frequent patterns of steps with their lift on an outcome ("converted", "lost" or a step), the best of them.

    What is asked for is a `Question`, or its fields by name.  Sorted by q-value, then lift downwards, then support
    downwards, then pattern.

    Raises `UsageError` for an unknown outcome, a table of another grain, or limits that make no sense.
    """
    question = question or Question(**asked)
    if table.per != "journey":
        raise UsageError(f"Patterns are mined in journeys, not in {table.per}s.")
    check(table, (*question.required, *question.excluded))
    found = Findings(table, question)
    rows = told(found)
    return PatternReport(
        sequences=table.n_paths,
        **about(table),
        outcome=question.outcome,
        decided=found.tables.decided,
        reached=found.tables.reached,
        censored=int((~found.decided).sum()),
        minimum_support=found.least,
        weight=question.weight,
        total_weight=None if found.weights is None else told_number(found.weights.total, found.weights.decimals),
        tested=len(found.mined),
        representatives=int(np.count_nonzero(found.representative == found.mined.rows)),
        permutations=question.permutations,
        stopped=found.mined.stopped,
        slices=sliced(found),
        patterns=rows,
    )


@dataclass(frozen=True)
class Findings:
    """All patterns of a table, tested.  Figures of P patterns stand in the order of `mined`."""

    table: JourneyTable
    question: Question

    @cached_property
    def reached(self) -> NDArray[np.bool_]:
        """Which journeys reach the outcome."""
        return reaches(self.table, self.question.outcome)

    @cached_property
    def decided(self) -> NDArray[np.bool_]:
        """Which journeys' outcome is known."""
        return np.asarray(self.reached | (self.table.outcomes != OPEN))

    @cached_property
    def sequences(self) -> Sequences:
        """The journeys up to the outcome."""
        return before_outcome(self.table, self.question.outcome, together=self.question.together)

    @cached_property
    def weights(self) -> Weights | None:
        """What each journey counts, where it is not one: the value of its conversion."""
        if self.question.weight is None:
            return None
        if not self.table.one_currency:
            raise UsageError(
                f"Values in {', '.join(self.table.currencies)} are never added up: select journeys of one currency."
            )
        if not self.table.values.any():
            raise UsageError("No journey has a value: patterns cannot be weighted by it.")
        return Weights.of(exact(self.table.values), self.table.n_paths)

    @cached_property
    def least(self) -> int | float:
        """Least support, as a number of journeys or as a value."""
        if self.weights is not None:
            return told_number(self.weights.least(self.question.minimum_support), self.weights.decimals)
        return least_support(self.question.minimum_support, max(self.table.n_paths, 1))

    @cached_property
    def mined(self) -> Mined:
        """The patterns, with the decided journeys and those that reached the outcome as groups."""
        asked = self.question
        budget = miner.Budget(asked.seconds, asked.megabytes, patterns=MOST_PATTERNS)
        groups = [self.decided, self.reached]
        found = miner.mine(
            self.sequences,
            minimum_support=asked.minimum_support,
            groups=groups,
            weights=None if self.weights is None else exact(self.table.values),
            budget=budget,
            **asked.search,
        )
        if len(found) > MOST_PATTERNS or found.stopped == budget.out_of_patterns():
            raise UsageError(
                f"A minimum support of {self.least:g} in {self.table.n_paths} journeys gives more than "
                f"{MOST_PATTERNS:,} patterns: raise it, or lower the maximum length."
            )
        return found

    @cached_property
    def tables(self) -> parts.Tables:
        """Journeys with each row's pattern, by outcome."""
        return parts.Tables.of(self.mined, int(self.decided.sum()), int(self.reached.sum()))

    @cached_property
    def p_values(self) -> NDArray[np.float64]:
        """Fisher's exact test (P)."""
        rows = self.mined.rows
        tables = self.tables
        return fisher_p_values(tables.decided, tables.reached, tables.holding[rows], tables.both[rows])

    @cached_property
    def q_values(self) -> NDArray[np.float64]:
        """Corrected for all patterns (P)."""
        return q_values(self.p_values)

    @cached_property
    def added(self) -> parts.Additions:
        """What each row adds over its parts."""
        free, mined = self.question.limits.free, self.mined
        return parts.additions(mined, self.tables, free=free, allowed=self._counted)

    @cached_property
    def representative(self) -> NDArray[np.int64]:
        """The row that stands for each pattern (P): one that is listed."""
        targets = parts.represented(self.mined, self.tables, self.added, free=self.question.limits.free)
        return parts.listed(self.mined, targets, self.p_values)

    @property
    def _counted(self) -> NDArray[np.bool_]:
        """Rows whose figures are those of all journeys: the others were counted in journeys with the required steps."""
        kept = np.ones(len(self.mined.parents), dtype=bool)
        for step in self.question.required:
            kept &= self.mined.holding(self.table.code(step))
        return kept

    @cached_property
    def slices(self) -> Slices:
        """Equal slices of the journeys' time."""
        return Slices.cut(self.table)

    @cached_property
    def trends(self) -> Trends:
        """Whether each pattern rises or falls (P)."""
        return trends(self.by_slice, self.slices.began(np.arange(self.table.n_paths)))

    @property
    def by_slice(self) -> NDArray[np.int64]:
        """Journeys of each slice that hold each pattern (P x slices)."""
        return self._walked[1]

    @cached_property
    def wy_p_values(self) -> NDArray[np.float64] | None:
        """Family-wise p-values by permutation (P)."""
        if not self.question.permutations:
            return None
        rows = self.mined.rows
        order = np.argsort(rows)  # the walk's
        holding, p_values = self.tables.holding[rows[order]], self.p_values[order]
        result = np.empty(len(rows))
        result[order] = westfall_young.adjusted(
            p_values, holding, self._walked[0], self.tables.decided, self.tables.reached
        )
        return result

    @cached_property
    def _walked(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """One walk over all patterns: the journeys with the outcome in each permutation, and those of each slice."""
        asked, decided = self.question, np.flatnonzero(self.decided)
        number = np.cumsum(self.decided) - 1
        by_slice = np.zeros((len(self.mined), self.slices.number), dtype=np.int64)
        at = np.argsort(self.mined.rows)

        def holders() -> Iterator[NDArray[np.int64]]:
            for row, held in zip(at, walk(self.sequences, self.mined, asked.limits), strict=True):
                by_slice[row] = self.slices.began(held.sequences)
                yield number[held.sequences[self.decided[held.sequences]]]

        if not asked.permutations:
            deque(holders(), maxlen=0)
            return np.zeros((len(at), 0), dtype=np.int32), by_slice
        customers = self.table.customers[decided].astype(np.int64)
        labels = westfall_young.permuted(self.reached[decided], customers, asked.permutations, asked.seed)
        return westfall_young.counts(holders(), labels), by_slice
