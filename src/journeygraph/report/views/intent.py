"""The section "Intent": how well the score predicts, and whom it calls likely."""

from __future__ import annotations

from dataclasses import dataclass

from journeygraph.report import formats
from journeygraph.report.model import Report
from journeygraph.report.pictures.bars import Bar
from journeygraph.report.views.common import Grid, Row, browser, grid, number, plural, text


@dataclass(frozen=True)
class Block:
    title: str
    view: Grid | None = None
    bars: tuple[Bar, ...] = ()
    scale: float = 1.0
    caption: str = ""
    cypher: str = ""


@dataclass(frozen=True)
class Intent:
    sentences: tuple[str, ...]
    blocks: tuple[Block, ...] = ()


def view(report: Report) -> Intent:
    """The section of a report."""
    answer = report.intent.answer
    if not answer:
        return Intent((report.intent.reason or "No intent model was trained yet.",))
    cypher = browser(report.table("totals").model_dump())
    blocks = (_bands(answer, cypher), _figures(answer), _parts(answer))
    return Intent((_sentence(answer),), tuple(block for block in blocks if block))


def _sentence(answer: Row) -> str:
    return (
        "The score is the probability, calibrated on later data, that a customer converts within "
        f"{formats.duration(answer['horizon_seconds'])}, given only what was known at the time. Model "
        f"{answer['version']} learned from data until {formats.instant(answer['data_until'])}. Which touchpoints "
        "moved a customer’s score: journeygraph intent score CUSTOMER_ID."
    )


def _bands(answer: Row, cypher: str) -> Block:
    total = answer["customers"]
    bars = tuple(
        Bar(
            label,
            row["customers"] / total if total else 0.0,
            formats.count(row["customers"]),
            "neutral",
            note=f"{formats.percent(row['customers'] / total if total else None)}, about "
            f"{plural(round(row['expected_conversions']), 'conversion')} expected",
        )
        for row in answer["bands"]
        for label in [_band(row["band"], answer)]
    )
    return Block(
        f"Customers by intent at {formats.instant(answer['instant'])}",
        bars=bars,
        scale=1.0,
        caption=f"Share of {plural(total, 'customer')}; the Cypher counts them, a model scores them",
        cypher=cypher,
    )


def _band(name: str, answer: Row) -> str:
    """A band with its bounds."""
    high, medium = answer["high_above"], answer["medium_above"]
    return {
        "high": f"high, above {high:g}",
        "medium": f"medium, above {medium:g}",
        "low": f"low, up to {medium:g}",
    }[name]


def _figures(answer: Row) -> Block | None:
    if not answer["figures"]:
        return None
    return Block(
        "How well it predicts, on later data than it was trained on",
        grid(
            "AUC: how well it ranks (0.5 is chance). Brier and calibration error: how far it is off (0 is best).",
            [
                text("Model", "name"),
                number("AUC", "auc", lambda value: formats.decimal(value, 3)),
                number("Average precision", "average_precision", lambda value: formats.decimal(value, 3)),
                number("Brier", "brier", lambda value: formats.decimal(value, 4)),
                number("Calibration error", "ece", lambda value: formats.decimal(value, 3)),
            ],
            answer["figures"],
        ),
    )


def _parts(answer: Row) -> Block | None:
    if not answer["parts"]:
        return None
    return Block(
        "What it learned from",
        grid(
            "The data in order of time: each part lies wholly after the one before, so nothing leaks.",
            [
                text("Part", "name"),
                number("Moments scored", "cuts"),
                number("Converted within the time", "conversions"),
                number("From", "since", formats.day),
                number("To", "until", formats.day),
            ],
            answer["parts"],
        ),
    )
