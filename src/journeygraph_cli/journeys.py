"""Commands about one customer: their journey, and why their touchpoints are theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from journeygraph_cli import context, output

if TYPE_CHECKING:
    from journeygraph.identity import Explanation
    from journeygraph.journeys.timeline import Timeline

CustomerId = Annotated[
    str, typer.Argument(metavar="CUSTOMER_ID", help="Customer id, or an identifier of one customer.")
]


def register(app: typer.Typer) -> None:
    """Add the commands `journey` and `identity`."""
    app.command()(journey)
    identity = typer.Typer(help="Who is who, and why.", no_args_is_help=True)
    identity.command()(explain)
    app.add_typer(identity, name="identity")


def journey(customer_id: CustomerId, as_of: output.AsOf = None, as_json: output.JsonFlag = False) -> None:
    """Show a customer's journeys; an anonymous id, e-mail or telephone number of theirs will do as well."""
    from journeygraph.journeys.timeline import timeline

    instant = context.instant(as_of)
    with context.open_graph() as graph:
        answer = timeline(graph, customer_id, as_of=instant)
    output.emit(answer, as_json, lambda: _show(answer))


def explain(customer_id: CustomerId, as_json: output.JsonFlag = False) -> None:
    """Show which identifiers lead to a customer, with evidence and confidence."""
    from journeygraph import identity

    with context.open_graph() as graph:
        answer = identity.explain(graph, customer_id)
    output.emit(answer, as_json, lambda: _show_identifiers(answer))


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


def _show_identifiers(answer: Explanation) -> None:
    output.table(
        f"{answer.customer_id}: {'anonymous visitor' if answer.anonymous else 'known customer'}",
        ["kind", "value", "evidence", "confidence", "valid from", "touchpoints given", "shared with"],
        [
            (i.kind, i.value, i.evidence, i.confidence, i.valid_from, i.touchpoints_given, ", ".join(i.shared_with))
            for i in answer.identifiers
        ],
    )
