"""The section "Intent": how well the score predicts, and whom it calls likely."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from journeygraph.report import formats
from journeygraph.report.model import Report
from journeygraph.report.pictures.bars import Bar
from journeygraph.report.pictures.dots import Dots
from journeygraph.report.views import intent_card, intent_quality
from journeygraph.report.views.common import Fact, Grid, Row, browser, grid, number, plural, text


@dataclass(frozen=True)
class Block:
    title: str
    view: Grid | None = None
    bars: tuple[Bar, ...] = ()
    scale: float = 1.0
    dots: Dots | None = None
    caption: str = ""
    cypher: str = ""
    file: str = ""
    facts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()


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
    card = intent_card.facts(answer, report.table("intent_learned_from").dicts())
    learned = browser(report.table("intent_learned_from").model_dump())
    title = "The card of the model"
    blocks = (
        _bands(answer, cypher),
        Block(title, facts=card, notes=tuple(answer["card"]["limits"]), cypher=learned),
        _figures(answer),
        *_quality(answer),
        _parts(answer),
    )
    return Intent((_sentence(answer),), tuple(block for block in blocks if block))


def _quality(answer: Row) -> Iterator[Block]:
    """The pictures of the chosen model on the test part, each with the table behind it."""
    chosen = next((row for row in answer["figures"] if row["name"] == answer["chosen"]), None)
    audit = answer["audit"]
    if chosen and chosen["reliability"]:
        yield Block(
            "What came true of the scores",
            dots=intent_quality.reliability(chosen),
            caption="Moments by their score, in tenths of 0 to 1; the whisker is a 95 % interval (Wilson)",
            file="intent_reliability.csv",
        )
    if chosen and chosen["decile_lift"]:
        bars, scale = intent_quality.deciles(chosen)
        yield Block(
            "Whom the scores find",
            bars=bars,
            scale=scale,
            caption="Conversions in each tenth of the moments, the likeliest first, against the average",
            file="intent_deciles.csv",
        )
    by_whom = "Mean score and what came true of it; the whisker is a 95 % interval over customers"
    if audit["groups"]:
        yield Block(
            "For whom the scores hold",
            intent_quality.groups_table(audit["groups"]),
            dots=intent_quality.groups(audit["groups"]),
            caption=by_whom,
            file="intent_groups.csv",
        )
    if audit["slices"]:
        yield Block(
            "When the scores hold",
            intent_quality.slices_table(audit["slices"]),
            dots=intent_quality.slices(audit["slices"]),
            caption=by_whom,
            file="intent_slices.csv",
        )
    if audit["drift"]:
        yield Block("How far the data moved", intent_quality.drift_table(audit), file="intent_drift.csv")


def _sentence(answer: Row) -> str:
    return (
        "The score is the probability, calibrated on later data, that a customer converts within "
        f"{formats.duration(answer['horizon_seconds'])}, given only what was known at the time. Model "
        f"{answer['version']} ({answer['chosen'].replace('_', ' ')}) learned from data until "
        f"{formats.instant(answer['data_until'])}. Which touchpoints "
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
                ("AUC (95 % interval)", intent_card.auc, True),
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
