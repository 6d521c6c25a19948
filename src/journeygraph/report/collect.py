"""From a graph to a report: each analysis once, over one table, and every number beside its statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from journeygraph import __version__, funnels, gaps
from journeygraph.blueprints import Blueprint
from journeygraph.funnels import identity_band
from journeygraph.funnels.answers import IdentityBand
from journeygraph.graph import Graph
from journeygraph.intent.features import traits
from journeygraph.journeys import JourneyTable, configuration, read_table
from journeygraph.quality.anomalies import anomalies
from journeygraph.report import analysed
from journeygraph.report.analyses import Analyses, Progress, analyse
from journeygraph.report.behind import routes
from journeygraph.report.earlier import Earlier, follow_up
from journeygraph.report.history import grow
from journeygraph.report.model import TITLE, Figure, Report, Section, Table
from journeygraph.schema import Grain, JourneyRules
from journeygraph.settings import Settings

FINDINGS_SHOWN = 25
#: How sure merges of customers must be, from the least to the most.
IDENTITY_LEVELS = (0.5, 0.9, 0.99)
#: Fields of a finding that its Cypher returns, one row, under these names.
_COUNTED = ("affected", "denominator", "affected_customers", "denominator_customers")
_LISTED = ("counts", "examples")


def collect(
    graph: Graph,
    settings: Settings,
    *,
    as_of: datetime | None = None,
    grain: Grain = "customer",
    table: JourneyTable | None = None,
    earlier: Earlier | None = None,
    blueprint: Blueprint | None = None,
    progress: Progress = lambda _: None,
) -> Report:
    """Analyse the graph, as of an instant where one is given; the intent model is that of the settings' home.

    Of another grain everything about journeys is about those of households, accounts or orders; intent scores and blind
    spots of sources, which have no such grain, are left out.  `table` holds the graph's journeys as of that instant and
    at that grain where they were read already; `earlier` is the report to compare the findings with; `blueprint` the
    declared journey whose missing steps are among them.
    """
    if earlier is not None:
        earlier.check(grain if table is None else table.grain)
    if table is None:
        progress("Reading the journeys")
        table = read_table(graph, as_of=as_of, grain=grain)
    rules = configuration.read_rules(graph)
    progress("Counting what there is")
    tables = analysed.read_tables(graph, as_of, table.grain)
    totals = next(one for one in tables if one.name == "totals")
    found = analyse(
        table,
        rules,
        settings,
        currencies=configuration.currencies(graph, as_of),
        groups=gaps.read_groups(graph, table, as_of=as_of),
        sources=gaps.read_sources(graph, as_of=as_of) if table.grain == "customer" else None,
        blueprint=blueprint,
        follow_up=lambda report: follow_up(graph, report, earlier, table, rules, totals),
        about=lambda: traits.read(graph, table, as_of),
        banded=lambda way: surer_funnel(graph, table, way),
        progress=progress,
    )
    progress("Fetching example journeys")
    examples = analysed.read_examples(graph, _example_ids(found.gaps), as_of, table.grain)
    learned = analysed.learned_from(graph, found.intent.answer, as_of)
    left_out = (*analysed.belonging_table(table.belonging), *analysed.withheld_table(table.withheld))
    progress("Looking for late sources and anomalies")
    late = analysed.silences_table(graph, totals, as_of)
    tables = (*tables, examples, *left_out, *learned, *late)
    odd = anomalies(graph, as_of=as_of).model_dump(mode="json")
    report = assemble(tables, rules, found, as_of, table.grain).model_copy(update={"anomalies": Section(answer=odd)})
    return report if earlier is None else with_history(report, earlier)


def surer_funnel(graph: Graph, table: JourneyTable, way: list[str]) -> IdentityBand | None:
    """The funnel under surer merges of customers; None where none stands, or where they make no difference."""
    standing = graph.read("identity/standing", confidences=[IDENTITY_LEVELS[-1]])[0]
    if table.grain != "customer" or table.as_of is not None or standing["merges"] == standing["all_merges"]:
        return None
    return identity_band.band(
        graph,
        IDENTITY_LEVELS,
        lambda least: read_table(graph, selection=table.selection, least_confidence=least),
        lambda journeys: funnels.funnel(journeys, way),
    )


def assemble(
    tables: Sequence[Table], rules: JourneyRules, found: Analyses, as_of: datetime | None, grain: Grain = "customer"
) -> Report:
    """A report of what was counted and what was found."""
    totals = next(table for table in tables if table.name == "totals").dicts()
    return Report(
        title=TITLE if grain == "customer" else f"{TITLE}: {grain}s",
        grain=grain,
        product_version=__version__,
        as_of=as_of.isoformat() if as_of else None,
        data_start=totals[0]["first_at"] if totals else None,
        data_end=totals[0]["last_at"] if totals else None,
        rules=rules.model_dump(mode="json"),
        findings_shown=FINDINGS_SHOWN,
        figures=(
            *analysed.headline_figures(tables),
            *_gap_figures(found.gaps),
            *routes.figures(found.routes),
            *_attribution_figures(found.attribution),
            *_pattern_figures(found.patterns),
        ),
        tables=(*tables, *found.tables),
        gaps=found.gaps,
        paths=found.paths,
        routes=found.routes,
        funnel=found.funnel,
        attribution=found.attribution,
        patterns=found.patterns,
        intent=found.intent,
        history=grow((), found.gaps.answer, at=_instant(as_of, totals), earlier_id=None),
    )


def _instant(as_of: datetime | None, totals: Sequence[Mapping[str, Any]]) -> str | None:
    """The instant that a report is of: the one asked about, else the last touchpoint's."""
    if as_of:
        return as_of.isoformat()
    return totals[0]["last_at"] if totals else None


def with_history(report: Report, earlier: Earlier) -> Report:
    """The report with the history of the one that it was compared with, and its own findings added to it."""
    at = report.as_of or report.data_end
    grown = grow(earlier.history, report.gaps.answer, at=at, earlier_id=earlier.id)
    return report.model_copy(update={"history": grown})


def _example_ids(section: Section) -> list[str]:
    """Journeys that the page shows as examples."""
    shown = (section.answer or {}).get("findings", [])[:FINDINGS_SHOWN]
    return sorted({journey_id for finding in shown for journey_id in finding["examples"]})


def _gap_figures(section: Section) -> list[Figure]:
    """What the statements of the findings give: counts, and the ids of the examples."""
    return [
        Figure(
            name=f"findings/{finding['id']}/{field}",
            label=f"{finding['subject']}: {field.replace('_', ' ')}",
            value=finding[field],
            column=field,
            cypher=finding["cypher"],
            parameters=finding["parameters"],
        )
        for finding in (section.answer or {}).get("findings", [])
        for field in (*_COUNTED, *_LISTED)
    ]


def _attribution_figures(section: Section) -> list[Figure]:
    """What is shared out, and the credits of those models whose statements give them."""
    answer = section.answer or {"channels": [], "models": []}
    given = {model["name"]: model for model in answer["models"] if model["reproduces"] == "credits"}
    totals = [
        Figure(
            name=f"attribution/{field}",
            label=f"Attribution: {field.replace('_', ' ')}",
            value=answer[field],
            column=field,
            cypher=answer["cypher"],
            parameters=answer["parameters"],
        )
        for field in ("conversions", "value", "lost", "left_out", "without_touchpoint")
        if answer.get(field) is not None
    ]
    return totals + [
        Figure(
            name=f"attribution/{row['model']}/{row['channel']}/{field}",
            label=f"{row['channel']} by {given[row['model']]['title']}: {field.replace('_', ' ')}",
            value=row[field],
            column=field,
            row={"channel": row["channel"]},
            cypher=given[row["model"]]["cypher"],
            parameters=given[row["model"]]["parameters"],
        )
        for row in answer["channels"]
        if row["model"] in given and row["credit"]  # no row stands for those with nothing
        for field in ("credit", "value_credit")
        if row[field] is not None
    ]


def _pattern_figures(section: Section) -> list[Figure]:
    """How many journeys hold each pattern, and what became of them."""
    return [
        Figure(
            name=f"patterns/{' > '.join(pattern['pattern'])}/{field}",
            label=f"{' → '.join(pattern['pattern'])}: {field.replace('_', ' ')}",
            value=pattern[field],
            column=field,
            cypher=pattern["cypher"],
            parameters=pattern["parameters"],
        )
        for pattern in (section.answer or {}).get("patterns", [])
        for field in ("support", "decided_with", "reached_with")
    ]
