"""Pieces that several sections show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from journeygraph import queries
from journeygraph.report import formats

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """A column of a grid."""

    title: str
    numeric: bool = True


@dataclass(frozen=True)
class Grid:
    """A table as it is shown; cells are text."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Fact:
    """A labelled value with a remark."""

    label: str
    value: str
    note: str = ""


#: A column of a grid: its title, how a row gives its text, and whether it is a number.
Spec = tuple[str, Callable[[Row], str], bool]


def grid(caption: str, specs: Sequence[Spec], rows: Iterable[Row]) -> Grid:
    """A grid of rows.

    >>> grid("", [text("Step", "step"), number("Journeys", "n")], [{"step": "cart", "n": 1200}]).rows
    (('cart', '1,200'),)
    """
    return Grid(
        caption,
        tuple(Column(title, numeric) for title, _, numeric in specs),
        tuple(tuple(show(row) for _, show, _ in specs) for row in rows),
    )


def text(title: str, field: str, missing: str = formats.NONE) -> Spec:
    """A column of text."""
    return title, lambda row: missing if row.get(field) is None else str(row[field]), False


def number(title: str, field: str, show: Callable[[Any], str] = formats.count) -> Spec:
    """A column of numbers."""
    return title, lambda row: show(row.get(field)), True


def whose(specs: Sequence[Spec], grain: str) -> list[Spec]:
    """Columns of customers under the name of those whose journeys these are.

    >>> whose([number("Customers", "customers")], "account")[0][0]
    'Accounts'
    """
    return [(f"{grain.capitalize()}s" if title == "Customers" else title, show, how) for title, show, how in specs]


def browser(answer: Row) -> str:
    """The statement of an answer with its parameters, to paste into Neo4j Browser; empty where there is none."""
    return queries.for_browser(answer["cypher"], answer.get("parameters") or {}) if answer.get("cypher") else ""


def plural(amount: float, noun: str) -> str:
    """A count with its noun.

    >>> plural(1, "journey"), plural(1930, "journey")
    ('1 journey', '1,930 journeys')
    """
    return f"{formats.count(amount)} {noun if amount == 1 else noun + 's'}"
