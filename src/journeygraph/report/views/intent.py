"""The section "Intent": how well the score predicts, and whom it calls likely."""

from __future__ import annotations

from dataclasses import dataclass

from journeygraph.report import formats
from journeygraph.report.model import Report
from journeygraph.report.pictures import Bar
from journeygraph.report.views.common import Grid, Row, grid, number, text


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
        return Intent((report.intent.reason or "No intent model was trained: “journeygraph intent train” makes one.",))
    return Intent((_sentence(answer),), (_figures(answer),))


def _sentence(answer: Row) -> str:
    return (
        f"The score is the calibrated probability that a customer converts within "
        f"{formats.duration(answer['horizon_seconds'])}, given only what was known at the time. Model "
        f"{answer['version']}, trained on the data until {formats.instant(answer['data_until'])}."
    )


def _figures(answer: Row) -> Block:
    return Block(
        "On later data than the model was trained on",
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
