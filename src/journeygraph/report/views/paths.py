"""The section "Paths": the path picture and the transitions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from journeygraph.report import formats
from journeygraph.report.model import Report
from journeygraph.report.pictures.sankey import Flow, Picture, Ribbon, layout
from journeygraph.report.views.common import Grid, Row, browser, grid, number, plural, text, whose
from journeygraph.schema import END, OTHER, START

SHOWN_TRANSITIONS = 20
SHOWN_LINKS = 60


@dataclass(frozen=True)
class Paths:
    """The picture with its table, and the commonest transitions; None where there is nothing to draw."""

    sentences: tuple[str, ...]
    goals: frozenset[str]
    picture: Picture | None = None
    caption: str = ""
    column_titles: tuple[str, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
    links: Grid | None = None
    cypher: str = ""
    transitions: Grid | None = None
    transitions_cypher: str = ""

    def tone(self, step: str, prefix: str = "") -> str:
        """Style class of a node, or with a prefix of a ribbon to it; empty for an ordinary step."""
        if step in self.goals:
            return prefix + "goal"
        return prefix + _TONES[step] if step in _TONES else ""

    def tooltip(self, ribbon: Ribbon) -> str:
        """What a ribbon says when pointed at."""
        flow = ribbon.flow
        return (
            f"{flow.source} → {flow.target}: {formats.count(flow.journeys)} journeys, "
            f"{formats.percent(ribbon.share)} of those at {flow.source}"
        )


def view(report: Report) -> Paths:
    """The section of a report."""
    goals = frozenset(report.rules["goals"])
    answer = report.paths.answer
    if not answer or not answer["links"]:
        return Paths((report.paths.reason or "There are no journeys, so there is no path to draw.",), goals)
    links = answer["links"]
    picture = layout(flows(links, goals))
    return Paths(
        sentences=(_sentence(answer), _ends(links)),
        goals=goals,
        picture=picture,
        caption=f"The first {answer['levels']} steps of {formats.count(answer['denominator'])} journeys",
        column_titles=tuple(
            "Start" if level == 0 else f"Step {level}" for level in range(len(picture.columns) if picture else 0)
        ),
        legend=_LEGEND,
        links=_links(links, report.grain),
        cypher=browser(answer),
        **_transitions(report),
    )


_LOST, _OPEN, _DONE = f"{END} lost", f"{END} still open", f"{END} converted"
_TONES = {_LOST: "end", _OPEN: "pending", _DONE: "done", OTHER: "other", START: "start"}
_LEGEND = (
    ("", "step"),
    ("goal", "goal step, and journeys that converted"),
    ("end", "journeys that ended there and are lost"),
    ("pending", "journeys that stop there but are still open"),
    ("other", "(other): rarer steps taken together"),
)


def flows(links: list[Row], goals: frozenset[str]) -> list[Flow]:
    """The links as flows; those into `(end)` by what became of the journeys.

    >>> link = {"source": "cart", "target": "(end)", "level": 2, "journeys": 5, "drop_off": 3}
    >>> [(flow.target, flow.journeys) for flow in flows([link], frozenset({"purchase"}))]
    [('(end) lost', 3), ('(end) still open', 2)]
    """
    found: list[Flow] = []
    for row in links:
        parts = {row["target"]: row["journeys"]}
        if row["target"] == END:
            rest = _DONE if row["source"] in goals else _OPEN
            parts = {_LOST: row["drop_off"], rest: row["journeys"] - row["drop_off"]}
        found += [Flow(row["source"], name, row["level"] - 1, amount) for name, amount in parts.items() if amount]
    return found


def _sentence(answer: Row) -> str:
    return (
        f"The picture follows {formats.count(answer['denominator'])} journeys from their first touchpoint. A box’s "
        "height is the number of journeys, a ribbon’s thickness those that went on that way. Rarer steps are gathered "
        "in (other), and none is left out."
    )


def _ends(links: list[Row]) -> str:
    lost = [row for row in links if row["drop_off"]]
    if not lost:
        return "No journey is lost within the picture."
    worst = max(lost, key=lambda row: (row["source"] != OTHER, row["drop_off"], row["source"]))
    total = sum(row["drop_off"] for row in lost)
    return (
        f"Within these steps {formats.count(total)} journeys end lost; the step by name with the most is "
        f"“{worst['source']}” in place {worst['level'] - 1}, with {formats.count(worst['drop_off'])}."
    )


def _links(links: list[Row], grain: str) -> Grid:
    rows = sorted(links, key=lambda row: (row["level"], -row["journeys"], row["source"], row["target"]))
    more = f" The first {SHOWN_LINKS} of {len(rows)}; links.csv has all." if len(rows) > SHOWN_LINKS else ""
    return grid(
        f"Journeys from step to step, by position.{more}",
        whose(
            [
                text("From", "source"),
                text("To", "target"),
                number("Position", "level"),
                number("Journeys", "journeys"),
                number("Customers", "customers"),
                number("Lost there", "drop_off"),
            ],
            grain,
        ),
        rows[:SHOWN_LINKS],
    )


def _transitions(report: Report) -> dict[str, Any]:
    """The commonest transitions, with what share of their step's touchpoints they are."""
    links = report.table("transitions").dicts()
    if not links:
        return {}
    outflow: dict[str, int] = {}
    for row in links:
        outflow[row["source"]] = outflow.get(row["source"], 0) + row["count"]
    between = [row for row in links if row["source"] != START and row["target"] != END]
    shown = sorted(between, key=lambda row: (-row["count"], row["source"], row["target"]))[:SHOWN_TRANSITIONS]
    return {
        "transitions": grid(
            f"The {len(shown)} commonest of {plural(len(between), 'transition')}: the next touchpoint in the same "
            "journey. transitions.csv has all, with those from (start) and to (end).",
            [
                text("From", "source"),
                text("To", "target"),
                number("Times", "count"),
                ("Of all from there", lambda row: formats.percent(row["count"] / outflow[row["source"]]), True),
                number("Journeys", "journeys"),
                number("Median wait", "median_seconds", formats.duration),
                number("90 % within", "p90_seconds", formats.duration),
            ],
            shown,
        ),
        "transitions_cypher": browser(report.table("transitions").model_dump()),
    }
