"""The step matrix: where journeys are at their first, second, ... touchpoint, as a heat map."""

from __future__ import annotations

from dataclasses import dataclass

from journeygraph.report.model import Report
from journeygraph.report.pictures.heat_map import HeatMap, heat_map, legend, short
from journeygraph.report.views.common import Column, Grid, browser, plural
from journeygraph.schema import END, OTHER

#: Steps that have a row of their own; the rest is `(other)`.
SHOWN = 18


@dataclass(frozen=True)
class StepMatrix:
    """The picture; the table behind it is in step_matrix.csv, with all steps."""

    caption: str
    picture: HeatMap
    legend: tuple[tuple[int, str], ...]
    sentence: str
    grid: Grid
    cypher: str


def view(report: Report) -> StepMatrix | None:
    """The picture of a report's step matrix, None where there are no journeys."""
    table = report.table("step_matrix")
    rows = table.dicts()
    if not rows:
        return None
    positions = max(row["position"] for row in rows)
    counts: dict[str, list[int]] = {}
    for row in rows:
        counts.setdefault(row["step"], [0] * positions)[row["position"] - 1] = row["journeys"]
    whole = sum(line[0] for line in counts.values())
    shown = lumped(counts)
    heads = [str(position + 1) for position in range(positions)]
    caption = f"Share of {plural(whole, 'journey')} whose touchpoint at a position is the step; 100 % a column"
    return StepMatrix(
        caption=caption,
        picture=heat_map(shown, heads, whole, across="position", down="step", noun="journeys"),
        grid=_grid(caption, shown, heads, whole),
        legend=legend(),
        sentence=_sentence(counts),
        cypher=browser(table.model_dump()),
    )


def lumped(counts: dict[str, list[int]], shown: int = SHOWN) -> list[tuple[str, list[int]]]:
    """The commonest steps, then the rest together, then the paths that are over.

    >>> lumped({"a": [3, 0], "b": [1, 1], "c": [0, 1], "(end)": [0, 2]}, shown=1)
    [('a', [3, 0]), ('(other)', [1, 2]), ('(end)', [0, 2])]
    """
    ranked = sorted((step for step in counts if step != END), key=lambda step: (-sum(counts[step]), step))
    rest = [counts[step] for step in ranked[shown:]]
    lines = [(step, counts[step]) for step in ranked[:shown]]
    lines += [(OTHER, [sum(column) for column in zip(*rest, strict=True)])] if rest else []
    return lines + ([(END, counts[END])] if END in counts else [])


def _grid(caption: str, shown: list[tuple[str, list[int]]], heads: list[str], whole: int) -> Grid:
    return Grid(
        caption + ".",
        (Column("Step", numeric=False), *(Column(head) for head in heads)),
        tuple((step, *(short(count / whole) if count else "" for count in counts)) for step, counts in shown),
    )


def _sentence(counts: dict[str, list[int]]) -> str:
    steps = len(counts) - (END in counts)
    of = f"The {SHOWN} commonest of {steps} steps have a row, the others are {OTHER}; " if steps > SHOWN else ""
    return f"{of}step_matrix.csv has all. A journey that is over stays in {END}; an empty cell stands for no journey."
