"""`journeygraph intent`: train, score and evaluate the probability that a customer converts soon."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from journeygraph_cli import context
from journeygraph_cli.output import AsOf, JsonFlag, emit, say, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from journeygraph.intent.models.comparison import IntentEvaluation
    from journeygraph.intent.models.model import Audit
    from journeygraph.intent.models.retraining import Verdict
    from journeygraph.intent.models.training import Training
    from journeygraph.intent.quality.fairness import GroupFigures, SliceFigures
    from journeygraph.intent.quality.figures import ModelFigures

intent = typer.Typer(help="The probability that a customer converts soon, and why.", no_args_is_help=True)

Horizon = Annotated[
    str | None, typer.Option("--horizon", metavar="TIME", help="How far ahead: 7d, 36h. Default: a setting, 7 days.")
]
Seed = Annotated[int, typer.Option("--seed", help="Which instants are sampled; the same seed gives the same model.")]
Goal = Annotated[
    str,
    typer.Option(
        "--goal",
        metavar="GOAL",
        help="What is foretold: conversion (the graph's goals), churn (no touchpoint in the time), or a step.",
    ),
]
Candidates = Annotated[
    list[str] | None,
    typer.Option(
        "--candidate",
        metavar="NAME",
        help="Choose among these only: logistic, random_forest, gradient_boosting, xgboost (where installed).",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(intent, name="intent")


@intent.command()
def train(
    goal: Goal = "conversion",
    horizon: Horizon = None,
    candidates: Candidates = None,
    as_of: AsOf = None,
    seed: Seed = 0,
    if_drifted: Annotated[
        bool, typer.Option("--if-drifted", help="Only where the current model no longer holds; says why or why not.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Train models on the graph's past, choose one, measure it on the last part, and make it the current one."""
    from journeygraph.intent.models import retraining, store, training

    settings = context.settings()
    asked, at = _training(goal, horizon, candidates, seed), context.instant(as_of)
    with context.open_graph() as graph:
        if if_drifted:
            verdict, model = retraining.renew(graph, settings, goal, asked, at)
        else:
            verdict, model = None, training.train_graph(graph, asked, as_of=at)
    if model is None:
        _not_trained(verdict, as_json)
        return
    path = store.save(model, settings.home)
    answer = {
        "trained": True,
        "verdict": verdict.model_dump() if verdict else None,
        "model_version": model.version,
        "horizon_seconds": model.horizon_seconds,
        "goal": model.goal,
        "goals": list(model.rules.goals),
        "parts": [part.model_dump() for part in model.parts],
        "models": [figures.model_dump() for figures in model.figures],
        "chosen": model.chosen,
        "rule": training.RULE,
        "validation": [candidate.model_dump() for candidate in model.validation],
        "features": len(model.features),
        "audit": model.audit.model_dump(),
        "leak_check": model.leak_check.model_dump() if model.leak_check else None,
        "file": str(path),
    }

    def show() -> None:
        if verdict:
            say(f"Trained again: {'; '.join(verdict.why)}.")
        _show_figures(f"Model {model.version}: {model.chosen}", model.figures)
        _show_audit(model.audit)

    emit(answer, as_json, show)


@intent.command()
def score(
    customer_ids: Annotated[list[str] | None, typer.Argument(metavar="[CUSTOMER_ID]...")] = None,
    as_of: AsOf = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="T", help="Score at this instant; nothing that happened later counts.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, max=10_000, help="How many, where no customer is named.")] = 100,
    goal: Goal = "conversion",
    model: Annotated[
        str | None, typer.Option("--model", metavar="VERSION", help="Default: the current one of the goal.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Score those customers, or the likeliest of all, with the touchpoints that moved each score."""
    from journeygraph.intent.models import store
    from journeygraph.intent.scores.score import score as score_customers

    settings = context.settings()
    trained = store.load(settings.home, model, goal)
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
    context.noted("read score", *(one.customer_id for one in answer.scores if customer_ids))
    if not customer_ids:
        context.noted_list("list scores")
    title = f"P({answer.goal} within {answer.horizon_seconds / 86_400:g} days) at {answer.instant}"
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
    goal: Goal = "conversion",
    horizon: Horizon = None,
    candidates: Candidates = None,
    as_of: AsOf = None,
    seed: Seed = 0,
    as_json: JsonFlag = False,
) -> None:
    """Hold the model against simpler ones: on the graph's temporal split, or on two files with a label.

    A file has a row a session, with any columns; or a row a touchpoint (session_id, step, occurred_at).
    """
    from journeygraph.errors import UsageError
    from journeygraph.intent.models import training
    from journeygraph.intent.tables import tabular

    files = (train_file, test_file, label, sequence, step, time)
    answer: IntentEvaluation
    if train_file is not None and test_file is not None and label is not None:
        answer = tabular.evaluate(train_file, test_file, label, seed=seed, sequence=sequence, step=step, time=time)
    elif any(value is not None for value in files):
        raise UsageError("Files are evaluated with all three of --train FILE, --test FILE and --label COLUMN.")
    else:
        with context.open_graph() as graph:
            asked = _training(goal, horizon, candidates, seed)
            answer = training.evaluate_graph(graph, asked, as_of=context.instant(as_of))

    def show() -> None:
        _show_figures(f"Chosen: {answer.chosen}", answer.models)
        _show_audit(answer.audit)

    emit(answer, as_json, show)


@intent.command()
def models(as_json: JsonFlag = False) -> None:
    """The trained versions, with their figures; the current one is used where none is named."""
    from journeygraph.intent.models import store

    home = context.settings().home
    kept = [store.load(home, version) for version in store.versions(home)]
    rows = [
        {
            "model_version": model.version,
            "goal": model.goal,
            "current": model.version == store.current(home, model.goal),
            "data_until": model.data_until,
            "horizon_seconds": model.horizon_seconds,
            "chosen": model.chosen,
            "models": [figures.model_dump() for figures in model.figures],
        }
        for model in sorted(kept, key=lambda model: (model.goal, model.data_until, model.version))
    ]
    emit({"versions": rows, "current": store.current(home)}, as_json, lambda: _show_versions(rows))


@intent.command()
def card(
    version: Annotated[str | None, typer.Argument(metavar="[VERSION]", help="Default: the current one.")] = None,
    goal: Goal = "conversion",
    as_json: JsonFlag = False,
) -> None:
    """What to know of a model before its scores are used: data, figures, for whom they hold, limits."""
    from journeygraph.intent.models import store
    from journeygraph.intent.models.card import card as card_of

    model = store.load(context.settings().home, version, goal)
    answer = card_of(model)

    def show() -> None:
        horizon = f"{answer.horizon_seconds / 86_400:g} days"
        say(f"{answer.goal} within {horizon}; {answer.chosen}, calibrated ({answer.calibration}); data until")
        say(f"{answer.data_until}; features: {', '.join(f'{name} {n}' for name, n in answer.features.items())}.")
        rows = [(one.name, str(one.cuts), str(one.conversions), one.since, one.until) for one in answer.parts]
        table("Data", ("part", "instants", "with the goal", "since", "until"), rows)
        _show_figures(f"Model {answer.model_version}", model.figures)
        _show_audit(model.audit)
        for limit in answer.limits:
            say(limit)

    emit(answer, as_json, show)


@intent.command()
def engagement(
    customer_id: Annotated[str, typer.Argument(metavar="CUSTOMER_ID")],
    as_of: AsOf = None,
    at: Annotated[str | None, typer.Option("--at", metavar="T", help="The instant; the end of the data.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """How engaged a customer is, what moved it against 30 days before, and each session of the time."""
    from journeygraph.intent.scores.moved import change

    with context.open_graph() as graph:
        answer = change(graph, customer_id, as_of=context.instant(as_of), at=context.instant(at, "--at"))

    def show() -> None:
        say(f"{answer.band} ({answer.rank:.2f}), was {answer.former_band} ({answer.former_rank:.2f}). {answer.words}")
        rows = [
            (
                one.measure,
                *("" if value is None else f"{value:.4g}" for value in (one.value, one.former_value)),
                f"{one.rank:.2f}",
                f"{one.former_rank:.2f}",
                f"{one.change:+.2f}",
            )
            for one in answer.components
        ]
        table("What moved it", ("part", "value", "before", "rank", "before", "change"), rows)
        sessions = [
            (one.began_at, f"{one.seconds:.0f}", str(one.touchpoints), f"{one.rank:.2f}") for one in answer.sessions
        ]
        table("Sessions", ("began", "seconds", "touchpoints", "rank"), sessions)

    emit(answer, as_json, show)


@intent.command()
def use(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="One that `intent models` lists.")],
    as_json: JsonFlag = False,
) -> None:
    """Go back to a version that was trained before (or forward again): scores come from it."""
    from journeygraph.intent.models import store

    model = store.use(context.settings().home, version)
    emit({"model_version": model.version}, as_json, lambda: say(f"Scores now come from the model {model.version}."))


def _show_versions(rows: list[dict[str, Any]]) -> None:
    def auc(row: dict[str, Any]) -> str:
        return next((f"{one['auc']:.4f}" for one in row["models"] if one["name"] == row["chosen"]), "")

    table(
        "Intent models",
        ("version", "goal", "current", "data until", "horizon in days", "AUC"),
        [
            (
                row["model_version"],
                row["goal"],
                "yes" if row["current"] else "",
                row["data_until"],
                f"{row['horizon_seconds'] / 86_400:g}",
                auc(row),
            )
            for row in rows
        ],
    )


def _training(goal: str, horizon: str | None, candidates: list[str] | None, seed: int) -> Training:
    from journeygraph.intent.models.training import Training

    high_above = context.settings().intent_bounds(goal)[1]
    return Training(_horizon(horizon), goal, candidates or (), seed, high_above)


def _horizon(text: str | None) -> float:
    from journeygraph.durations import DAY_SECONDS, bounded_seconds

    if text is None:
        return context.settings().intent_horizon_days * DAY_SECONDS
    return bounded_seconds(text, "--horizon")


def _not_trained(verdict: Verdict | None, as_json: bool) -> None:
    why = "; ".join(verdict.why) if verdict else ""
    answer = {
        "trained": False,
        "model_version": verdict.model_version if verdict else None,
        "verdict": verdict.model_dump() if verdict else None,
    }
    emit(answer, as_json, lambda: say(f"Not trained: {why}."))


def _show_audit(audit: Audit) -> None:
    def interval(figure: tuple[float, float, float] | None) -> str:
        return "" if figure is None else f"{figure[0]:.3f} ({figure[1]:.3f} to {figure[2]:.3f})"

    columns = ("cases", "share", "mean score", "AUC", "ECE", "differs in")
    if audit.groups:
        table(
            "By group",
            ("group", "", *columns),
            [
                (
                    g.kind,
                    g.value,
                    str(g.cases),
                    *map(interval, (g.base_rate, g.mean_score, g.auc, g.ece)),
                    ", ".join(g.flags),
                )
                for g in audit.groups
            ],
        )
    if audit.slices:
        table(
            "By time",
            ("since", *columns),
            [(one.since, str(one.cases), *map(interval, _measured(one)), ", ".join(one.flags)) for one in audit.slices],
        )


def _measured(one: GroupFigures | SliceFigures) -> tuple[tuple[float, float, float] | None, ...]:
    return one.base_rate, one.mean_score, one.auc, one.ece


def _auc(one: ModelFigures) -> str:
    interval = one.auc_interval
    return f"{one.auc:.4f}" + (f" ({interval[0]:.3f} to {interval[1]:.3f})" if interval else "")


def _show_figures(title: str, models: Iterable[ModelFigures]) -> None:
    columns = ("model", "AUC", "average precision", "Brier", "F1", "ECE")
    rows = [
        (m.name, _auc(m), *(f"{x:.4f}" for x in (m.average_precision, m.brier, m.f1, m.ece)))  # one line a model
        for m in models
    ]
    table(title, columns, rows)
    say("AUC 0.5 is chance; ECE and Brier are better when lower.")
