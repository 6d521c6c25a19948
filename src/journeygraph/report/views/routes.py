"""Ways to the goal: the shortest, the fastest, the most likely and the most valuable."""

from __future__ import annotations

from dataclasses import dataclass

from journeygraph.report import formats
from journeygraph.report.model import Report
from journeygraph.report.views.common import Row, browser, plural
from journeygraph.report.views.finding import Reference, references
from journeygraph.schema import START

_TITLES = {
    "fewest_steps": "Shortest: fewest touchpoints",
    "fastest": "Fastest: least waiting",
    "most_likely": "Most likely: each step by its chance to be the next",
    "most_valuable": "Most valuable: where the value goes",
}


@dataclass(frozen=True)
class Leg:
    """A step of a way, with the share that goes there from the step before."""

    step: str
    share: str
    title: str
    findings: tuple[Reference, ...]


@dataclass(frozen=True)
class Route:
    """A way, by what it is the best."""

    title: str
    way: str
    legs: tuple[Leg, ...]
    sentence: str
    cypher: str


@dataclass(frozen=True)
class Routes:
    """The ways; without any, the sentence says why."""

    sentences: tuple[str, ...]
    items: tuple[Route, ...] = ()
    cypher: str = ""


def view(report: Report) -> Routes | None:
    """The ways of a report, None where there are no journeys."""
    answer = report.routes.answer
    if not answer:
        return Routes((report.routes.reason or "",)) if report.paths.answer else None
    named = references(report)
    return Routes(
        sentences=(_sentence(answer),),
        items=tuple(_route(titles, row, named) for titles, row in _grouped(answer["routes"])),
        cypher=browser(answer),
    )


def _grouped(routes: list[Row]) -> list[tuple[list[str], Row]]:
    """Each way once, with everything that it is the best by."""
    found: dict[tuple[str, ...], tuple[list[str], Row]] = {}
    for row in routes:
        found.setdefault(tuple(row["steps"]), ([], row))[0].append(_TITLES[row["best"]])
    return list(found.values())


def _route(titles: list[str], row: Row, named: dict[tuple[str, ...], tuple[Reference, ...]]) -> Route:
    return Route(
        title=". ".join(titles),
        way=" → ".join(row["steps"]),
        legs=tuple(_leg(leg, named) for leg in row["legs"]),
        sentence=_figures(row),
        cypher=browser(row),
    )


def _leg(leg: Row, named: dict[tuple[str, ...], tuple[Reference, ...]]) -> Leg:
    wait = "" if leg["median_seconds"] is None else f", median wait {formats.duration(leg['median_seconds'])}"
    share = formats.percent(leg["probability"])
    return Leg(
        step=leg["target"],
        share=share,
        title=f"{leg['source']} → {leg['target']}: {share} of what follows, {plural(leg['journeys'], 'journey')}{wait}",
        findings=() if leg["source"] == START else named.get((leg["source"], leg["target"]), ()),
    )


def _figures(row: Row) -> str:
    """What the way is worth, in a sentence or two."""
    value = f", worth {formats.money(row['value'])}" if row["value"] else ""
    exactly = "No journey went exactly so"
    if row["journeys"]:
        converted = f"{formats.count(row['converted'])} of them converted{value}"
        exactly = f"{plural(row['journeys'], 'journey')} went exactly so, {converted}"
    wait = f"; the median waits add up to {formats.duration(row['seconds'])}" if row["seconds"] else ""
    return f"{exactly}. The shares multiply to {formats.percent(row['probability'])}{wait}."


def _sentence(answer: Row) -> str:
    return (
        f"{plural(answer['reached'], 'journey')} of {formats.count(answer['denominator'])} reach “{answer['goal']}”. "
        f"These ways are put together from transitions that at least {formats.count(answer['minimum'])} journeys took "
        "before they reached it; beside each step stands the share that goes there from the step before."
    )
