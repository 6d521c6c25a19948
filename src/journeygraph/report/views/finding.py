"""A finding as a card: its words, facts and pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from journeygraph import queries
from journeygraph.report import formats
from journeygraph.report.model import Report
from journeygraph.report.pictures.bars import Bar, bar_scale
from journeygraph.report.pictures.chain import Chain, chain
from journeygraph.report.pictures.course import Trend, trend
from journeygraph.report.pictures.cycle import Cycle, cycle
from journeygraph.report.pictures.interval import Interval
from journeygraph.report.views.common import Fact, Row, browser, plural
from journeygraph.report.views.history import History, of_finding
from journeygraph.schema import START

EXAMPLES = 3
#: Kind -> its name, and what the two bars of its picture compare.
KINDS = {
    "drop_off": ("Drop-off", "Lost right here"),
    "silence": ("Silence", "Lost after a long wait"),
    "loop": ("Loop", "Going round"),
    "unreachable": ("Unreachable", "With no other way"),
    "handoff": ("Handoff", "Lost on arrival"),
    "repeat": ("Repeat", "Raised again elsewhere"),
    "bypassable": ("Bypassable", "Lost later"),
    "duplicate_step": ("Duplicate step", "In common"),
    "incident": ("Incident", "In that time"),
    "blind_spot": ("Blind spot", "Not recorded"),
    "missing_step": ("Missing step", "Not converting afterwards"),
}


@dataclass(frozen=True)
class Example:
    """A journey, with the steps that the finding is about marked."""

    title: str
    steps: tuple[str, ...]
    here: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """A finding as a card."""

    id: str
    anchor: str
    status: str
    kind: str
    kind_title: str
    subject: str
    headline: str
    sentences: tuple[str, ...]
    facts: tuple[Fact, ...]
    bars: tuple[Bar, ...]
    bars_caption: str
    scale: float
    interval: Interval | None
    cycle: Cycle | None
    chain: Chain | None
    chain_caption: str
    examples: tuple[Example, ...]
    examples_title: str
    examples_cypher: str
    cypher: str
    inputs_cypher: str
    trend: Trend | None = None
    trend_cypher: str = ""
    history: History | None = None


def anchor(row: Row) -> str:
    """Where the card stands on the page."""
    return "finding-" + "".join(char if char.isalnum() or char in "-_" else "-" for char in row["id"])


@dataclass(frozen=True)
class Reference:
    """A finding that another picture points at: its place in the list, its card, and what it says."""

    rank: int
    anchor: str
    title: str


def references(report: Report) -> dict[tuple[str, ...], tuple[Reference, ...]]:
    """The findings on the page by the steps that they concern, in their order."""
    found: dict[tuple[str, ...], tuple[Reference, ...]] = {}
    shown = (report.gaps.answer or {}).get("findings", [])[: report.findings_shown]
    for rank, row in enumerate(shown, start=1):
        steps = tuple(row["steps"])
        found[steps] = (*found.get(steps, ()), Reference(rank, anchor(row), row["title"]))
    return found


def kind(row: Row) -> tuple[str, str]:
    """Name of a finding's kind, and what the two bars of its picture compare."""
    return KINDS.get(row["kind"], (row["kind"].replace("_", " ").capitalize(), "Affected"))


def finding(row: Row, report: Report) -> Finding:
    """The card of a finding."""
    name, caption = kind(row)
    bars = _bars(row)
    steps = tuple(row["steps"])
    examples = _examples(row, report)
    return Finding(
        id=row["id"],
        anchor=anchor(row),
        status=row["status"] if report.gaps.answer and report.gaps.answer["compared_with"] else "",
        kind=row["kind"],
        kind_title=name,
        subject=row["subject"],
        headline=row["title"],
        sentences=tuple(_sentences(row)),
        facts=tuple(_facts(row, report.grain)),
        bars=bars,
        bars_caption=f"{caption}: {row['effect_unit']}",
        scale=bar_scale(bars),
        interval=_interval(row),
        cycle=cycle(_once(steps)) if row["kind"] == "loop" and steps else None,
        **_chain(row, report.rules["goals"]),
        examples=examples,
        examples_title=f"{plural(len(examples), 'example journey')} (the latest)",
        examples_cypher=_examples_cypher(row, report),
        cypher=browser(row),
        inputs_cypher=browser(row["inputs"]) if row.get("inputs") else "",
        trend=trend(row),
        history=of_finding(row["id"], row["per"], report),
        trend_cypher=browser(row["trend"]) if row.get("trend") else "",
    )


def _once(steps: tuple[str, ...]) -> tuple[str, ...]:
    """The steps of a cycle, each once, in order."""
    return tuple(dict.fromkeys(steps))


def _sentences(row: Row) -> list[str]:
    sentences = []
    if row["since"] or row["until"]:
        end = f" to {formats.instant(row['until'])}" if row["until"] else ", and not over by the end of what is known"
        sentences.append(f"Confined to the time from {formats.instant(row['since'])}{end}.")
    if row["group"]:
        sentences.append(f"Confined to {row['group']}.")
    if row["comparison"]:
        sentences.append(row["comparison"]["sentence"])
    return sentences


def _facts(row: Row, grain: str) -> list[Fact]:
    share = row["affected"] / row["denominator"] if row["denominator"] else None
    people = plural(row["denominator_customers"], grain)
    whom = f", {formats.count(row['affected_customers'])} of {people}" if row["denominator_customers"] else ""
    affected = f"{formats.count(row['affected'])} of {plural(row['denominator'], row['per'])}"
    facts = [
        Fact("Affected", affected, f"({formats.percent(share)}){whom}"),
        Fact("q-value", formats.probability(row["q_value"])),
    ]
    facts += _costs(row)
    if row["channels"]:
        facts.append(Fact("Channels", ", ".join(row["channels"])))
    facts += [Fact(label, row[name]) for label, name in (("Owner", "owner"), ("Note", "note")) if row[name]]
    return facts


def _costs(row: Row) -> list[Fact]:
    if row["lost_conversions"] is None:
        return [Fact("Lost conversions", "cannot be estimated")]
    facts = [_estimate("Lost conversions", row["lost_conversions"], row["lost_conversions_interval"], formats.count)]
    if row["lost_value"] is not None:
        currency = row["currency"]
        show = lambda value: formats.money(value, currency)  # noqa: E731
        facts.append(_estimate("Lost value", row["lost_value"], row["lost_value_interval"], show))
    return facts


def _estimate(label: str, value: float, interval: list[float], show: Callable[[float], str]) -> Fact:
    low, high = interval
    if high <= 0:
        return Fact(label, "none", "as far as can be told")
    if show(value).startswith("0"):
        return Fact(label, "hardly any", f"(up to {show(high)})")
    return Fact(label, f"about {show(value)}", f"({show(low)} to {show(high)})")


def _chain(row: Row, goals: list[str]) -> dict[str, Any]:
    """The picture of a handoff, of a repeat, and of a step that cannot be reached, or be left but one way."""
    steps, goal = tuple(row["steps"]), goals[0] if len(goals) == 1 else "a goal"
    if row["kind"] == "handoff":
        left, entered = row["parameters"]["from_channel"], row["parameters"]["to_channel"]
        before = f"{steps[0]} ({left})" if steps else left
        return {"chain": chain((before, entered), 1, cut=False), "chain_caption": "Lost on arrival"}
    if row["kind"] == "repeat":
        return {"chain": chain((steps[0], "again elsewhere"), 1, cut=False), "chain_caption": "Not resolved at once"}
    if row["kind"] != "unreachable":
        return {"chain": None, "chain_caption": ""}
    if len(steps) > 1:
        return {"chain": chain((*steps, goal), 1, cut=False), "chain_caption": "The only way to a goal"}
    if "from_entry" in row["counts"]:
        return {"chain": chain((START, steps[0]), 1, cut=True), "chain_caption": "No way leads here from an entry"}
    return {"chain": chain((steps[0], goal), 0, cut=True), "chain_caption": "No way leads from here to a goal"}


def _bars(row: Row) -> tuple[Bar, ...]:
    observed, expected, effect = row["observed"], row["expected"], row["effect"]
    low, high = (min(max(observed + bound - effect, 0.0), 1.0) for bound in row["interval"])
    return (
        Bar("Observed", observed, formats.percent(observed), "observed", low, high),
        Bar("Expected", expected, formats.percent(expected), "expected"),
    )


def _interval(row: Row) -> Interval | None:
    low, high = row["interval"]
    if not low < high:
        return None
    words = f"{formats.points(row['effect'])} ({formats.points(low)} to {formats.points(high)})"
    return Interval(low, row["effect"], high, 0.0, f"Effect with its 95 % interval: {words}", words, formats.points)


def _examples(row: Row, report: Report) -> tuple[Example, ...]:
    known = {journey["id"]: journey for journey in report.table("examples").dicts()}
    found = [known[journey_id] for journey_id in row["examples"] if journey_id in known]
    return tuple(
        Example(
            f"{journey['id']}, {journey['outcome']}, {formats.instant(journey['started_at'])}",
            tuple(journey["steps"]),
            tuple(row["steps"]),
        )
        for journey in found[:EXAMPLES]
    )


def _examples_cypher(row: Row, report: Report) -> str:
    table = report.table("examples")
    return queries.for_browser(table.cypher, {**table.parameters, "journey_ids": list(row["examples"])})
