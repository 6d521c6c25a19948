"""What one group of journeys does more often than another: two segments, or after an instant and before it.

Both groups are mined in one pass.  A pattern is looked at where it is frequent in either; whole journeys are matched,
because no outcome is told apart.  A journey that is in both groups counts in both, which makes the test the more
careful.  All patterns that are frequent in the two together are tested and corrected for: whether one is frequent in
either depends on what is tested, and corrected for those alone chance would be taken for a difference.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from journeygraph.answers import Answer, Reproducible
from journeygraph.errors import UsageError
from journeygraph.intent.mining import miner
from journeygraph.intent.mining.mined import Mined
from journeygraph.intent.mining.sequences import Sequences
from journeygraph.intent.patterns import parts, westfall_young
from journeygraph.intent.patterns.answer import Pattern
from journeygraph.intent.patterns.fisher import fisher_p_values
from journeygraph.intent.patterns.occurrences import walk
from journeygraph.intent.patterns.question import MOST_PATTERNS, Question
from journeygraph.intent.patterns.words import in_words
from journeygraph.journeys.table import OPEN, JourneyTable
from journeygraph.paths.about import AboutPaths, about
from journeygraph.paths.evidence import statement
from journeygraph.schema import from_microseconds
from journeygraph.statistics import q_values, share_difference


class Group(Answer):
    """A group of journeys: `name` says which."""

    name: str
    sequences: int


class ContrastRow(Reproducible):
    """A pattern's share in the group and in the one it is held against, and whether they differ.

    `parameters` count the group's, `against_parameters` the other's figures with the same statement.
    """

    pattern: Pattern
    name: str
    support: int
    share: float
    against_support: int
    against_share: float
    difference: float = Field(description="share minus against_share")
    interval: tuple[float, float] = Field(description="95 % interval of the difference (Newcombe)")
    p_value: float
    q_value: float
    wy_p_value: float | None = Field(description="family-wise; null where no permutations were asked for")
    represented_by: Pattern | None
    stands_for: int
    against_parameters: dict[str, Any]


class ContrastReport(AboutPaths):
    """The patterns that tell two groups apart, of `tested` in all, the surest first."""

    group: Group
    against: Group
    in_both: int = Field(description="journeys that are in either group")
    minimum_support: tuple[int, int] = Field(description="journeys of the group, or of the other")
    tested: int = Field(description="patterns that are frequent in the two together")
    representatives: int
    corrected_by: str = "Benjamini-Hochberg"
    permutations: int = Field(description="permutations of the groups behind wy_p_value")
    stopped: str | None
    patterns: list[ContrastRow]


class Pair(NamedTuple):
    """The group and the one it is held against, with their names."""

    one: JourneyTable
    other: JourneyTable
    names: tuple[str, str]


def contrast(pair: Pair, question: Question | None = None, **asked: Any) -> ContrastReport:
    """Frequent patterns of either group with their share in both, sorted by q-value, then the size of the difference.

    Raises `UsageError` where a group has no journeys, and for weights: a contrast counts journeys.
    """
    question = question or Question(**asked)
    if question.weight is not None:
        raise UsageError("A contrast of two groups counts journeys; a weight is for patterns before an outcome.")
    sizes = pair.one.n_paths, pair.other.n_paths
    for name, size in zip(pair.names, sizes, strict=True):
        if not size:
            raise UsageError(f"There are no journeys {name}: nothing can be compared.")
    least = (
        miner.least_support(question.minimum_support, sizes[0]),
        miner.least_support(question.minimum_support, sizes[1]),
    )
    sequences = joined(pair.one, pair.other)
    sequences = sequences.by_instant() if question.together else sequences
    first = np.arange(len(sequences)) < sizes[0]
    budget = miner.Budget(question.seconds, question.megabytes, patterns=MOST_PATTERNS)
    mined = miner.mine(
        sequences, minimum_support=min(least), groups=[np.ones_like(first), first], budget=budget, **question.search
    )
    if mined.stopped == budget.out_of_patterns() or len(mined) > MOST_PATTERNS:
        raise UsageError(f"That support gives more than {MOST_PATTERNS:,} patterns: raise it, or lower the length.")
    return ContrastReport(
        **about(pair.one),
        group=Group(name=pair.names[0], sequences=sizes[0]),
        against=Group(name=pair.names[1], sequences=sizes[1]),
        in_both=len(set(pair.one.ids) & set(pair.other.ids)),
        minimum_support=least,
        tested=len(mined),
        permutations=question.permutations,
        stopped=mined.stopped,
        **_told(pair, question, sequences, mined, _frequent(mined, least)),
    )


def before_and_after(before: JourneyTable, after: JourneyTable, instant: str) -> Pair:
    """Journeys that began at or after an instant against those before it.

    Those that began when a journey that is still open had its last touchpoint, or later, may go on and come to hold
    more: they are left out.
    """
    still = [
        int(table.occurred_at_us[table.offsets[1:] - 1][table.outcomes == OPEN].min())
        for table in (before, after)
        if (table.outcomes == OPEN).any()
    ]
    if not still:
        return Pair(after, before, (f"since {instant}", f"before {instant}"))
    one, other = _until(after, min(still)), _until(before, min(still))
    end = from_microseconds(min(still)).isoformat()
    return Pair(one, other, (f"since {instant} and before {end}", f"before {instant}"))


def _until(table: JourneyTable, end_us: int) -> JourneyTable:
    end = from_microseconds(end_us)
    until = end if table.selection.until is None else min(end, table.selection.until)
    kept = table.select(table.occurred_at_us[table.offsets[:-1]] < end_us)
    return replace(kept, selection=replace(table.selection, until=until))


def joined(one: JourneyTable, other: JourneyTable) -> Sequences:
    """The journeys of two tables in a row, over the steps of both."""
    items = sorted({*one.steps, *other.steps})
    codes = [np.array([items.index(step) for step in table.steps], dtype=np.int64) for table in (one, other)]
    return Sequences(
        np.concatenate([codes[0][one.step_codes], codes[1][other.step_codes]]),
        np.concatenate([one.offsets, one.offsets[-1] + other.offsets[1:]]).astype(np.int64),
        items,
        np.concatenate([one.occurred_at_us, other.occurred_at_us]),
    )


def _frequent(mined: Mined, least: tuple[int, int]) -> NDArray[np.bool_]:
    """Which patterns are frequent in either group."""
    either, first = mined.counts[1, mined.rows], mined.counts[2, mined.rows]
    return np.asarray((first >= least[0]) | (either - first >= least[1]))


def family_wise(
    pair: Pair, question: Question, sequences: Sequences, mined: Mined, p_values: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """Westfall-Young p-values of all patterns (P): the journeys' groups are permuted.

    A customer's journeys stay together, in their order in time; those in both groups are in both in every permutation.
    """
    if not question.permutations:
        return None
    customers, began = _whose(pair), _began(pair)
    order = np.lexsort((began, customers))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    shared = set(pair.one.ids) & set(pair.other.ids)
    fixed = np.array([name in shared for table in (pair.one, pair.other) for name in table.ids], dtype=bool)
    first = np.arange(len(order)) < pair.one.n_paths
    labels = westfall_young.permuted(
        first[order], customers[order], question.permutations, question.seed, fixed=fixed[order]
    )
    walked = np.argsort(mined.rows)  # the walk's order
    found = westfall_young.counts((place[held.sequences] for held in walk(sequences, mined, question.limits)), labels)
    tables, rows = parts.Tables.of(mined, len(sequences), pair.one.n_paths), mined.rows[walked]
    result = np.empty(len(rows))
    result[walked] = westfall_young.adjusted(
        p_values[walked], tables.holding[rows], found, tables.decided, tables.reached
    )
    return result


def _whose(pair: Pair) -> NDArray[np.int64]:
    """The customer of each journey of both tables, numbered alike."""
    names = sorted({*pair.one.customer_ids, *pair.other.customer_ids})
    number = {name: code for code, name in enumerate(names)}
    codes = [
        np.array([number[name] for name in table.customer_ids], dtype=np.int64) for table in (pair.one, pair.other)
    ]
    return np.concatenate([codes[0][pair.one.customers], codes[1][pair.other.customers]])


def _began(pair: Pair) -> NDArray[np.int64]:
    """When each journey of both tables began (microseconds)."""
    return np.concatenate([table.occurred_at_us[table.offsets[:-1]] for table in (pair.one, pair.other)])


def _told(
    pair: Pair, question: Question, sequences: Sequences, tested: Mined, frequent: NDArray[np.bool_]
) -> dict[str, Any]:
    """The rows, of the tested patterns those that are frequent in either group."""
    tables = parts.Tables.of(tested, len(sequences), pair.one.n_paths)
    p_values = fisher_p_values(tables.decided, tables.reached, tables.holding[tested.rows], tables.both[tested.rows])
    wy = family_wise(pair, question, sequences, tested, p_values)
    corrected, p_values = q_values(p_values)[frequent], p_values[frequent]
    wy = None if wy is None else wy[frequent]
    mined = replace(tested, rows=tested.rows[frequent])
    rows, free = mined.rows, question.limits.free
    representative = parts.listed(
        mined, parts.represented(mined, tables, parts.additions(mined, tables, free=free), free=free), p_values
    )
    names = [sequences.names(pattern.codes) for pattern in mined]
    by_row = dict(zip(rows.tolist(), names, strict=True))
    stand_for = np.bincount(representative, minlength=len(mined.parents))
    both, holding = tables.both[rows], tables.holding[rows]
    gap = np.abs(both / pair.one.n_paths - (holding - both) / pair.other.n_paths)
    kept: NDArray[np.int64] = np.arange(len(rows))
    kept = kept[representative == rows] if question.representatives else kept
    order = sorted(kept.tolist(), key=lambda at: (corrected[at], -gap[at], names[at]))
    found = []
    for at in order[: question.top]:
        by, row = int(representative[at]), int(rows[at])
        found.append(
            ContrastRow(
                pattern=names[at],
                name=in_words(names[at], question.limits),
                **_shares(int(both[at]), pair.one.n_paths, int(holding[at] - both[at]), pair.other.n_paths),
                p_value=float(p_values[at]),
                q_value=float(corrected[at]),
                wy_p_value=None if wy is None else float(wy[at]),
                represented_by=None if by == row else by_row[by],
                stands_for=int(stand_for[row]) - 1 if by == row else 0,
                **_evidence(pair, names[at], question),
            )
        )
    return {"representatives": int(np.count_nonzero(representative == rows)), "patterns": found}


def _shares(held: int, of: int, against_held: int, against_of: int) -> dict[str, Any]:
    difference = share_difference(held, of, against_held, against_of)
    return {
        "support": held,
        "share": held / of,
        "against_support": against_held,
        "against_share": against_held / against_of,
        "difference": difference.value,
        "interval": (difference.low, difference.high),
    }


def _evidence(pair: Pair, pattern: list[Any], question: Question) -> dict[str, Any]:
    """One statement, and the parameters for either group."""
    asked = {
        "pattern": pattern,
        "max_gap": question.max_gap,
        "max_gap_seconds": question.max_gap_seconds,
        "max_span_seconds": question.max_span_seconds,
    }
    query = "patterns/holding_together" if question.together else "patterns/holding"
    one, other = (statement(query, table, asked) for table in (pair.one, pair.other))
    return {**one, "against_parameters": other["parameters"]}
