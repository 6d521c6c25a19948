"""Tables of sessions as analytics tools export them: months and weekdays as numbers, and time spent per page."""

from __future__ import annotations

import calendar
import re
from typing import Final

import numpy as np
import pandas as pd

_MONTHS: Final = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_DAYS: Final = {name.lower(): number for number, name in enumerate(calendar.day_name, 1)}
#: Shortest beginning of such a name that is still one of them: "may", "sept", "tues".
_SHORTEST: Final = 3


def encoded(table: pd.DataFrame) -> pd.DataFrame:
    """The table with what a model cannot see in it by itself; what is learned from no row, so nothing leaks.

    A text column of nothing but months (or weekdays) becomes their numbers: in an alphabet "Apr" lies beside "Aug".
    Where one column counts (`ProductRelated`) and another of the same name measures
    (`ProductRelated_Duration`), a column holds the one per the other.

    >>> table = pd.DataFrame({"Month": ["Feb", "June"], "Pages": [2, 0], "Pages_Duration": [30.0, 0.0]})
    >>> encoded(table).to_dict("list")
    {'Month': [2.0, 6.0], 'Pages': [2, 0], 'Pages_Duration': [30.0, 0.0], 'Pages_Duration per Pages': [15.0, nan]}
    """
    renamed = {str(name): _calendar(table[name]) for name in table.columns}
    result = pd.DataFrame(renamed, index=table.index)
    counted = [name for name, column in renamed.items() if pd.api.types.is_integer_dtype(column)]
    shares = {
        f"{other} per {name}": renamed[other] / renamed[name].where(renamed[name] > 0)
        for name in counted
        for other in renamed
        if _measures(other, name) and pd.api.types.is_numeric_dtype(renamed[other])
    }
    return pd.concat([result, pd.DataFrame(shares, index=table.index)], axis=1)


def few_numbers(table: pd.DataFrame, most: int) -> list[str]:
    """Columns of whole numbers with few distinct ones: they may well be codes (a region, a browser).

    >>> few_numbers(pd.DataFrame({"region": [1, 2, 1, 2], "seconds": [1.5, 2.0, 2.5, 3.0]}), most=2)
    ['region']
    """
    kept = []
    for name in table.columns:
        column = table[name]
        if isinstance(column.iloc[0], list) or not pd.api.types.is_numeric_dtype(column):
            continue
        values = column.dropna().unique()
        if 1 < len(values) <= most and np.equal(np.mod(values, 1), 0).all():
            kept.append(str(name))
    return kept


def _measures(other: str, name: str) -> bool:
    """Whether a column's name is another's with a word more."""
    return len(other) > len(name) and re.fullmatch(rf"{re.escape(name)}[ _.-]\w+", other, re.IGNORECASE) is not None


def _calendar(column: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column) or (len(column) and isinstance(column.iloc[0], list)):
        return column
    words = column.dropna().astype(str).str.strip().str.lower()
    for names in (_MONTHS, _DAYS):
        numbers = {word: _number(word.rstrip("."), names) for word in words.unique()}
        if numbers and None not in numbers.values():
            return column.astype(str).str.strip().str.lower().map(numbers).astype(np.float64)
    return column


def _number(word: str, names: dict[str, int]) -> int | None:
    if len(word) < _SHORTEST:
        return None
    return next((number for name, number in names.items() if name.startswith(word)), None)
