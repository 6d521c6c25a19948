"""Rows as a table: the fields and properties that a rule names, as pandas columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from journeygraph_loaders.cleaning.names import text_of, values_of
from journeygraph_loaders.cleaning.rules import Condition
from journeygraph_loaders.rows import Row

Bools = np.ndarray[Any, np.dtype[np.bool_]]


def table(rows: Sequence[Row], names: Iterable[str]) -> pd.DataFrame:
    """The named fields and properties, one row each, whatever the types of their values."""
    return pd.DataFrame(
        {name: pd.Series(values_of(rows, name), dtype=object) for name in dict.fromkeys(names)},
        index=pd.RangeIndex(len(rows)),
    )


def holds(frame: pd.DataFrame, condition: Condition) -> Bools:
    """Which rows have, in each of the condition's fields, one of its values."""
    found = np.ones(len(frame), dtype=bool)
    for name, values in condition.items():
        wanted = {text_of(value) for value in values}
        found &= np.fromiter((text_of(value) in wanted for value in frame[name]), bool, len(frame))
    return found


def numbers(values: Sequence[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Values as numbers, NaN for what is none.

    >>> numbers([1, "2.5", "x", None, True]).tolist()
    [1.0, 2.5, nan, nan, nan]
    """
    kept = [None if isinstance(value, bool) else value for value in values]
    return np.asarray(pd.to_numeric(pd.Series(kept, dtype=object), errors="coerce"), dtype=np.float64)
