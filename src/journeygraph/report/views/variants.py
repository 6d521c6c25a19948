"""The commonest whole journeys: their steps, share, time and conversion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from journeygraph.report import formats
from journeygraph.report.model import Report
from journeygraph.report.views.common import Column, Grid, Row, browser, plural
from journeygraph.schema import OTHER

#: Steps of a journey that are shown: longer ones lose their middle.
LONGEST = 12
LETTERS = 44


@dataclass(frozen=True)
class Variant:
    """A row: the steps as they are shown (`whole`: all of them, where some are left out), and its figures as text."""

    steps: tuple[str, ...]
    whole: str
    journeys: str
    share: str
    conversion: str
    median: str
    p90: str


@dataclass(frozen=True)
class Variants:
    """The rows, the commonest first, all rarer ones together last."""

    sentence: str
    caption: str
    items: tuple[Variant, ...]
    grid: Grid
    cypher: str


def view(report: Report) -> Variants | None:
    """The commonest variants of a report, None where there are no journeys."""
    table = report.table("variants")
    rows = table.dicts()
    if not rows:
        return None
    items = tuple(_variant(row) for row in rows)
    caption = (
        "Journeys by their steps from the first to the last, the commonest first. Converted: of those whose outcome is "
        "known. The times are from the first touchpoint to the last."
    )
    return Variants(_sentence(rows), caption, items, _grid(caption, items), browser(table.model_dump()))


def shown(steps: list[str], longest: int = LONGEST) -> tuple[str, ...]:
    """Steps in a row, repeats counted, the middle of a long row left out.

    >>> shown(["view", "view", "cart"]), shown(list("abcdef"), longest=4)
    (('view ×2', 'cart'), ('a', 'b', '… 2 more …', 'e', 'f'))
    """
    runs = [(step, len(list(same))) for step, same in groupby(steps)]
    named = [formats.shortened(step, LETTERS) + (f" ×{times}" if times > 1 else "") for step, times in runs]
    if len(named) <= longest:
        return tuple(named)
    head, tail = longest - longest // 2, longest // 2
    left_out = sum(times for _, times in runs[head : len(runs) - tail])
    return (*named[:head], f"… {left_out} more …", *named[len(named) - tail :])


def _variant(row: Row) -> Variant:
    steps = shown(row["steps"])
    rest = row["steps"] == [OTHER]
    return Variant(
        steps=(f"{OTHER}: {plural(row['variants'], 'rarer way')}",) if rest else steps,
        whole="" if rest or list(steps) == row["steps"] else " → ".join(row["steps"]),
        journeys=formats.count(row["journeys"]),
        share=formats.percent(row["share"]),
        conversion=formats.percent(row["conversion"]),
        median=formats.duration(row["median_seconds"]),
        p90=formats.duration(row["p90_seconds"]),
    )


def _sentence(rows: Sequence[Row]) -> str:
    journeys, ways = sum(row["journeys"] for row in rows), sum(row["variants"] for row in rows)
    named = [row for row in rows if row["steps"] != [OTHER]]
    share = sum(row["journeys"] for row in named) / journeys
    rest = f"; the {formats.count(len(named))} commonest make up {formats.percent(share)} of them"
    return f"{plural(journeys, 'journey')} went {plural(ways, 'different way')}{rest if len(named) < ways else ''}."


def _grid(caption: str, items: tuple[Variant, ...]) -> Grid:
    heads = ("Journeys", "Share", "Converted", "Median time", "90 % within")
    return Grid(
        caption,
        (Column("Way", numeric=False), *(Column(head) for head in heads)),
        tuple(
            (" → ".join(item.steps), item.journeys, item.share, item.conversion, item.median, item.p90)
            for item in items
        ),
    )
