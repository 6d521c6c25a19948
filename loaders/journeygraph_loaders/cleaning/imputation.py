"""Missing values filled from frozen statistics, as the mapping declares it; what was filled is marked on the row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from journeygraph.errors import InputError
from journeygraph_loaders.cleaning.names import property_of, text_of
from journeygraph_loaders.cleaning.rules import ImputeRule
from journeygraph_loaders.cleaning.statistics import Statistic, Statistics, names_of, read
from journeygraph_loaders.cleaning.table import holds, numbers, table
from journeygraph_loaders.mapping import Mapping as WholeMapping
from journeygraph_loaders.mapping import Section
from journeygraph_loaders.rows import Row

#: The property that says which fields were filled, and how: `age:median,income:neighbours`.
MARK: Final = "p_imputed"


class Imputer:
    """Fills what one section declares."""

    def __init__(self, rules: Mapping[str, ImputeRule], statistics: Statistics) -> None:
        self._rules = {name: rule for name, rule in sorted(rules.items()) if rule.by != "missing"}
        self._statistics = statistics.fields
        self._names = names_of(self._rules)

    def apply(self, rows: list[Row]) -> list[Row]:
        """The rows with what was missing; each row's values depend on the row and the statistics only."""
        frame = table(rows, self._names)
        filled: dict[int, dict[str, Any]] = {}
        for name, rule in self._rules.items():
            asked = np.flatnonzero(frame[name].isna().to_numpy(dtype=bool) & holds(frame, rule.when))
            if not len(asked):
                continue
            found = _values(self._statistics[name], frame.iloc[asked])
            for row, value in zip(asked.tolist(), found, strict=True):
                if value is not None:
                    filled.setdefault(row, {})[name] = value
        rows = list(rows)
        for row, values in filled.items():
            rows[row] = _with(rows[row], values, self._rules)
        return rows


def _values(statistic: Statistic, frame: pd.DataFrame) -> Sequence[Any]:
    """What these rows' field is filled with; None where it stays missing."""
    rule = statistic.rule
    if rule.by == "neighbours":
        return _near(statistic, frame)
    if rule.within is None:
        return [statistic.value] * len(frame)
    return [statistic.groups.get(text_of(group) or "") for group in frame[rule.within]]


def _near(statistic: Statistic, frame: pd.DataFrame) -> list[float | None]:
    """The mean of the k nearest donors; none for a row that has none of the numbers to be near in."""
    imputer = _knn(statistic.donors, statistic.rule.k)
    features = np.column_stack([numbers(frame[name].tolist()) for name in statistic.rule.neighbours_from])
    known = ~np.isnan(features).all(axis=1)
    found: list[float | None] = [None] * len(frame)
    if known.any():
        scaled = (features[known] - np.array(statistic.centre)) / np.where(
            np.array(statistic.scale) == 0, 1, statistic.scale
        )
        completed = imputer.transform(np.column_stack([scaled, np.full(len(scaled), np.nan)]))
        for row, value in zip(np.flatnonzero(known).tolist(), completed[:, -1].tolist(), strict=True):
            found[row] = value
    return found


@lru_cache(maxsize=16)
def _knn(donors: tuple[tuple[float | None, ...], ...], k: int) -> Any:
    from sklearn.impute import KNNImputer

    known = np.array([[np.nan if value is None else value for value in donor] for donor in donors])
    return KNNImputer(n_neighbors=min(k, len(known)), keep_empty_features=True).fit(known)


def _with(row: Row, values: Mapping[str, Any], rules: Mapping[str, ImputeRule]) -> Row:
    """A row with these values and the mark that says so."""
    properties = dict(row.properties or {})
    fields: dict[str, Any] = {}
    for name, value in values.items():
        key = property_of(name)
        if key is None:
            fields[name] = value
        else:
            properties[key] = value
    properties[MARK] = ",".join(f"{(property_of(name) or name).removeprefix('p_')}:{rules[name].by}" for name in values)
    return row._replace(**fields, properties=properties)


def imputer_for(section: Section, mapping: WholeMapping) -> Imputer | None:
    """What fills the rows of a section; None where nothing is to be filled.

    Raises `InputError` where the mapping names no statistics, or there are none of its rules.
    """
    if not any(rule.by != "missing" for rule in section.impute.values()):
        return None
    if mapping.statistics is None:
        raise InputError(
            f"The mapping {mapping.name} fills missing values, and names no file of statistics: say "
            f"`statistics: {mapping.name}.statistics.json`, and compute them with `journeygraph cleaning fit`."
        )
    return Imputer(section.impute, read(Path(mapping.statistics), section.impute))
