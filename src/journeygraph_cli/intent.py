"""`journeygraph intent`: train, score and evaluate the probability that a customer converts soon."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from journeygraph_cli import context
from journeygraph_cli.output import AsOf, JsonFlag, emit, say, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from journeygraph.intent.comparison import IntentEvaluation
    from journeygraph.intent.model import ModelFigures

intent = typer.Typer(help="The probability that a customer converts soon, and why.", no_args_is_help=True)

Horizon = Annotated[
    str | None, typer.Option("--horizon", metavar="TIME", help="How far ahead: 7d, 36h. Default: a setting, 7 days.")
]
Seed = Annotated[int, typer.Option("--seed", help="Which instants are sampled; the same seed gives the same model.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(intent, name="intent")


@intent.command()
def train(horizon: Horizon = None, as_of: AsOf = None, seed: Seed = 0, as_json: JsonFlag = False) -> None:
    """Train a model on the graph's past, measure it on the last part, and make it the current one."""
    from journeygraph.intent import store, training

    settings = context.settings()
    with context.open_graph() as graph:
        model = training.train_graph(graph, horizon_seconds=_horizon(horizon), as_of=context.instant(as_of), seed=seed)
    path = store.save(model, settings.home)
    answer = {
        "model_version": model.version,
        "horizon_seconds": model.horizon_seconds,
        "goals": list(model.rules.goals),
        "parts": [part.model_dump() for part in model.parts],
        "models": [figures.model_dump() for figures in model.figures],
        "features": len(model.features),
        "file": str(path),
    }
    emit(answer, as_json, lambda: _show_figures(f"Model {model.version}", model.figures))


@intent.command()
def score(
    customer_ids: Annotated[list[str] | None, typer.Argument(metavar="[CUSTOMER_ID]...")] = None,
    as_of: AsOf = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="T", help="Score at this instant; nothing that happened later counts.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, max=10_000, help="How many, where no customer is named.")] = 100,
    model: Annotated[str | None, typer.Option("--model", metavar="VERSION", help="Default: the current one.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Score those customers, or the likeliest of all, with the touchpoints that moved each score."""
    from journeygraph.intent import store
    from journeygraph.intent.score import score as score_customers

    settings = context.settings()
    trained = store.load(settings.home, model)
    with context.open_graph() as graph:
        answer = score_customers(
            graph,
            trained,
            settings,
            customer_ids or (),
            as_of=context.instant(as_of),
            at=context.instant(at, "--at"),
            top=top,
        )
    title = f"P(conversion within {answer.horizon_seconds / 86_400:g} days) at {answer.instant}"
    rows = [
        (one.customer_id, f"{one.score:.3f}", one.band, one.engagement, one.reasons[0].words if one.reasons else "")
        for one in answer.scores
    ]
    emit(answer, as_json, lambda: table(title, ("customer", "score", "band", "engagement", "strongest reason"), rows))


@intent.command()
def evaluate(
    train_file: Annotated[
        Path | None, typer.Option("--train", help="A CSV table to learn from: a row a session, or a touchpoint.")
    ] = None,
    test_file: Annotated[Path | None, typer.Option("--test", help="The table to measure on.")] = None,
    label: Annotated[str | None, typer.Option("--label", help="The column that says whether it converted.")] = None,
    sequence: Annotated[
        str | None, typer.Option("--sequence", metavar="COLUMN", help="Whose touchpoints they are: session_id, ...")
    ] = None,
    step: Annotated[str | None, typer.Option("--step", metavar="COLUMN", help="What happened, in touchpoints.")] = None,
    time: Annotated[str | None, typer.Option("--time", metavar="COLUMN", help="When, in touchpoints.")] = None,
    horizon: Horizon = None,
    as_of: AsOf = None,
    seed: Seed = 0,
    as_json: JsonFlag = False,
) -> None:
    """Hold the model against simpler ones: on the graph's temporal split, or on two files with a label.

    A file has a row a session, with any columns; or a row a touchpoint (session_id, step, occurred_at).
    """
    from journeygraph.errors import UsageError
    from journeygraph.intent import tabular, training

    files = (train_file, test_file, label, sequence, step, time)
    answer: IntentEvaluation
    if train_file is not None and test_file is not None and label is not None:
        answer = tabular.evaluate(train_file, test_file, label, seed=seed, sequence=sequence, step=step, time=time)
    elif any(value is not None for value in files):
        raise UsageError("Files are evaluated with all three of --train FILE, --test FILE and --label COLUMN.")
    else:
        with context.open_graph() as graph:
            answer = training.evaluate_graph(
                graph, horizon_seconds=_horizon(horizon), as_of=context.instant(as_of), seed=seed
            )
    emit(answer, as_json, lambda: _show_figures(f"Chosen: {answer.chosen}", answer.models))


@intent.command()
def models(as_json: JsonFlag = False) -> None:
    """The trained versions, with their figures; the current one is used where none is named."""
    from journeygraph.intent import store

    home = context.settings().home
    current = store.current(home)
    kept = [store.load(home, version) for version in store.versions(home)]
    rows = [
        {
            "model_version": model.version,
            "current": model.version == current,
            "data_until": model.data_until,
            "horizon_seconds": model.horizon_seconds,
            "chosen": model.chosen,
            "models": [figures.model_dump() for figures in model.figures],
        }
        for model in sorted(kept, key=lambda model: (model.data_until, model.version))
    ]
    emit({"versions": rows, "current": current}, as_json, lambda: _show_versions(rows))


@intent.command()
def use(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="One that `intent models` lists.")],
    as_json: JsonFlag = False,
) -> None:
    """Go back to a version that was trained before (or forward again): scores come from it."""
    from journeygraph.intent import store

    model = store.use(context.settings().home, version)
    emit({"model_version": model.version}, as_json, lambda: say(f"Scores now come from the model {model.version}."))


def _show_versions(rows: list[dict[str, Any]]) -> None:
    def auc(row: dict[str, Any]) -> str:
        return next((f"{one['auc']:.4f}" for one in row["models"] if one["name"] == row["chosen"]), "")

    table(
        "Intent models",
        ("version", "current", "data until", "horizon in days", "AUC"),
        [
            (
                row["model_version"],
                "yes" if row["current"] else "",
                row["data_until"],
                f"{row['horizon_seconds'] / 86_400:g}",
                auc(row),
            )
            for row in rows
        ],
    )


def _horizon(text: str | None) -> float:
    from journeygraph.durations import DAY_SECONDS, bounded_seconds

    if text is None:
        return context.settings().intent_horizon_days * DAY_SECONDS
    return bounded_seconds(text, "--horizon")


def _show_figures(title: str, models: Iterable[ModelFigures]) -> None:
    columns = ("model", "AUC", "average precision", "Brier", "F1", "ECE")
    rows = [
        (m.name, *(f"{x:.4f}" for x in (m.auc, m.average_precision, m.brier, m.f1, m.ece)))  # one line a model
        for m in models
    ]
    table(title, columns, rows)
    say("AUC 0.5 is chance; ECE and Brier are better when lower.")
