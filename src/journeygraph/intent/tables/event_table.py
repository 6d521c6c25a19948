"""Tables of touchpoints with a label, as one row a sequence: what happened before the label's outcome, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from journeygraph.errors import UsageError, did_you_mean

#: Names that a table of touchpoints may use, the usual one first.
IDS: Final = ("session_id", "sequence_id", "journey_id", "customer_id", "anonymous_id", "visitor_id", "client_id")
STEPS: Final = ("step", "event_type", "event", "event_name", "action", "page")
TIMES: Final = ("occurred_at", "timestamp", "event_time", "time", "position", "order")
#: The columns of a sequence: its steps, and the seconds (or places) from each to the next.
STEPS_OF: Final = "steps"
DWELL_OF: Final = "dwell"
_MOST_VALUES = 200
#: Between the steps of a sequence in one text; the first that most texts hold is it.
SEPARATORS: Final = (">", "|", ";", ",", " ")
#: Most texts hold the separator, and a word comes this often on average.
_MOSTLY, _AGAIN = 0.5, 3


@dataclass(frozen=True)
class EventColumns:
    """Which columns of a table of touchpoints say whose, what and when; None: in the order of the file."""

    sequence: str
    step: str
    time: str | None


def columns_of(
    table: pd.DataFrame, sequence: str | None = None, step: str | None = None, time: str | None = None
) -> EventColumns | None:
    """The columns that make a table one of touchpoints; None for a table of sessions, one row each.

    What is not named is looked for by its usual names.  Raises `UsageError` for a name that the table does not have.

    >>> columns_of(pd.DataFrame({"session_id": [1, 1], "step": ["view", "cart"], "bought": [0, 0]}))
    EventColumns(sequence='session_id', step='step', time=None)
    >>> columns_of(pd.DataFrame({"session_id": [1, 2], "pages": [3, 4]}))
    """
    known = [str(column) for column in table.columns]
    for name in (sequence, step, time):
        if name is not None and name not in known:
            guess = did_you_mean(name, known)
            raise UsageError(f"There is no column {name!r}; there are: {', '.join(known)}.{guess}")
    named = {str(column).lower(): str(column) for column in table.columns}
    found_step = step or _first(named, STEPS)
    found_id = sequence or _first({key: name for key, name in named.items() if not table[name].is_unique}, IDS)
    if found_step is None or found_id is None:
        return None
    return EventColumns(found_id, found_step, time or _first(named, TIMES))


def _first(named: dict[str, str], usual: tuple[str, ...]) -> str | None:
    return next((named[name] for name in usual if name in named), None)


def sequences(
    table: pd.DataFrame, columns: EventColumns, label: str, truth: NDArray[np.bool_]
) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """One row a sequence, with `steps` and `dwell` (lists) and a summary of every other column; and its label.

    A label that differs within a sequence marks the touchpoints of the outcome itself: the sequence is cut before
    the first of them, so that nothing leaks.  A sequence that begins with its outcome has no touchpoint to learn from
    and is left out.
    """
    times = _seconds(table, columns.time)
    ordered = pd.DataFrame({"id": table[columns.sequence].astype(str), "time": times, "truth": truth})
    ordered = ordered.sort_values(["id", "time"], kind="stable")
    rows = ordered.index.to_numpy()
    number = ordered.groupby("id", sort=True).ngroup().to_numpy()
    outcome = np.bincount(number, ordered["truth"]) > 0
    varies = outcome & (np.bincount(number, ~ordered["truth"]) > 0)
    seen = ordered.groupby("id")["truth"].cummax().to_numpy()
    kept = ~(varies[number] & seen)
    number, rows, at = number[kept], rows[kept], ordered["time"].to_numpy()[kept]
    if not len(rows):  # every sequence begins with its outcome
        return pd.DataFrame({STEPS_OF: [], DWELL_OF: []}), np.zeros(0, dtype=np.bool_)
    there = np.unique(number)
    starts = np.searchsorted(number, there)
    steps = table[columns.step].astype(str).to_numpy()[rows]
    lists = pd.DataFrame({STEPS_OF: _split(steps, starts), DWELL_OF: _split(_dwell(at, starts), starts)})
    rest = [name for name in table.columns if name not in (columns.sequence, columns.step, columns.time, label)]
    summaries = [_summary(str(name), table[name].iloc[rows], starts) for name in rest]
    return pd.concat([lists, *summaries], axis=1), outcome[there]


def unfolded(table: pd.DataFrame) -> pd.DataFrame:
    """A table of sessions whose steps lie in one text column ("view > cart > pay"), with `steps` and `dwell` instead.

    A column is taken for one where most of its texts hold the same separator and its words come back between rows.

    >>> table = pd.DataFrame({"path": ["view > cart", "view > view > cart", "cart > view"], "pages": [2, 3, 2]})
    >>> unfolded(table)["steps"].tolist()
    [['view', 'cart'], ['view', 'view', 'cart'], ['cart', 'view']]
    """
    for name in table.columns:
        if pd.api.types.is_numeric_dtype(table[name]):
            continue
        texts = table[name].fillna("").astype(str)
        for separator in SEPARATORS:
            if texts.str.contains(separator, regex=False).mean() < _MOSTLY:
                continue
            steps = [[word.strip() for word in text.split(separator) if word.strip()] for text in texts]
            words = [word for one in steps for word in one]
            if len(words) >= _AGAIN * len(set(words)):
                dwell = [[0.0] * len(one) for one in steps]
                lists = pd.DataFrame({STEPS_OF: steps, DWELL_OF: dwell}, index=table.index)
                return pd.concat([table.drop(columns=[name]), lists], axis=1)
    return table


def _split(values: NDArray[np.object_] | NDArray[np.float64], starts: NDArray[np.int64]) -> list[list[object]]:
    return [part.tolist() for part in np.split(values, starts[1:])]


def _dwell(at: NDArray[np.float64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Time from each touchpoint to the next of its sequence; nothing is known of the last one's."""
    dwell = np.append(np.diff(at), 0.0)
    dwell[np.append(starts[1:] - 1, len(at) - 1)] = 0.0
    return dwell


def _seconds(table: pd.DataFrame, time: str | None) -> NDArray[np.float64]:
    if time is None:
        return np.arange(len(table), dtype=np.float64)
    if pd.api.types.is_numeric_dtype(table[time]):
        return table[time].to_numpy(dtype=np.float64)
    parsed = pd.to_datetime(table[time], utc=True, errors="coerce", format="ISO8601")
    bad = np.flatnonzero(parsed.isna())
    if len(bad):
        raise UsageError(
            f"Line {int(bad[0]) + 2}: {time!r} is {table[time].iloc[int(bad[0])]!r}; allowed are numbers and ISO 8601."
        )
    return np.asarray((parsed - pd.Timestamp(0, tz="UTC")).dt.total_seconds(), dtype=np.float64)


def _summary(name: str, values: pd.Series, starts: NDArray[np.int64]) -> pd.DataFrame:
    """What a column says of each sequence: sum, mean, largest and last number, or the last word and how many."""
    ends = np.append(starts[1:], len(values)) - 1
    group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(values))))
    if pd.api.types.is_numeric_dtype(values):
        grouped = pd.Series(values.to_numpy(dtype=np.float64)).groupby(group)
        described = {"sum": grouped.sum(), "mean": grouped.mean(), "max": grouped.max()}
        return pd.DataFrame({f"{name} {kind}": column for kind, column in described.items()}).assign(
            **{f"{name} last": values.to_numpy(dtype=np.float64)[ends]}
        )
    words = values.astype(str).to_numpy()
    distinct = pd.Series(words).groupby(group).nunique().to_numpy()
    words_of: dict[str, NDArray[Any]] = {f"{name} distinct": distinct}
    if len(np.unique(words)) <= _MOST_VALUES:
        words_of[f"{name} last"] = words[ends]
    return pd.DataFrame(words_of)
