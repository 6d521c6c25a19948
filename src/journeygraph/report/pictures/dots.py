"""Several estimates of one thing beside each other: rows of dots on a common axis, as geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journeygraph.report.pictures.interval import Interval

WIDTH = 400.0
_ROW, _TOP = 36.0, 4.0
#: Outline of each mark about (0, 0): told apart by shape as well as by colour.
_OUTLINES = {
    "circle": "m-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0Z",
    "triangle": "m-4.5,-5.5l10,5.5l-10,5.5Z",
    "square": "m-4.5,-4.5h9v9h-9Z",
    "diamond": "m0,-6l6,6l-6,6l-6,-6Z",
}


@dataclass(frozen=True)
class Mark:
    """A mark: its shape's name (also its class), where it is drawn, and what it says."""

    shape: str
    outline: str
    title: str


@dataclass(frozen=True)
class DotRow:
    """A name with its marks, and the whisker of one of them."""

    label: str
    y: float
    whisker: tuple[float, float] | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Dots:
    """The picture: rows, the axis below them, and the legend."""

    rows: tuple[DotRow, ...]
    ticks: tuple[tuple[float, str], ...]
    legend: tuple[Mark, ...]
    height: float
    width: float = WIDTH


@dataclass(frozen=True)
class Series:
    """One estimate: its name, shape, and for each row its value with an interval where it has one."""

    name: str
    shape: str
    values: Sequence[float]
    intervals: Sequence[tuple[float, float] | None] | None = None


def dots(labels: Sequence[str], series: Sequence[Series], show: Interval) -> Dots:
    """A row for each label with a mark for each series; the axis and the words are those of `show`.

    >>> axis = Interval(0, 5, 10, 0, "", "", lambda value: f"{value:g}")
    >>> drawing = dots(["ad"], [Series("Last", "square", [5.0])], axis)
    >>> drawing.rows[0].marks[0].title, [label for _, label in drawing.ticks]
    ('Last: 5', ['0', '5', '10'])
    """
    rows = tuple(_row(place, label, series, show) for place, label in enumerate(labels))
    return Dots(
        rows=rows,
        ticks=tuple((show.x(tick), show.show(tick)) for tick in show.ticks),
        legend=tuple(Mark(each.shape, "M7,7" + _OUTLINES[each.shape], each.name) for each in series),
        height=_TOP + _ROW * len(rows) + 24,
    )


def _row(place: int, label: str, series: Sequence[Series], show: Interval) -> DotRow:
    y = _TOP + _ROW * place + 25
    with_interval = next((each.intervals[place] for each in series if each.intervals), None)
    return DotRow(
        label=label,
        y=y,
        whisker=(show.x(with_interval[0]), show.x(with_interval[1])) if with_interval else None,
        marks=tuple(
            Mark(
                each.shape,
                f"M{show.x(each.values[place])},{y}{_OUTLINES[each.shape]}",
                f"{each.name}: {show.show(each.values[place])}",
            )
            for each in series
        ),
    )
