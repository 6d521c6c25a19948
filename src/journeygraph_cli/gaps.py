"""`journeygraph gaps`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journeygraph_cli.output import AsOf, JsonFlag, emit, say, stdout, table
from journeygraph_cli.which_paths import Grain, Segment, Where, tell

if TYPE_CHECKING:
    from journeygraph.gaps import Finding, GapReport

Kinds = Annotated[
    list[str] | None,
    typer.Option("--kind", metavar="K", help="Only findings of this kind; may be given several times."),
]
MinimumJourneys = Annotated[
    int, typer.Option("--min-journeys", min=2, metavar="N", help="Journeys that a finding's denominator must have.")
]
BlueprintFile = Annotated[
    Path | None,
    typer.Option("--blueprint", metavar="FILE", help="A declared journey (YAML); its missing steps are tested too."),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("gaps")(gaps)


def gaps(
    kind: Kinds = None,
    min_journeys: MinimumJourneys = 30,
    blueprint: BlueprintFile = None,
    grain: Grain = "customer",
    segment: Segment = None,
    where: Where = None,
    as_of: AsOf = None,
    as_json: JsonFlag = False,
) -> None:
    """Find where journeys are lost, wait, go in circles or have no way through, the costliest first.

    The findings of now are also kept in the graph, as (:Finding)-[:CONCERNS]->(:Step): those over all journeys of
    customers in place of all earlier ones, others beside these.
    """
    from journeygraph.blueprints import read
    from journeygraph.gaps import add_owners, analyse, store, store_beside
    from journeygraph.journeys import filters
    from journeygraph.journeys.grain import check
    from journeygraph_cli.context import instant, open_graph

    at, declared = instant(as_of), read(blueprint) if blueprint else None
    whose, selection = check(grain), filters.parse(where or (), segment=segment)
    with open_graph() as graph:
        report = analyse(
            graph,
            minimum_journeys=min_journeys,
            kinds=kind,
            as_of=at,
            grain=whose,
            selection=selection,
            blueprint=declared,
        )
        if at is None:
            everything = not kind and whose == "customer" and not selection
            (store if everything else store_beside)(graph, report)
        report = add_owners(graph, report, as_of=at)
    tell(report.belonging)
    emit(report, as_json, lambda: _print(report))


def _print(report: GapReport) -> None:
    rows = [_row(place, finding) for place, finding in enumerate(report.findings, start=1)]
    columns = ("", "finding", "lost conversions", "lost value")
    if rows:
        table("Gaps, the costliest first", columns, rows)
        stdout.print()
    say(
        f"{len(report.findings)} findings from {report.tested} tests over {report.journeys} journeys "
        f"({report.converted} converted, {report.lost} lost, {report.open} still open); "
        f"corrected by {report.corrected_by}. --json shows the Cypher of each."
    )


def _row(place: int, finding: Finding) -> tuple[object, ...]:
    return (
        place,
        f"{finding.title}\n{finding.kind}, q {finding.q_value:.1g}, id {finding.id}",
        _range(finding.lost_conversions, finding.lost_conversions_interval, ".1f"),
        _range(finding.lost_value, finding.lost_value_interval, ",.0f", finding.currency or ""),
    )


def _range(value: float | None, interval: tuple[float, float] | None, style: str, unit: str = "") -> str:
    if value is None or interval is None:
        return "not known"
    return f"{value:{style}} {unit}".rstrip() + f"\n{interval[0]:{style}} to {interval[1]:{style}}"
