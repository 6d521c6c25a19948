"""`journeygraph patterns` and `journeygraph mine`: what journeys with an outcome have in common."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from journeygraph.errors import UsageError
from journeygraph_cli.output import AsOf, JsonFlag, emit, say, share, table
from journeygraph_cli.which_paths import Grain, Segment, Where, WhichPaths

if TYPE_CHECKING:
    from journeygraph.intent.patterns import PatternReport

MaxLength = typer.Option("--max-length", metavar="N", help="Longest pattern.")
MaxGap = Annotated[
    int | None, typer.Option("--max-gap", metavar="N", help="At most N others between neighbours (any number).")
]
Closed = Annotated[bool, typer.Option("--closed", help="Leave out what a longer one with the same support contains.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("patterns")(patterns)
    app.command("mine")(mine)


def patterns(
    min_support: Annotated[str, typer.Option("--min-support", metavar="X", help="A number or a share.")] = "0.05",
    max_length: Annotated[int, MaxLength] = 5,
    max_gap: MaxGap = None,
    closed: Closed = False,
    top: Annotated[int, typer.Option("--top", metavar="K", help="Show the K most telling.")] = 50,
    outcome: Annotated[str, typer.Option("--outcome", metavar="S", help="converted, lost, or a step.")] = "converted",
    grain: Grain = "customer",
    segment: Segment = None,
    where: Where = None,
    as_of: AsOf = None,
    as_json: JsonFlag = False,
) -> None:
    """Patterns of steps before an outcome, with the lift they go with."""
    from journeygraph.intent.patterns import mine as find

    least = support(min_support)
    answer = find(
        WhichPaths("journey", grain=grain, segment=segment, where=where, as_of=as_of).read(),
        minimum_support=least,
        max_length=max_length,
        max_gap=max_gap,
        closed=closed,
        top=top,
        outcome=outcome,
    )
    emit(answer, as_json, lambda: _show(answer))


def mine(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Sequences in the SPMF text format, plain or gzip.")],
    min_support: Annotated[str, typer.Option("--min-support", metavar="X", help="A number or a share.")],
    max_length: Annotated[int | None, MaxLength] = None,
    min_length: Annotated[int, typer.Option("--min-length", metavar="N", help="Shortest pattern.")] = 1,
    max_gap: MaxGap = None,
    closed: Closed = False,
    maximal: Annotated[bool, typer.Option("--maximal", help="Leave out what any longer one contains.")] = False,
    top: Annotated[int | None, typer.Option("--top", metavar="K", help="Only the K best by support.")] = None,
    require: Annotated[list[int] | None, typer.Option("--require", metavar="ITEM", help="Only with this item.")] = None,
    exclude: Annotated[list[int] | None, typer.Option("--exclude", metavar="ITEM", help="None with this item.")] = None,
    engine: Annotated[
        str, typer.Option("--engine", help="auto, compiled, projection, or prefixspan (the PyPI package).")
    ] = "auto",
    threads: Annotated[int | None, typer.Option("--threads", metavar="N", min=1, help="All processors.")] = None,
    time_limit: Annotated[
        float | None, typer.Option("--time-limit", metavar="SECONDS", min=0, help="Write what is found by then.")
    ] = None,
    memory_limit: Annotated[
        float | None, typer.Option("--memory-limit", metavar="MB", min=1, help="Write what is found up to then.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write patterns here.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Frequent patterns of a file of sequences; needs no graph."""
    from journeygraph.intent import miner, spmf

    least = support(min_support)
    sequences = spmf.read(file)
    found = miner.mine(
        sequences,
        minimum_support=least,
        max_length=max_length,
        minimum_length=min_length,
        max_gap=max_gap,
        closed=closed,
        maximal=maximal,
        top_k=top,
        required=require or (),
        excluded=exclude or (),
        engine=engine,
        threads=threads,
        budget=miner.Budget(time_limit, memory_limit, progress=_tell if sys.stderr.isatty() else _keep_quiet),
    )
    if found.stopped:
        say(found.stopped)
    if as_json and output is None:
        rows = [{"pattern": sequences.names(pattern.codes), "support": pattern.support} for pattern in found]
        document = {"sequences": len(sequences), "count": len(rows), "complete": not found.stopped, "patterns": rows}
        emit(document, True, lambda: None)
        return
    with _writer(output) as target:
        target.writelines(spmf.lines(found, sequences))
    count = {"sequences": len(sequences), "count": len(found), "complete": not found.stopped}
    if as_json:
        emit({**count, "patterns": len(found), "output": str(output)}, True, lambda: None)
    else:
        say(f"{len(found)} patterns in {len(sequences)} sequences.")


def _tell(done: int, total: int) -> None:
    """Progress on a terminal, on one line, which is gone at the end."""
    sys.stderr.write(f"\rmined {done} of {total} first items" if done < total else "\r\x1b[K")
    sys.stderr.flush()


def _keep_quiet(_done: int, _total: int) -> None:
    """No progress where nobody looks."""


def support(text: str) -> int | float:
    """A minimum support: a whole number counts sequences, a decimal number or a percentage is a share.

    >>> support("42"), support("0.05"), support("5%")
    (42, 0.05, 0.05)
    """
    try:
        if text.strip().endswith("%"):
            return float(text.strip()[:-1]) / 100
        return int(text) if text.strip().isdigit() else float(text)
    except ValueError:
        raise UsageError(f"--min-support {text!r} is neither a whole number nor a share such as 0.05 or 5%.") from None


@contextmanager
def _writer(path: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears under its name only when it is complete."""
    if path is None:
        yield sys.stdout
        return
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="ascii") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise UsageError(f"--output {str(path)!r} cannot be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _show(answer: PatternReport) -> None:
    table(
        f"Patterns before the outcome {answer.outcome!r}: {answer.reached} of {answer.decided} decided journeys reach "
        f"it, {answer.censored} are still open; {answer.tested} patterns tested",
        ["pattern", "journeys", "share", "lift", "q"],
        [
            (
                " > ".join(row.pattern),
                row.support,
                share(row.share),
                "" if row.lift is None else f"{row.lift:.2f}",
                f"{row.q_value:.2g}" if row.q_value else "< 1e-300",
            )
            for row in answer.patterns
        ],
    )
