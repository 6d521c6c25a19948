"""The patterns of a search as rows of an answer, the most telling first."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from statsmodels.stats.proportion import confint_proportions_2indep

from journeygraph.intent.mining.weights import told as told_number
from journeygraph.intent.patterns.answer import PatternRow, Slice
from journeygraph.intent.patterns.details import Detail, Details
from journeygraph.intent.patterns.outcome import OUTCOMES
from journeygraph.intent.patterns.words import in_words
from journeygraph.paths.evidence import statement
from journeygraph.schema import from_microseconds

if TYPE_CHECKING:
    from journeygraph.intent.patterns.found import Findings


def told(found: Findings) -> list[PatternRow]:
    """The rows that are asked for: by q-value, then lift downwards, then support downwards, then pattern."""
    kept = np.arange(len(found.mined))
    if not len(kept):
        return []
    if found.question.representatives:
        kept = kept[found.representative == found.mined.rows]
    names = steps_of(found)
    lifts = _lifts(found)
    order = sorted(
        kept.tolist(),
        key=lambda at: (found.q_values[at], -np.nan_to_num(lifts[at]), -found.mined.supports[at], names[at]),
    )
    stand_for = np.bincount(found.representative, minlength=len(found.mined.parents))
    listed = dict(zip(found.mined.rows.tolist(), names, strict=True))
    details = Details(found.table, found.sequences, found.question.limits, found.question.outcome, found.reached)
    rows = []
    for at in order[: found.question.top]:
        detail = details.of(_codes(found, int(found.mined.rows[at])))
        rows.append(_row(found, at, names[at], lifts[at], listed, stand_for, detail))
    return rows


def sliced(found: Findings) -> list[Slice]:
    """The slices of time, with the journeys that began in each."""
    bounds = [from_microseconds(bound).isoformat() for bound in found.slices.bounds.tolist()]
    journeys = found.slices.began(np.arange(found.table.n_paths)).tolist()
    return [
        Slice(since=since, until=until, sequences=count)
        for (since, until), count in zip(pairwise(bounds), journeys, strict=True)
    ]


def steps_of(found: Findings) -> list[list[Any]]:
    """The steps of each pattern (P); sets of them where those that share an instant are mined together."""
    return [found.sequences.names(pattern.codes) for pattern in found.mined]


def _lifts(found: Findings) -> NDArray[np.float64]:
    """P(outcome | pattern) / P(outcome), not a number where either is unknown (P)."""
    rows, tables = found.mined.rows, found.tables
    holding, both = tables.holding[rows], tables.both[rows]
    rate = np.divide(both, holding, out=np.full(len(rows), np.nan), where=holding > 0)
    return np.asarray(rate / (tables.reached / tables.decided) if tables.reached else np.full(len(rows), np.nan))


def _row(
    found: Findings,
    at: int,
    names: list[Any],
    lift: float,
    listed: dict[int, list[Any]],
    stand_for: NDArray[np.int64],
    detail: Detail,
) -> PatternRow:
    row, tables = int(found.mined.rows[at]), found.tables
    support = int(found.mined.counts[0, row])
    by = int(found.representative[at])
    wy = found.wy_p_values
    return PatternRow(
        pattern=names,
        name=in_words(names, found.question.limits),
        support=support,
        share=support / found.table.n_paths,
        **_weighted(found, row),
        decided_with=int(tables.holding[row]),
        reached_with=int(tables.both[row]),
        lift=None if np.isnan(lift) else float(lift),
        p_value=float(found.p_values[at]),
        q_value=float(found.q_values[at]),
        wy_p_value=None if wy is None else float(wy[at]),
        **(added := _addition(found, row)),
        median_seconds_to_outcome=detail.median_seconds,
        timed=detail.timed,
        examples=detail.examples,
        **_trend(found, at),
        represented_by=None if by == row else listed[by],
        stands_for=int(stand_for[row]) - 1 if by == row else 0,
        **_evidence(found, names, added["part"]),
    )


def _weighted(found: Findings, row: int) -> dict[str, float | None]:
    """The value of the journeys that hold the pattern, where journeys are weighted."""
    if found.weights is None or found.mined.weights is None:
        return {"weighted_support": None, "weighted_share": None}
    units = int(found.mined.weights[row])
    support = told_number(units, found.weights.decimals)
    return {"weighted_support": support, "weighted_share": units / found.weights.total}


def _addition(found: Findings, row: int) -> dict[str, Any]:
    """What the pattern adds over its best part."""
    added, tables = found.added, found.tables
    part = int(added.parts[row])
    if part < 0:
        fields = ("part", "part_decided_with", "part_reached_with", "adds", "adds_interval", "adds_p_value")
        return dict.fromkeys((*fields, "adds_q_value"))
    with_it = int(tables.both[row]), int(tables.holding[row])
    rest = int(tables.both[part]) - with_it[0], int(tables.holding[part]) - with_it[1]
    known = bool(with_it[1] and rest[0])
    return {
        "part": found.sequences.names(_codes(found, part)),
        "part_decided_with": int(tables.holding[part]),
        "part_reached_with": int(tables.both[part]),
        "adds": with_it[0] / with_it[1] / (rest[0] / rest[1]) if known else None,
        "adds_interval": _ratio_interval(*with_it, *rest) if known else None,
        "adds_p_value": float(added.p_values[row]),
        "adds_q_value": float(added.q_values[row]),
    }


def _trend(found: Findings, at: int) -> dict[str, Any]:
    """Whether the pattern rises or falls, with its shares."""
    known = found.trends.directions[at] is not None
    holding = found.by_slice[at].tolist()
    journeys = found.slices.began(np.arange(found.table.n_paths)).tolist()
    return {
        "trend": found.trends.directions[at],
        "trend_p_value": float(found.trends.p_values[at]) if known else None,
        "trend_q_value": float(found.trends.q_values[at]) if known else None,
        "support_by_slice": holding,
        "share_by_slice": [held / of if of else None for held, of in zip(holding, journeys, strict=True)],
    }


def _codes(found: Findings, row: int) -> tuple[int, ...]:
    codes: list[int] = []
    while row >= 0:
        codes.append(int(found.mined.items[row]))
        row = int(found.mined.parents[row])
    return tuple(reversed(codes))


def _ratio_interval(events: int, trials: int, other_events: int, other_trials: int) -> tuple[float, float]:
    """95 % interval of a ratio of two shares, adjusted where a share is zero or one."""
    low, high = confint_proportions_2indep(
        events, trials, other_events, other_trials, compare="ratio", method="log-adjusted"
    )
    return float(low), float(high)


def _evidence(found: Findings, pattern: list[Any], part: list[Any] | None) -> dict[str, Any]:
    """The statement that counts the pattern's and its part's figures again."""
    asked = found.question
    parameters = {
        "pattern": pattern,
        "part": part or [],
        "max_gap": asked.max_gap,
        "max_gap_seconds": asked.max_gap_seconds,
        "max_span_seconds": asked.max_span_seconds,
        "outcome": asked.outcome,
        "is_step": asked.outcome not in OUTCOMES,
        "slice_bounds_us": found.slices.bounds.tolist(),
    }
    query = "patterns/support_together" if asked.together else "patterns/support"
    return statement(query, found.table, parameters)
