"""Patterns that go with an outcome: support, lift, Fisher's exact test, corrected for all patterns tried.

Matched only in the part of a journey *before* the outcome, so that nothing leaks: a converted journey's goal step is
left out.  Open journeys are censored: they count towards support, but nobody knows yet what becomes of them, so they
are left out of lift and test.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from statsmodels.stats.multitest import multipletests

from journeygraph.answers import Reproducible
from journeygraph.errors import UsageError
from journeygraph.intent import miner
from journeygraph.intent.fisher import fisher_p_values
from journeygraph.intent.miner import least_support
from journeygraph.intent.sequences import Sequences
from journeygraph.journeys.table import CONVERTED, LOST, OPEN, JourneyTable
from journeygraph.paths.about import AboutPaths, about
from journeygraph.paths.evidence import statement
from journeygraph.paths.steps import check

#: More cannot be told from chance, read, or kept: whoever asks for them is told to ask for less.
MOST_PATTERNS = 50_000
OUTCOMES = {"converted": CONVERTED, "lost": LOST}


class PatternRow(Reproducible):
    """A pattern and what goes with it.

    `share` is `support` of all sequences; `lift` is P(outcome | pattern) / P(outcome) among the decided, None where
    nobody reached the outcome or no decided journey holds the pattern; `p_value` is Fisher's, two-sided, `q_value`
    corrects it (Benjamini-Hochberg) for all patterns tried.
    """

    pattern: list[str]
    support: int
    share: float
    decided_with: int
    reached_with: int
    lift: float | None
    p_value: float
    q_value: float


class PatternReport(AboutPaths):
    """The patterns that tell most about an outcome, of `tested` in all."""

    sequences: int
    outcome: str
    decided: int = Field(description="journeys whose outcome is known")
    reached: int = Field(description="of these, the ones that reached it")
    censored: int = Field(description="open journeys, left out of lift and test")
    minimum_support: int
    tested: int
    corrected_by: str = "Benjamini-Hochberg"
    patterns: list[PatternRow]


def mine(
    table: JourneyTable,
    *,
    minimum_support: int | float = 0.05,
    max_length: int | None = 5,
    max_gap: int | None = None,
    closed: bool = False,
    top: int | None = 50,
    outcome: str = "converted",
) -> PatternReport:
    """Frequent patterns of steps with their lift on `outcome` ("converted", "lost" or a step), the best `top` of them.

    `minimum_support` is a number of journeys, or (a float) a share of them.  Sorted by q-value, then lift downwards,
    then support downwards, then pattern.

    Raises `UsageError` for an unknown outcome, a table of another grain, or limits that make no sense.
    """
    if table.per != "journey":
        raise UsageError(f"Patterns are mined in journeys, not in {table.per}s.")
    reached = reaches(table, outcome)
    decided = reached | (table.outcomes != OPEN)
    least = least_support(minimum_support, max(table.n_paths, 1))
    sequences = before_outcome(table, outcome)
    mined = miner.mine(
        sequences,
        minimum_support=least,
        max_length=max_length,
        max_gap=max_gap,
        closed=closed,
        groups=[decided, reached],
        budget=miner.Budget(patterns=MOST_PATTERNS),
    )
    found = list(islice(mined, MOST_PATTERNS + 1))
    if len(found) > MOST_PATTERNS:
        raise UsageError(
            f"A minimum support of {least} of {table.n_paths} journeys gives more than {MOST_PATTERNS:,} patterns: "
            "raise it, or lower the maximum length."
        )
    totals = {"decided": int(decided.sum()), "reached": int(reached.sum())}
    return PatternReport(
        sequences=table.n_paths,
        **about(table),
        outcome=outcome,
        **totals,
        censored=int((~decided).sum()),
        minimum_support=least,
        tested=len(found),
        patterns=_ranked(table, sequences, found, outcome=outcome, max_gap=max_gap, **totals)[:top],
    )


def reaches(table: JourneyTable, outcome: str) -> NDArray[np.bool_]:
    """Whether each journey reaches the outcome: converted, lost, or a step that it contains."""
    if outcome in OUTCOMES:
        return np.asarray(table.outcomes == OUTCOMES[outcome])
    check(table, [outcome], kind="outcome (converted, lost or a step)")
    found = np.zeros(table.n_paths, dtype=bool)
    found[table.path_of[table.step_codes == table.code(outcome)]] = True
    return found


def before_outcome(table: JourneyTable, outcome: str) -> Sequences:
    """The journeys up to, and without, the outcome: the first such step, or a converted journey's goal.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "converted", "value": 1.0,
    ...     "steps": ["view", "cart", "purchase"], "channels": ["web"] * 3, "occurred_at_us": [0, 1, 2]}])
    >>> [before_outcome(table, outcome).codes.tolist() for outcome in ("converted", "cart")]
    [[2, 0], [2]]
    """
    stop = table.offsets[1:].copy()
    if outcome in OUTCOMES:
        stop[table.outcomes == CONVERTED] -= 1
    else:
        at = np.append(np.flatnonzero(table.step_codes == table.code(outcome)), table.n_touchpoints)
        stop = np.minimum(stop, at[np.searchsorted(at, table.offsets[:-1])])
    path = table.path_of
    kept = np.arange(table.n_touchpoints) < stop[path]
    lengths = stop - table.offsets[:-1]
    return Sequences(
        table.step_codes[kept].astype(np.int64), np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64), table.steps
    )


def _ranked(
    table: JourneyTable,
    sequences: Sequences,
    found: list[miner.Pattern],
    *,
    outcome: str,
    max_gap: int | None,
    decided: int,
    reached: int,
) -> list[PatternRow]:
    """All patterns with their tests, the most telling first."""
    if not found:
        return []
    holding, both = np.array([pattern.in_groups for pattern in found]).T
    p_values = fisher_p_values(decided, reached, holding, both)
    q_values = multipletests(p_values, method="fdr_bh")[1]
    rows = []
    for pattern, p_value, q_value in zip(found, p_values.tolist(), q_values.tolist(), strict=True):
        names = sequences.names(pattern.codes)
        with_it, reached_with = pattern.in_groups
        rows.append(
            PatternRow(
                pattern=names,
                support=pattern.support,
                share=pattern.support / table.n_paths,
                decided_with=with_it,
                reached_with=reached_with,
                lift=reached_with / with_it / (reached / decided) if with_it and reached else None,
                p_value=p_value,
                q_value=q_value,
                **_evidence(table, names, outcome, max_gap),
            )
        )
    return sorted(rows, key=lambda row: (row.q_value, -(row.lift or 0.0), -row.support, row.pattern))


def _evidence(table: JourneyTable, pattern: list[str], outcome: str, max_gap: int | None) -> dict[str, Any]:
    """The statement that counts the pattern's support and outcomes again."""
    asked = {"pattern": pattern, "max_gap": max_gap, "outcome": outcome, "is_step": outcome not in OUTCOMES}
    return statement("patterns/support", table, asked)
