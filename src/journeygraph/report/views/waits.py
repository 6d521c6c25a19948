"""How long it takes from step to step: the distribution of the waits of each common transition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journeygraph.report import formats
from journeygraph.report.model import Report
from journeygraph.report.pictures.histogram import Histogram, TimeAxis, histogram, time_axis
from journeygraph.report.views.common import Grid, Row, browser, grid, number, plural
from journeygraph.report.views.finding import Reference, references
from journeygraph.schema import OTHER


@dataclass(frozen=True)
class Wait:
    """A transition with its distribution."""

    title: str
    median: str
    p90: str
    note: str
    picture: Histogram
    findings: tuple[Reference, ...]


@dataclass(frozen=True)
class Waits:
    """The transitions, the most frequent first, all others together last."""

    caption: str
    items: tuple[Wait, ...]
    grid: Grid
    cypher: str


def view(report: Report) -> Waits | None:
    """The pictures of a report's waits, None where no journey has two touchpoints."""
    table = report.table("waits")
    rows = sorted(table.dicts(), key=lambda row: (row["source"] == OTHER, -row["count"], row["source"], row["target"]))
    if not rows:
        return None
    edges = table.parameters["edges"]
    axis = time_axis(edges, [row["counts"] for row in rows])
    named = references(report)
    return Waits(
        caption=(
            "Time from a touchpoint to the next of the same journey, on a logarithmic axis; the area of a bar is its "
            "share of the waits. The box below is the middle half."
        ),
        items=tuple(_wait(row, edges, axis, named) for row in rows),
        grid=_grid(rows),
        cypher=browser(table.model_dump()),
    )


def name(row: Row) -> str:
    """The transition of a row.

    >>> name({"source": "(other)", "target": "(other)"})
    'All other transitions'
    """
    return "All other transitions" if row["source"] == OTHER else f"{row['source']} → {row['target']}"


def _wait(row: Row, edges: list[float], axis: TimeAxis, named: dict[tuple[str, ...], tuple[Reference, ...]]) -> Wait:
    quantiles = (row["p25_seconds"], row["median_seconds"], row["p75_seconds"], row["p90_seconds"])
    return Wait(
        title=name(row),
        median=formats.duration(row["median_seconds"]),
        p90=formats.duration(row["p90_seconds"]),
        note=f"{plural(row['count'], 'wait')} in {plural(row['journeys'], 'journey')}",
        picture=histogram(edges, row["counts"], quantiles, axis),
        findings=named.get((row["source"], row["target"]), ()),
    )


def _grid(rows: Sequence[Row]) -> Grid:
    return grid(
        "Time from a touchpoint to the next of the same journey; waits.csv has the distributions.",
        [
            ("Transition", name, False),
            number("Waits", "count"),
            number("Journeys", "journeys"),
            number("10 % within", "p10_seconds", formats.duration),
            number("25 % within", "p25_seconds", formats.duration),
            number("Median", "median_seconds", formats.duration),
            number("75 % within", "p75_seconds", formats.duration),
            number("90 % within", "p90_seconds", formats.duration),
        ],
        rows,
    )
