"""The page as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from journeygraph.report import formats
from journeygraph.report.model import Report
from journeygraph.report.views import (
    analysed,
    attribution,
    findings,
    funnel,
    intent,
    method,
    paths,
    patterns,
    routes,
    step_graph,
    step_matrix,
    transition_matrix,
    variants,
    waits,
)


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
    Link("attribution", "Attribution"),
    Link("patterns", "Patterns"),
    Link("intent", "Intent"),
    Link("method", "How to read this report"),
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
    step_graph: step_graph.StepGraph | None
    step_matrix: step_matrix.StepMatrix | None
    variants: variants.Variants | None
    transition_matrix: transition_matrix.TransitionMatrix | None
    routes: routes.Routes | None
    waits: waits.Waits | None
    funnel: funnel.Funnel
    attribution: attribution.Attribution
    patterns: patterns.Patterns
    intent: intent.Intent
    method: tuple[tuple[str, str], ...]
    footer: str


def view(report: Report) -> Page:
    """All sections of a report."""
    found = findings.view(report)
    return Page(
        title=report.title,
        as_of=formats.instant(report.as_of or report.data_end) if report.as_of or report.data_end else "no data yet",
        asked=report.as_of is not None,
        product_version=report.product_version,
        headline=found.headline,
        sections=_SECTIONS,
        analysed=analysed.view(report),
        findings=found,
        paths=paths.view(report),
        step_graph=step_graph.view(report),
        step_matrix=step_matrix.view(report),
        variants=variants.view(report),
        transition_matrix=transition_matrix.view(report),
        routes=routes.view(report),
        waits=waits.view(report),
        funnel=funnel.view(report),
        attribution=attribution.view(report),
        patterns=patterns.view(report),
        intent=intent.view(report),
        method=method.TERMS,
        footer=(
            "This page is one file: it loads nothing from anywhere and can be mailed, archived and printed. Beside it "
            "lie report.json, report.md and CSV files with the same figures."
        ),
    )
