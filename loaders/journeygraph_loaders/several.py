"""Fields that hold one id or several: a list in JSON and Parquet, text with a separator anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from journeygraph_loaders.mapping import ColumnRule


def parts(rule: ColumnRule, raw: Sequence[Any]) -> tuple[list[int], list[Any]]:
    """All single values of a column, one after the other, and the row of each.

    >>> parts(ColumnRule(column="orders"), ["o1|o2", None, ["o3", 4]])
    ([0, 0, 1, 2, 2], ['o1', 'o2', None, 'o3', 4])
    """
    rows: list[int] = []
    values: list[Any] = []
    for row, value in enumerate(raw):
        for part in _split(value, rule.separator):
            rows.append(row)
            values.append(part)
    return rows, values


def _split(value: Any, separator: str | None) -> Iterator[Any]:
    if isinstance(value, list):
        yield from value
    elif isinstance(value, str) and separator is not None and separator in value:
        yield from value.split(separator)
    else:
        yield value


def gathered(rows: Sequence[int], values: Sequence[str | None], count: int) -> list[tuple[str, ...]]:
    """The values of each of `count` rows, sorted and each once, so that how a source lists them makes no difference.

    >>> gathered([0, 0, 1, 2, 2], ["o2", "o1", None, "o3", "o3"], 3)
    [('o1', 'o2'), (), ('o3',)]
    """
    found: list[tuple[str, ...]] = [()] * count
    for row, value in zip(rows, values, strict=True):
        if value is not None and value not in found[row]:
            found[row] += (value,)
    return [names if len(names) < 2 else tuple(sorted(names)) for names in found]
