"""The step graph with the findings on it: where customers go, and where what was found happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from journeygraph.report import formats
from journeygraph.report.model import Report
from journeygraph.report.pictures.step_graph import StepGraph as Drawing
from journeygraph.report.pictures.step_graph import arrow_width, step_graph
from journeygraph.report.views.common import Row, browser, plural
from journeygraph.report.views.finding import Reference, references
from journeygraph.schema import OTHER, START

#: Transitions drawn beside those that findings concern.
DRAWN: Final = 26
Pair = tuple[str, str]
Rows = Mapping[Pair, Row]
_CAPTION = (
    "Steps from left to right by how early they come, with how often they occur. The more journeys go a way, the wider "
    "its arrow. A number is that of a finding, and leads to it."
)


@dataclass(frozen=True)
class StepGraph:
    """The picture, what its boxes and arrows say, and the findings that are marked on it, by number."""

    caption: str
    sentences: tuple[str, ...]
    picture: Drawing
    times: dict[str, str]
    titles: dict[Pair, str]
    findings: dict[int, Reference]
    has_rest: bool
    widths: tuple[tuple[float, str], ...]
    cypher: str


@dataclass(frozen=True)
class _Marks:
    """Findings on steps, on transitions, and those that concern neither."""

    steps: dict[str, list[int]]
    pairs: dict[Pair, list[int]]
    nowhere: list[int]


def view(report: Report) -> StepGraph | None:
    """The picture of a report's step graph, None where there are no journeys."""
    table = report.table("step_graph")
    rows = {(row["source"], row["target"]): row for row in table.dicts()}
    if not rows:
        return None
    named = references(report)
    marks = _marks(named, rows)
    drawn = _drawn(rows, marks)
    times: dict[str, int] = {}
    for (source, target), row in rows.items():
        times[target] = times.get(target, 0) + row["count"]
        times[source] = times.get(source, 0) + (row["count"] if source == START else 0)
    most = max(drawn.values())
    return StepGraph(
        caption=_CAPTION,
        sentences=tuple(_sentences(rows, drawn, marks)),
        picture=step_graph(_positions(report, times), drawn, marks.steps, marks.pairs),
        times={name: formats.count(count) for name, count in times.items()},
        titles={pair: _title(rows[pair], report.grain) for pair in drawn},
        findings={each.rank: each for found in named.values() for each in found},
        has_rest=any(OTHER in pair for pair in drawn),
        widths=tuple((arrow_width(part, most), plural(part, "journey")) for part in _round_parts(most)),
        cypher=browser(table.model_dump()),
    )


def _marks(named: dict[tuple[str, ...], tuple[Reference, ...]], rows: Rows) -> _Marks:
    """Each finding on the transition between two steps that follow each other, else on its steps."""
    marks = _Marks({}, {}, [])
    known = {name for pair in rows for name in pair}
    for steps, found in named.items():
        ranks = [each.rank for each in found]
        pairs = [pair for pair in pairwise(steps) if pair in rows and pair[0] != pair[1]]
        if not steps:
            marks.nowhere.extend(ranks)
        elif pairs:
            marks.pairs.setdefault(pairs[0], []).extend(ranks)
        else:
            for step in dict.fromkeys(step if step in known else OTHER for step in steps):
                marks.steps.setdefault(step, []).extend(ranks)
    return _Marks(
        {step: sorted(ranks) for step, ranks in marks.steps.items()},
        {pair: sorted(ranks) for pair, ranks in marks.pairs.items()},
        sorted(marks.nowhere),
    )


def _drawn(rows: Rows, marks: _Marks) -> dict[Pair, int]:
    """The commonest transitions between different steps, into and out of every step, and those of findings."""
    between = [pair for pair in rows if pair[0] != pair[1]]
    between.sort(key=lambda pair: (-rows[pair]["journeys"], pair))
    named = [pair for pair in reversed(between) if OTHER not in pair]
    into, out = {target: (source, target) for source, target in named}, {pair[0]: pair for pair in named}
    chosen = {*between[:DRAWN], *into.values(), *out.values(), *marks.pairs}
    return {pair: rows[pair]["journeys"] for pair in sorted(chosen)}


def _positions(report: Report, times: dict[str, int]) -> dict[str, float]:
    """The mean position of each step in the journeys, among their first touchpoints."""
    known = {*times}
    found: dict[str, list[float]] = {name: [0.0, 0.0] for name in times}
    for row in report.table("step_matrix").dicts():
        name = row["step"] if row["step"] in known else OTHER
        if name in found:
            found[name][0] += row["position"] * row["journeys"]
            found[name][1] += row["journeys"]
    return {name: total / weight if weight else 99.0 for name, (total, weight) in found.items()}


def _title(row: Row, grain: str) -> str:
    return (
        f"{row['source']} → {row['target']}: {plural(row['journeys'], 'journey')} of "
        f"{plural(row['customers'], grain)}, {formats.count(row['count'])} times"
    )


def _sentences(rows: Rows, drawn: dict[Pair, int], marks: _Marks) -> list[str]:
    between = sum(source != target for source, target in rows)
    said = []
    if len(drawn) < len(rows):
        rest = f", rarer steps together as {OTHER}" if any(OTHER in pair for pair in rows) else ""
        said.append(
            f"{len(drawn)} of {plural(between, 'transition')} between different steps are drawn: the commonest, and "
            f"the commonest into and out of each step{rest}. step_graph.csv has all of them, "
            "transitions.csv those of every step by name."
        )
    if marks.nowhere:
        many = len(marks.nowhere) > 1
        said.append(
            f"Finding{'s' if many else ''} {', '.join(map(str, marks.nowhere))} concern{'' if many else 's'} no single "
            "step and cannot be shown here."
        )
    return said


def _round_parts(most: int) -> tuple[int, ...]:
    """A large and a small round number of journeys, for the legend.

    >>> _round_parts(734)
    (500, 50)
    """
    power = 10 ** (len(str(most)) - 1)
    large = next(factor * power for factor in (5, 2, 1) if factor * power <= most)
    return (large, large // 10) if large >= 10 else (large,)
