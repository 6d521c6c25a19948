"""`journeygraph next`: the likeliest next touchpoints, when they come, and how well that is foretold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from journeygraph.errors import UsageError
from journeygraph_cli import context
from journeygraph_cli.output import AsOf, JsonFlag, emit, share, span, table

if TYPE_CHECKING:
    from journeygraph.intent.next_steps.answer import NextEvaluation, NextSteps


def register(app: typer.Typer) -> None:
    """Add the command of this room."""
    app.command("next")(next_steps)


def next_steps(
    customers: Annotated[list[str] | None, typer.Argument(metavar="CUSTOMER_ID...", help="Whose next steps.")] = None,
    k: Annotated[int, typer.Option("--k", min=1, max=1_000, help="How many steps.")] = 10,
    order: Annotated[int, typer.Option("--order", min=0, max=20, help="Look back so far at most.")] = 5,
    evaluate: Annotated[
        bool, typer.Option("--evaluate", help="Measure on journeys that began after what is learnt from.")
    ] = False,
    as_of: AsOf = None,
    as_json: JsonFlag = False,
) -> None:
    """The likeliest next touchpoints of customers, with probability and time."""
    from journeygraph import identity
    from journeygraph.intent.next_steps import model, predict
    from journeygraph.intent.next_steps.answer import ManyNextSteps
    from journeygraph.intent.next_steps.evaluate import evaluate as measure
    from journeygraph.journeys.configuration import read_rules
    from journeygraph.journeys.table import read_table
    from journeygraph.privacy import consent

    if evaluate == bool(customers):
        raise UsageError("`next` takes customer ids, or --evaluate without any.")
    with context.open_graph() as graph:
        instant = context.instant(as_of)
        journeys = read_table(graph, as_of=instant)
        leads = [identity.lead(graph, customer, instant) for customer in customers or ()]
        consent.require(graph, [who.customer_id for who in leads], ("analytics",), "next step is foretold")
        window = read_rules(graph).journey_window_seconds
    if evaluate:
        measured = measure(journeys, window_seconds=window, order=order)
        emit(measured, as_json, lambda: _show_evaluation(measured))
        return
    context.noted("read next steps", *(who.customer_id for who in leads))
    learnt = model.learn(journeys, order=order)
    found = [who.told(predict.for_customer(learnt, journeys, who.customer_id, k=k)) for who in leads]
    emit(ManyNextSteps(customers=found), as_json, lambda: _show(found))


def _show(answers: list[NextSteps]) -> None:
    for answer in answers:
        _show_one(answer)


def _show_one(answer: NextSteps) -> None:
    where = " > ".join(answer.contexts[-1].steps) or "anything"
    table(
        f"Next step of {answer.customer_id} after {where}, by {answer.contexts[-1].count} such places in "
        f"{answer.journeys} journeys; anything else: {share(answer.other)}",
        ["step", "probability", "seen", "median wait", "90 % within"],
        [
            (row.step, share(row.probability), row.counts[-1], span(row.median_seconds), span(row.p90_seconds))
            for row in answer.next
        ],
    )


def _show_evaluation(answer: NextEvaluation) -> None:
    table(
        f"Next step: learnt from {answer.train_journeys} journeys before {answer.split_at}, measured on {answer.cases} "
        f"next steps of {answer.test_journeys} journeys after it",
        ["model", "order", "first is right", "among 3", "among 10", "log loss", "calibration error"],
        [
            (
                one.name,
                one.order,
                *(share(hits) for hits in (one.top_1, one.top_3, one.top_10)),
                f"{one.log_loss:.3f}",
                f"{one.ece:.3f}",
            )
            for one in answer.models
        ],
    )
