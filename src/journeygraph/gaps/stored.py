"""Findings of a graph: analysed from it, and kept in it beside the steps that they concern."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from journeygraph.blueprints import Blueprint
from journeygraph.gaps.answers import Finding, GapReport
from journeygraph.gaps.finding import MINIMUM_JOURNEYS, find
from journeygraph.gaps.read_groups import read_groups
from journeygraph.gaps.sources import read_sources
from journeygraph.graph import Graph
from journeygraph.journeys.configuration import currencies, read_rules
from journeygraph.journeys.filters import EVERYTHING, Selection
from journeygraph.journeys.table import read_table
from journeygraph.schema import Grain


def analyse(
    graph: Graph,
    *,
    minimum_journeys: int = MINIMUM_JOURNEYS,
    kinds: Collection[str] | None = None,
    as_of: datetime | None = None,
    grain: Grain = "customer",
    selection: Selection = EVERYTHING,
    examples: int = 5,
    blueprint: Blueprint | None = None,
) -> GapReport:
    """The gap report of a graph, as of an instant where one is given.  See `find` for the arguments and errors.

    Sources are everybody's: their blind spots are looked for only where all journeys of customers are.

    Owners and notes are not in it, since they change without the data: `add_owners` puts them on.
    """
    table = read_table(graph, as_of=as_of, grain=grain, selection=selection)
    everybody = grain == "customer" and not selection
    return find(
        table,
        minimum_journeys=minimum_journeys,
        kinds=kinds,
        as_of=as_of,
        examples=examples,
        rules=read_rules(graph),
        currencies=currencies(graph, as_of),
        blueprint=blueprint,
        groups=read_groups(graph, table, as_of=as_of),
        sources=read_sources(graph, as_of=as_of) if everybody else None,
    )


def store(graph: Graph, report: GapReport) -> int:
    """Keep the report's findings as `(:Finding)-[:CONCERNS]->(:Step)` in place of the ones that were there.

    Repeatable; returns the number of findings kept.
    """
    rows = [_properties(finding) for finding in report.findings]
    graph.write_all([("gaps/forget", {"ids": [row["id"] for row in rows]}), ("gaps/store", {"rows": rows})])
    return len(rows)


def store_beside(graph: Graph, report: GapReport) -> int:
    """Keep those of the report's findings that are not kept yet, beside all that are, until `store` is called again.

    For a report that is not about all journeys of customers: its findings can be followed up, too, and where both
    find the same, what was found over all journeys stays.  Returns the number of findings kept.
    """
    known = {row["finding_id"] for row in graph.read("gaps/kept_ids")}
    rows = [_properties(finding) for finding in report.findings if finding.id not in known]
    graph.write("gaps/store", rows=rows)
    return len(rows)


def _properties(finding: Finding) -> dict[str, object]:
    """The finding as properties: Neo4j keeps lists of plain values, so whatever has an inside is kept as JSON text."""
    kept = finding.model_dump(mode="json", exclude={"comparison", "owner", "note"})
    kept = {name: json.dumps(value, ensure_ascii=False) if _nested(value) else value for name, value in kept.items()}
    return {"id": finding.id, "steps": list(finding.steps), "properties": kept}


def _nested(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict | list) for one in value))
