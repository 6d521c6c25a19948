"""`journeygraph patterns` and `journeygraph mine`: what journeys with an outcome have in common."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from journeygraph.errors import UsageError
from journeygraph_cli.output import AsOf, JsonFlag, emit, say, share, span, table
from journeygraph_cli.which_paths import Grain, Segment, Where, WhichPaths

if TYPE_CHECKING:
    from journeygraph.intent.mining.mined import Mined, Pattern
    from journeygraph.intent.mining.sequences import Sequences
    from journeygraph.intent.patterns.contrast import ContrastReport
    from journeygraph.intent.patterns.found import PatternReport, Question

MaxLength = typer.Option("--max-length", metavar="N", help="Longest pattern.")
MaxGap = Annotated[
    int | None, typer.Option("--max-gap", metavar="N", help="At most N others between neighbours (any number).")
]
MaxGapSeconds = Annotated[
    float | None, typer.Option("--max-gap-seconds", metavar="S", min=0, help="At most S seconds between neighbours.")
]
MaxSpanSeconds = Annotated[
    float | None, typer.Option("--max-span-seconds", metavar="S", min=0, help="At most S seconds from first to last.")
]
Closed = Annotated[bool, typer.Option("--closed", help="Leave out what a longer one with the same support contains.")]
Maximal = Annotated[bool, typer.Option("--maximal", help="Leave out what any longer one contains.")]
TimeLimit = Annotated[
    float | None,
    typer.Option("--time-limit", "--timeout", metavar="SECONDS", min=0, help="Tell what is found by then."),
]
MemoryLimit = Annotated[
    float | None,
    typer.Option("--memory-limit", "--max-memory", metavar="MB", min=1, help="Tell what is found by then."),
]
Required = ("--require", "--required")
Excluded = ("--exclude", "--excluded")


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("patterns")(patterns)
    app.command("mine")(mine)


def patterns(
    min_support: Annotated[str, typer.Option("--min-support", metavar="X", help="A number or a share.")] = "0.05",
    max_length: Annotated[int, MaxLength] = 5,
    max_gap: MaxGap = None,
    max_gap_seconds: MaxGapSeconds = None,
    max_span_seconds: MaxSpanSeconds = None,
    closed: Closed = False,
    maximal: Maximal = False,
    require: Annotated[list[str] | None, typer.Option(*Required, metavar="S", help="Only with this step.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(*Excluded, metavar="S", help="None with this step.")] = None,
    top: Annotated[int, typer.Option("--top", metavar="K", help="Show the K most telling.")] = 50,
    outcome: Annotated[str, typer.Option("--outcome", metavar="S", help="converted, lost, or a step.")] = "converted",
    show_all: Annotated[
        bool | None,
        typer.Option(
            "--all/--representatives",
            help="All patterns, or those only that stand for others and themselves (all with --json).",
        ),
    ] = None,
    permutations: Annotated[
        int, typer.Option("--permutations", metavar="N", min=0, help="Of the outcome, for family-wise p-values.")
    ] = 1_000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Of the permutations.")] = 1,
    weight: Annotated[
        str | None, typer.Option("--weight", metavar="W", help="value: journeys count what they are worth.")
    ] = None,
    together: Annotated[
        bool, typer.Option("--together", help="Steps that share an instant have no order: mine sets of them.")
    ] = False,
    time_limit: TimeLimit = None,
    memory_limit: MemoryLimit = None,
    grain: Grain = "customer",
    segment: Segment = None,
    against_segment: Annotated[
        str | None, typer.Option("--against-segment", metavar="NAME", help="Hold --segment against this one.")
    ] = None,
    before: Annotated[
        str | None, typer.Option("--before", metavar="T", help="Hold journeys since T against those before.")
    ] = None,
    where: Where = None,
    as_of: AsOf = None,
    as_json: JsonFlag = False,
) -> None:
    """Patterns of steps before an outcome, with the lift they go with and what each adds over its parts."""
    from journeygraph.intent.patterns.found import Question
    from journeygraph.intent.patterns.found import mine as find

    question = Question(
        minimum_support=support(min_support),
        max_length=max_length,
        max_gap=max_gap,
        max_gap_seconds=max_gap_seconds,
        max_span_seconds=max_span_seconds,
        closed=closed,
        maximal=maximal,
        required=tuple(require or ()),
        excluded=tuple(exclude or ()),
        top=top,
        outcome=outcome,
        representatives=not (as_json if show_all is None else show_all),
        permutations=permutations,
        seed=seed,
        seconds=time_limit,
        megabytes=memory_limit,
        weight=weight,
        together=together,
    )
    which = WhichPaths("journey", grain=grain, segment=segment, where=where, as_of=as_of)
    if against_segment is not None or before is not None:
        _contrast(which, question, against_segment, before, as_json)
        return
    answer = find(which.read(), question)
    if answer.stopped:
        say(answer.stopped)
    emit(answer, as_json, lambda: _show(answer))


def _contrast(
    which: WhichPaths, question: Question, against_segment: str | None, before: str | None, as_json: bool
) -> None:
    """Two groups of journeys, one held against the other."""
    from journeygraph.intent.patterns import contrast

    if before is not None:
        if against_segment is not None:
            raise UsageError("--before and --against-segment are two comparisons: ask for one of them.")
        pair = contrast.before_and_after(
            replace(which, until=before).read(), replace(which, since=before).read(), before
        )
    elif which.segment is None:
        raise UsageError("--against-segment needs a --segment that is held against it.")
    else:
        pair = contrast.Pair(
            which.read(),
            replace(which, segment=against_segment).read(),
            (f"in segment {which.segment}", f"in segment {against_segment}"),
        )
    answer = contrast.contrast(pair, question)
    if answer.stopped:
        say(answer.stopped)
    emit(answer, as_json, lambda: _show_contrast(answer))


def mine(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Sequences in the SPMF text format, plain or gzip.")],
    min_support: Annotated[str, typer.Option("--min-support", metavar="X", help="A number or a share.")],
    max_length: Annotated[int | None, MaxLength] = None,
    min_length: Annotated[int, typer.Option("--min-length", metavar="N", help="Shortest pattern.")] = 1,
    max_gap: MaxGap = None,
    closed: Closed = False,
    maximal: Maximal = False,
    top: Annotated[int | None, typer.Option("--top", metavar="K", help="Only the K best by support.")] = None,
    require: Annotated[list[int] | None, typer.Option(*Required, metavar="ITEM", help="Only with this item.")] = None,
    exclude: Annotated[list[int] | None, typer.Option(*Excluded, metavar="ITEM", help="None with this item.")] = None,
    together: Annotated[
        bool, typer.Option("--together", help="Items before the same -1 share an instant: mine sets of them.")
    ] = False,
    weights: Annotated[
        Path | None,
        typer.Option("--weights", metavar="FILE", help="A number a line: what each sequence counts, in place of one."),
    ] = None,
    engine: Annotated[
        str, typer.Option("--engine", help="auto, compiled, projection, prefixspan (the PyPI package), or spark.")
    ] = "auto",
    threads: Annotated[int | None, typer.Option("--threads", metavar="N", min=1, help="All processors.")] = None,
    time_limit: TimeLimit = None,
    memory_limit: MemoryLimit = None,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write patterns here.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Frequent patterns of a file of sequences; needs no graph."""
    from journeygraph.intent.mining import miner, spmf, spmf_sets
    from journeygraph.intent.mining import weights as weight_file

    least = support(min_support)
    budget = miner.Budget(time_limit, memory_limit, progress=_tell if sys.stderr.isatty() else _keep_quiet)
    sequences = (spmf_sets if together else spmf).read(file)
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
        weights=None if weights is None else weight_file.read(weights),
        engine=engine,
        threads=threads,
        budget=budget,
    )
    if found.stopped:
        say(found.stopped)
    if as_json and output is None:
        rows = [_mined_row(sequences, found, pattern) for pattern in found]
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


def _mined_row(sequences: Sequences, found: Mined, pattern: Pattern) -> dict[str, Any]:
    """A pattern as it is told in JSON."""
    from journeygraph.intent.mining.weights import told

    row = {"pattern": sequences.names(pattern.codes), "support": pattern.support}
    return row if pattern.weight is None else {**row, "weighted_support": told(pattern.weight, found.decimals)}


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
    from journeygraph.intent.patterns.words import arrow

    shown = sum(1 + row.stands_for for row in answer.patterns)
    table(
        f"Patterns before the outcome {answer.outcome!r}: {answer.reached} of {answer.decided} decided journeys reach "
        f"it, {answer.censored} are still open; {answer.tested} patterns tested, "
        f"{answer.representatives} stand for all",
        [
            *("pattern", "journeys", "share", *(["value", "of all"] if answer.weight else [])),
            *("lift", "q", "family-wise p", "adds", "to outcome", "trend", "stands for"),
        ],
        [
            (
                arrow(row.pattern),
                row.support,
                share(row.share),
                *([_decimal(row.weighted_support), share(row.weighted_share or 0)] if answer.weight else []),
                _decimal(row.lift),
                _probability(row.q_value),
                _probability(row.wy_p_value),
                _decimal(row.adds),
                span(row.median_seconds_to_outcome),
                row.trend or "",
                row.stands_for or "",
            )
            for row in answer.patterns
        ],
    )
    if shown < answer.tested and any(row.stands_for for row in answer.patterns):
        say(
            "A pattern stands for those that add nothing to it and those that owe their effect to it; --all shows them."
        )


def _show_contrast(answer: ContrastReport) -> None:
    from journeygraph.intent.patterns.words import arrow

    table(
        f"{answer.group.sequences} journeys {answer.group.name}, against {answer.against.sequences} "
        f"{answer.against.name}; {answer.tested} patterns tested, {answer.representatives} stand for all",
        ["pattern", "share", "against", "difference", "95 % interval", "q", "family-wise p", "stands for"],
        [
            (
                arrow(row.pattern),
                share(row.share),
                share(row.against_share),
                f"{row.difference:+.1%}",
                f"{row.interval[0]:+.1%} to {row.interval[1]:+.1%}",
                _probability(row.q_value),
                _probability(row.wy_p_value),
                row.stands_for or "",
            )
            for row in answer.patterns
        ],
    )


def _decimal(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _probability(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2g}" if value else "< 1e-300"
