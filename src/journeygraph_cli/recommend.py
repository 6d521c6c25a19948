"""`journeygraph recommend`: what comes next for a customer; `recommend evaluate`: how well that is foretold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from journeygraph_cli import context
from journeygraph_cli.output import AsOf, JsonFlag, emit, table

if TYPE_CHECKING:
    from journeygraph.recommend.evaluate import RecommendEvaluation


class CustomerOrCommand(TyperGroup):
    """`recommend C-1` is `recommend for C-1`: the customer is no command's name."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Whatever isn't a command of this group starts the arguments of `for`."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["for", *args]
        return super().parse_args(ctx, args)


recommend = typer.Typer(
    cls=CustomerOrCommand,
    help="What comes next, and the path that explains it: recommend CUSTOMER_ID.",
    no_args_is_help=True,
)

Kind = Annotated[Literal["product", "touchpoint"], typer.Option("--kind", help="What is recommended.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(recommend, name="recommend")


@recommend.command("for")
def for_customer(
    customer_id: Annotated[str, typer.Argument(metavar="CUSTOMER_ID")],
    k: Annotated[int, typer.Option("--k", min=1, max=1_000, help="How many items.")] = 10,
    kind: Kind = "product",
    strategy: Annotated[
        str, typer.Option("--strategy", metavar="NAME", help="journeys, pagerank, markov, ...")
    ] = "journeys",
    include_bought: Annotated[bool, typer.Option("--include-bought", help="Products bought already as well.")] = False,
    as_of: AsOf = None,
    as_json: JsonFlag = False,
) -> None:
    """Products or touchpoints that a customer is likely to turn to next, each with the journeys that say so."""
    from journeygraph.recommend import customer

    with context.open_graph() as graph:
        answer = customer.recommend(
            graph,
            customer_id,
            k=k,
            kind=kind,
            strategy=strategy,
            include_bought=include_bought,
            as_of=context.instant(as_of),
        )
    context.noted("read recommendations", answer.customer_id or customer_id)
    rows = [(item.id, f"{item.score:.4g}", item.strategy, item.because.words) for item in answer.items]
    emit(
        answer,
        as_json,
        lambda: table(f"Next {kind} for {answer.customer_id}", ("id", "score", "strategy", "because"), rows),
    )


@recommend.command()
def evaluate(
    source: Annotated[
        Path | None, typer.Argument(metavar="FILE_OR_GRAPH", help="A session file, or the word graph.")
    ] = None,
    train: Annotated[Path | None, typer.Option("--train", help="The sessions to learn from.")] = None,
    test: Annotated[Path | None, typer.Option("--test", help="The sessions to measure on.")] = None,
    strategies: Annotated[
        list[str] | None, typer.Option("--strategies", metavar="NAME", help="Beside the baselines; may be repeated.")
    ] = None,
    k: Annotated[int, typer.Option("--k", min=1, max=1_000, help="The length of the lists.")] = 20,
    kind: Kind = "product",
    as_json: JsonFlag = False,
) -> None:
    """Measure strategies on the sessions that began last: every position after the first is to be foretold."""
    from journeygraph.recommend.evaluate import evaluate as measure

    learned, unseen, split = _sessions(source, train, test, kind)
    names = [name for given in strategies or [] for name in given.split(",") if name]
    answer = measure(learned, unseen, names=names or ["journeys"], k=k, split=split)
    emit(answer, as_json, lambda: _show(answer))


def _sessions(source: Path | None, train: Path | None, test: Path | None, kind: Any) -> tuple[Any, Any, str]:
    from journeygraph.errors import UsageError
    from journeygraph.recommend import files, projection
    from journeygraph.recommend.evaluate import temporal_split

    if train is not None and test is not None and source is None:
        return files.read(train), files.read(test), "as given in two files"
    if train is not None or test is not None:
        raise UsageError("Two files are given as --train FILE --test FILE, and then no other file.")
    if source is not None and (source.is_file() or str(source) != "graph"):
        return *temporal_split(files.read(source)), "by time: the last fifth of the sessions is the test"
    with context.open_graph() as graph:
        lists = projection.read(graph, kind).sequences.lists()
    return *temporal_split(lists), "by time: the fifth of the journeys that began last is the test"


def _show(answer: RecommendEvaluation) -> None:
    title = f"{answer.cases} cases of {answer.sessions} sessions ({answer.split}); chosen: {answer.chosen}"
    columns = ("strategy", f"hit rate@{answer.k}", "MRR", "NDCG", "precision", "recall", "coverage")
    rows = [
        (s.name, *(f"{x:.4f}" for x in (s.hit_rate, s.mrr, s.ndcg, s.precision, s.recall, s.coverage)))
        for s in answer.strategies
    ]
    table(title, columns, rows)
