"""A heat map of shares: a cell for each row and column, its figure written in it, so that colour only helps."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from journeygraph.report import formats

#: Shares at which the nine shades begin (a cell of nothing has none): closer where shares are small.
BOUNDS: Final = (0.0, 0.01, 0.02, 0.05, 0.10, 0.20, 0.35, 0.50, 0.75)
LABEL_WIDTH, CELL_WIDTH, CELL_HEIGHT, TOP = 158.0, 54.0, 27.0, 46.0
#: Room for names above the columns, and beside the last one.
SLANTED_TOP, SLANTED_RIGHT = 124.0, 62.0


@dataclass(frozen=True)
class Cell:
    """A share as a shaded rectangle with its text; `shade` is the number of its colour."""

    x: float
    y: float
    shade: int
    text: str
    title: str


@dataclass(frozen=True)
class Line:
    """A row: its name and where that stands."""

    label: str
    y: float
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class HeatMap:
    """The drawing: rows, the columns' heads (slanted where they are names), and what the axes say."""

    lines: tuple[Line, ...]
    heads: tuple[tuple[float, str], ...]
    across: str
    down: str
    width: float
    height: float
    top: float = TOP
    slanted: bool = False
    cell_width: float = CELL_WIDTH
    cell_height: float = CELL_HEIGHT


#: What a cell shows: its share, and what it says when pointed at; None where there is nothing.
Share = tuple[float, str] | None


def heat_map(
    rows: Sequence[tuple[str, Sequence[int]]], heads: Sequence[str], whole: int, *, across: str, down: str, noun: str
) -> HeatMap:
    """Counts as shares of `whole`; `noun` says what is counted (in the plural).

    >>> picture = heat_map([("cart", [0, 5])], ["1", "2"], 10, across="position", down="step", noun="journeys")
    >>> [(cell.text, cell.shade, cell.title) for cell in picture.lines[0].cells]
    [('50 %', 7, 'cart, position 2: 5 of 10 journeys (50.0 %)')]
    """
    shares = [
        (
            label,
            [
                (count / whole, _title(label, across, head, count, whole, noun)) if count else None
                for head, count in zip(heads, counts, strict=True)
            ],
        )
        for label, counts in rows
    ]
    return of_shares(shares, heads, across=across, down=down)


def of_shares(
    rows: Sequence[tuple[str, Sequence[Share]]], heads: Sequence[str], *, across: str, down: str, slanted: bool = False
) -> HeatMap:
    """Shares with their titles as a drawing; `slanted` heads are names, which are longer than a cell is wide.

    >>> of_shares([("cart", [None, (0.5, "half")])], ["cart", "pay"], across="next", down="step", slanted=True).top
    124.0
    """
    top = SLANTED_TOP if slanted else TOP
    lines = [
        Line(
            label,
            top + CELL_HEIGHT * place,
            tuple(
                _cell(top + CELL_HEIGHT * place, column, *each)
                for column, each in enumerate(shares)
                if each is not None
            ),
        )
        for place, (label, shares) in enumerate(rows)
    ]
    return HeatMap(
        lines=tuple(lines),
        heads=tuple((LABEL_WIDTH + CELL_WIDTH * (place + 0.5), head) for place, head in enumerate(heads)),
        across=across,
        down=down,
        width=LABEL_WIDTH + CELL_WIDTH * len(heads) + (SLANTED_RIGHT if slanted else 2),
        height=top + CELL_HEIGHT * len(rows) + 2,
        top=top,
        slanted=slanted,
    )


def shade(share: float) -> int:
    """The number of a share's colour.

    >>> shade(0.004), shade(0.01), shade(1)
    (0, 1, 8)
    """
    return bisect_right(BOUNDS, share) - 1


def legend() -> tuple[tuple[int, str], ...]:
    """Each shade with the shares that it stands for.

    >>> legend()[0], legend()[-1]
    ((0, 'under 1 %'), (8, '75 % and more'))
    """
    ends = [f"{bound:.0%}".replace("%", " %") for bound in BOUNDS[1:]]
    names = [f"under {ends[0]}"]
    names += [f"{low[:-2]}–{high}" for low, high in pairwise(ends)]
    return tuple(enumerate([*names, f"{ends[-1]} and more"]))


def _cell(y: float, column: int, share: float, title: str) -> Cell:
    return Cell(LABEL_WIDTH + CELL_WIDTH * column, y, shade(share), short(share), title)


def short(share: float) -> str:
    """A share in a few letters, to agree with its shade.

    >>> short(0.0123), short(0.347), short(0.0002)
    ('1.2 %', '35 %', '<0.1 %')
    """
    if share < 0.0005:
        return "<0.1 %"
    return f"{100 * share:.{0 if share >= 0.0995 else 1}f} %"


def _title(label: str, across: str, head: str, count: int, whole: int, noun: str) -> str:
    of = f"{formats.count(count)} of {formats.count(whole)} {noun} ({formats.percent(count / whole)})"
    return f"{label}, {across} {head}: {of}"
