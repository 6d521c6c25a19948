"""Ranges and what fields say together, as the mapping declares them; pandera finds the rows where it doesn't hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from journeygraph_loaders.cleaning.names import names_in_check
from journeygraph_loaders.cleaning.rules import LIMITS, Check, Condition, FieldOf
from journeygraph_loaders.cleaning.table import Bools, holds, numbers, table
from journeygraph_loaders.rows import Row
from journeygraph_loaders.values import as_text

_WORDS: Final = {"at_least": "at least", "at_most": "at most", "above": "above", "below": "below"}
_DAY_LETTERS: Final = len("2026-01-31")


class Failure(NamedTuple):
    """A row for which a check doesn't hold: half a sentence about the value of its field."""

    row: int
    field: str
    value: Any
    half: str


class Checks:
    """The checks of one section."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self._checks = checks
        self._names = list(dict.fromkeys(name for check in checks for name in names_in_check(check)))
        self._schema: Any = None

    def failures(self, rows: Sequence[Row]) -> list[Failure]:
        """The first failure of each row, by row."""
        frame = table(rows, self._names)
        found: dict[int, Failure] = {}
        for number in self._failing(frame):
            check = self._checks[number[0]]
            for row in np.flatnonzero(number[1]).tolist():
                if row not in found:
                    value = frame[check.field][row]
                    found[row] = Failure(row, check.field, value, half(check, value, frame, row))
        return [found[row] for row in sorted(found)]

    def _failing(self, frame: pd.DataFrame) -> Iterator[tuple[int, Bools]]:
        """The number of each check that doesn't hold throughout, and where it doesn't."""
        import pandera.pandas as pandera

        if self._schema is None:
            self._schema = pandera.DataFrameSchema(
                checks=[
                    pandera.Check(lambda frame, check=check: passes(check, frame), name=str(place), ignore_na=False)
                    for place, check in enumerate(self._checks)
                ]
            )
        try:
            self._schema.validate(frame, lazy=True)
        except pandera.errors.SchemaErrors as errors:
            for error in sorted(errors.schema_errors, key=lambda error: int(error.check.name)):
                yield int(error.check.name), ~np.asarray(error.check_output, dtype=bool)


def passes(check: Check, frame: pd.DataFrame) -> pd.Series:
    """For which rows a check holds; a missing value passes, unless it is required."""
    values = frame[check.field]
    missing = values.isna().to_numpy(dtype=bool)
    good = np.full(len(frame), fill_value=not check.required) | ~missing
    for key in LIMITS:
        if (limit := getattr(check, key)) is not None:
            good &= _within(frame, check.field, key, limit) | missing
    if check.one_of is not None:
        good &= holds(frame, {check.field: check.one_of}) | missing
    if check.matches is not None:
        pattern = re.compile(check.matches)
        texts = [None if value is None else as_text(value) for value in values]
        good &= np.fromiter((text is None or bool(pattern.search(text)) for text in texts), bool, len(frame)) | missing
    asked = holds(frame, check.when)
    if check.unless:
        asked &= ~holds(frame, check.unless)
    return pd.Series(good | ~asked, index=frame.index)


def _within(frame: pd.DataFrame, name: str, key: str, limit: Any) -> Bools:
    """Whether values are on the right side of a limit; where that is missing too, they are."""
    if isinstance(limit, FieldOf):
        left, right = _comparable(frame, name, limit.field)
        other_missing = frame[limit.field].isna().to_numpy(dtype=bool)
    elif isinstance(limit, str):
        left, right = _comparable(frame.assign(**{"(limit)": limit}), name, "(limit)")
        other_missing = np.zeros(len(frame), dtype=bool)
    else:
        left, right = numbers(frame[name].tolist()), np.float64(limit)
        other_missing = np.zeros(len(frame), dtype=bool)
    compare = {"at_least": np.greater_equal, "at_most": np.less_equal, "above": np.greater, "below": np.less}[key]
    with np.errstate(invalid="ignore"):
        found: Bools = np.asarray(compare(left, right)) | other_missing
    return found


def _comparable(frame: pd.DataFrame, name: str, other: str) -> tuple[Any, Any]:
    """Two columns as numbers where both are, else as instants; days where one of them is a day."""
    left, right = numbers(frame[name].tolist()), numbers(frame[other].tolist())
    if "occurred_at" not in (name, other):
        known = ~(frame[name].isna() | frame[other].isna()).to_numpy(dtype=bool)
        if not (np.isnan(left) | np.isnan(right))[known].any():
            return left, right
    first, second = _instants(frame, name), _instants(frame, other)
    day = _days(frame, name) | _days(frame, other)
    return (np.where(day, at.dt.floor("D").to_numpy(), at.to_numpy()) for at in (first, second))  # type: ignore[return-value]


def _instants(frame: pd.DataFrame, name: str) -> pd.Series:
    if name == "occurred_at":
        return pd.to_datetime(frame[name].astype("int64"), unit="us", utc=True).dt.tz_localize(None)
    texts = frame[name].map(lambda value: value if isinstance(value, str) else None)
    return pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce").dt.tz_localize(None)


def _days(frame: pd.DataFrame, name: str) -> Bools:
    return np.fromiter((isinstance(v, str) and len(v) == _DAY_LETTERS for v in frame[name]), bool, len(frame))


def half(check: Check, value: Any, frame: pd.DataFrame, row: int) -> str:
    """What is wrong with a value: half a sentence with what was allowed.

    >>> half(Check(field="value", at_least=0, unless={"step": ("refund",)}), -5.0, pd.DataFrame(), 0)
    'is not allowed: it has to be at least 0, unless step is refund'
    """
    if value is None:
        wanted = "is missing"
    else:
        said = [
            f"{_WORDS[key]} {_limit(limit, frame, row)}" for key in LIMITS if (limit := getattr(check, key)) is not None
        ]
        said += [f"one of {_listed(check.one_of)}"] if check.one_of else []
        said += [f"of the form {check.matches}"] if check.matches else []
        wanted = f"is not allowed: it has to be {' and '.join(said)}"
    asked = {"when": check.when, "unless": check.unless}
    conditions = "".join(f", {word} {_told(condition)}" for word, condition in asked.items() if condition)
    return f"{wanted}{conditions}" + (f" (check {check.name!r})" if check.name else "")


def _limit(limit: Any, frame: pd.DataFrame, row: int) -> str:
    if isinstance(limit, FieldOf):
        return f"{limit.field}, which is {frame[limit.field][row]!r}"
    return f"{limit:g}" if isinstance(limit, float) else str(limit)


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(str(value) for value in values)


def _told(condition: Condition) -> str:
    return " and ".join(f"{name} is {' or '.join(map(str, values))}" for name, values in condition.items())
