"""The transition matrix: what follows what, as a heat map of shares of the row, of the column and of everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from journeygraph.report import formats
from journeygraph.report.model import Report
from journeygraph.report.pictures.heat_map import HeatMap, Share, legend, of_shares, short
from journeygraph.report.views.common import Column, Grid, browser, plural
from journeygraph.schema import END, OTHER, START

#: Steps that have a row and a column of their own; the rest is `(other)`.
SHOWN = 14
Counts = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Normalised:
    """The matrix in one of its normalisations."""

    title: str
    caption: str
    picture: HeatMap
    grid: Grid


@dataclass(frozen=True)
class TransitionMatrix:
    """The three pictures; the table behind them is in transition_matrix.csv, with all steps."""

    sentence: str
    parts: tuple[Normalised, ...]
    legend: tuple[tuple[int, str], ...]
    cypher: str


#: Title, what a column of 100 % is, and what a share is of.
_KINDS = (
    ("What comes next", "each row is 100 %", "of what follows {source}"),
    ("What came before", "each column is 100 %", "of what leads to {target}"),
    ("All transitions", "all cells together are 100 %", "of all transitions"),
)


def view(report: Report) -> TransitionMatrix | None:
    """The pictures of a report's transitions, None where there are no journeys."""
    table = report.table("transition_matrix")
    counts = {(row["source"], row["target"]): row["count"] for row in table.dicts()}
    if not counts:
        return None
    steps, shown = lumped(counts)
    rows, columns = ordered({pair[0] for pair in shown}, steps), ordered({pair[1] for pair in shown}, steps)
    named = {step for pair in counts for step in pair} - {START, END}
    return TransitionMatrix(
        sentence=_sentence(len(named)),
        parts=tuple(_part(kind, shown, rows, columns) for kind in range(len(_KINDS))),
        legend=legend(),
        cypher=browser(table.model_dump()),
    )


def lumped(counts: Counts, shown: int = SHOWN) -> tuple[list[str], dict[tuple[str, str], int]]:
    """The commonest steps, and the transitions among them and to and from the rest together.

    >>> lumped({("(start)", "a"): 3, ("a", "b"): 2, ("b", "(end)"): 2, ("a", "(end)"): 1}, shown=1)
    (['a'], {('(start)', 'a'): 3, ('a', '(other)'): 2, ('(other)', '(end)'): 2, ('a', '(end)'): 1})
    """
    arriving = Counter[str]()
    for (_, target), count in counts.items():
        arriving[target] += count
    steps = sorted((step for step in arriving if step != END), key=lambda step: (-arriving[step], step))[:shown]
    kept = {*steps, START, END}
    found = Counter[tuple[str, str]]()
    for (source, target), count in counts.items():
        found[source if source in kept else OTHER, target if target in kept else OTHER] += count
    return steps, dict(found)


def ordered(present: set[str], steps: list[str]) -> list[str]:
    """The names of an axis: the start, the steps, the rest, the end."""
    return [name for name in (START, *steps, OTHER, END) if name in present]


def _part(kind: int, counts: Counts, rows: list[str], columns: list[str]) -> Normalised:
    title, whole, of = _KINDS[kind]
    wholes = Counter[str]()
    for pair, count in counts.items():
        wholes[_line(kind, pair)] += count
    cells: dict[tuple[str, str], Share] = {}
    for pair, count in counts.items():
        total = wholes[_line(kind, pair)]
        said = of.format(source=pair[0], target=pair[1]) if kind < 2 else of
        cells[pair] = (
            count / total,
            f"{pair[0]} → {pair[1]}: {formats.count(count)} of {formats.count(total)}, "
            f"{formats.percent(count / total)} {said}",
        )
    lines = [(row, [cells.get((row, column)) for column in columns]) for row in rows]
    caption = f"{title}: from the step of the row to that of the column, {whole}"
    return Normalised(
        title=title,
        caption=caption,
        picture=of_shares(lines, columns, across="next step", down="step", slanted=True),
        grid=_grid(caption, lines, columns),
    )


def _line(kind: int, pair: tuple[str, str]) -> str:
    """What a cell is a share of: its row, its column, or everything."""
    return pair[kind] if kind < 2 else ""


def _grid(caption: str, lines: list[tuple[str, list[Share]]], columns: list[str]) -> Grid:
    return Grid(
        caption + ".",
        (Column("Step", numeric=False), *(Column(name) for name in columns)),
        tuple((row, *(short(cell[0]) if cell else "" for cell in cells)) for row, cells in lines),
    )


def _sentence(steps: int) -> str:
    of = f"The {SHOWN} commonest of {plural(steps, 'step')} are shown by name, the others are {OTHER}. "
    return (
        f"{of if steps > SHOWN else ''}Every journey begins with {START} and finishes with {END}; an empty cell stands "
        "for no transition. transition_matrix.csv has every step and all three shares."
    )
