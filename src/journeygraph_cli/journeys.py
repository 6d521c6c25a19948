"""Commands about journeys: one customer's, and the rules that make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from journeygraph.errors import UsageError
from journeygraph_cli import context, output

if TYPE_CHECKING:
    from journeygraph.graph import Graph
    from journeygraph.journeys.timeline import Timeline
    from journeygraph.schema import JourneyRules

CustomerId = Annotated[
    str, typer.Argument(metavar="CUSTOMER_ID", help="Customer id, or an identifier of one customer.")
]


def register(app: typer.Typer) -> None:
    """Add the commands `journey` and `rules`."""
    app.command()(journey)
    app.command()(rules)


def journey(customer_id: CustomerId, as_of: output.AsOf = None, as_json: output.JsonFlag = False) -> None:
    """Show a customer's journeys; an anonymous id, e-mail or telephone number of theirs will do as well."""
    from journeygraph.journeys.timeline import timeline

    instant = context.instant(as_of)
    with context.open_graph() as graph:
        answer = timeline(graph, customer_id, as_of=instant)
    context.noted("read journey", answer.customer_id)
    output.emit(answer, as_json, lambda: _show(answer))


def rules(
    goal: Annotated[
        list[str] | None,
        typer.Option(
            "--goal", metavar="STEP", help="The steps that are conversions, instead of those so far; repeatable."
        ),
    ] = None,
    session_idle: Annotated[
        str | None, typer.Option(metavar="TIME", help="Idle time that ends a session: 30m.")
    ] = None,
    journey_window: Annotated[
        str | None, typer.Option(metavar="TIME", help="Idle time that ends a journey: 30d.")
    ] = None,
    as_json: output.JsonFlag = False,
) -> None:
    """Show what makes journeys and sessions, or change it; a change rebuilds all journeys."""
    from journeygraph import queries
    from journeygraph.journeys import configuration
    from journeygraph.journeys.settle import settle

    with context.open_graph() as graph:
        _check_goals(graph, goal or [])
        found = configuration.declare(
            graph,
            goals=goal,
            session_idle_seconds=_seconds(session_idle, "--session-idle"),
            journey_window_seconds=_seconds(journey_window, "--journey-window"),
        )
        settle(graph)
    query = queries.get("journeys/rules")
    answer = {**found.model_dump(mode="json"), "cypher": query.cypher, "parameters": {}}
    output.emit(answer, as_json, lambda: _show_rules(found))


def _check_goals(graph: Graph, goals: list[str]) -> None:
    known = [row["step"] for row in graph.read("paths/steps")]
    for step in goals:
        if known and step not in known:
            raise UsageError(f"--goal {step!r} is no step of the graph; there are: {', '.join(known)}.")


def _seconds(text: str | None, option: str) -> float | None:
    from journeygraph.durations import bounded_seconds

    return None if text is None else bounded_seconds(text, option)


def _show_rules(rules: JourneyRules) -> None:
    rows = [
        ("goals", ", ".join(rules.goals)),
        ("a session ends after an idle time of more than", f"{rules.session_idle_seconds / 60:g} minutes"),
        (
            "a journey ends after a goal, or an idle time of more than",
            f"{rules.journey_window_seconds / 86_400:g} days",
        ),
    ]
    output.table("What makes journeys", ("rule", "value"), rows)


def _show(timeline: Timeline) -> None:
    for journey in timeline.journeys:
        worth = "" if journey.value is None else f", {journey.value:,.2f} {journey.currency or ''}".rstrip()
        output.table(
            f"{timeline.customer_id}: journey {journey.journey_id}, {journey.outcome.value}{worth}",
            ["occurred_at", "step", "channel", "source", "product", "campaign", "value"],
            [
                (
                    t.occurred_at.isoformat(),
                    t.step,
                    t.channel,
                    t.source,
                    t.product_name or t.product_id,
                    t.campaign,
                    t.value,
                )
                for t in journey.touchpoints
            ],
        )
