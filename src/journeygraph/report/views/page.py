"""The page as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from journeygraph.report import formats
from journeygraph.report.model import Report
from journeygraph.report.views import analysed, findings, funnel, intent, paths, patterns


@dataclass(frozen=True)
class Link:
    """An entry of the page's navigation."""

    id: str
    title: str


_SECTIONS = (
    Link("analysed", "What was analysed"),
    Link("findings", "Findings"),
    Link("paths", "Paths"),
    Link("funnel", "Funnel"),
    Link("patterns", "Patterns"),
    Link("intent", "Intent"),
    Link("method", "How to read this report"),
)

_METHOD = (
    ("Journey", "The touchpoints of one customer across all sessions and channels, split after a conversion and where nothing follows for longer than the journey window."),
    ("Lost, open", "A journey is lost when its window has passed without a goal. It is open, and counted as neither lost nor converted, while its window was still running at the end of the data."),
    ("of, denominator", "“412 of 1,930 journeys” names both numbers: how many are affected, and of how many that could have been."),
    ("Expected", "What would have happened had this place been like comparable ones: for a drop-off, journeys at the same stage and depth; for a long wait, the same transition with short waits; for a loop, a random order of the same steps."),
    ("Effect, interval", "The difference between what happened and what was expected, with the range that would contain the true difference in 95 of 100 such reports."),
    ("q-value", "All questions of a report are tested together and corrected together (Benjamini and Hochberg): of findings with q at most 0.05, at most one in twenty is expected to be chance."),
    ("Lost conversions", "An estimate of how many more journeys would have converted had the gap not been there, with its interval. It assumes that the journeys affected would otherwise have been like those they are compared with, and gaps overlap: the estimates must not be added up."),
    ("Support, lift", "Support is the number of journeys that contain the pattern in order, other steps between allowed. Lift is how much more often they convert than journeys do on average."),
    ("(start), (end), (other)", "Every path begins at (start) and closes at (end). Rare steps are gathered in (other), so nothing is left out of a sum."),
)


@dataclass(frozen=True)
class Page:
    """Everything that the templates show."""

    title: str
    as_of: str
    asked: bool
    product_version: str
    headline: str
    sections: tuple[Link, ...]
    analysed: analysed.Analysed
    findings: findings.Findings
    paths: paths.Paths
    funnel: funnel.Funnel
    patterns: patterns.Patterns
    intent: intent.Intent
    method: tuple[tuple[str, str], ...]
    footer: str


def view(report: Report) -> Page:
    """All sections of a report."""
    found = findings.view(report)
    return Page(
        title=report.title,
        as_of=formats.instant(report.as_of or report.data_end),
        asked=report.as_of is not None,
        product_version=report.product_version,
        headline=found.headline,
        sections=_SECTIONS,
        analysed=analysed.view(report),
        findings=found,
        paths=paths.view(report),
        funnel=funnel.view(report),
        patterns=patterns.view(report),
        intent=intent.view(report),
        method=_METHOD,
        footer=(
            "This page is one file: it loads nothing from anywhere and can be mailed, archived and printed. Beside it lie "
            "report.json, report.md and CSV files with the same figures."
        ),
    )
