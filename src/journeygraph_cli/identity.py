"""Commands about who is who: which records or customers are one person, why, and back again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from journeygraph.errors import InputError, UsageError
from journeygraph_cli import context, output

if TYPE_CHECKING:
    from journeygraph.identity import Explanation
    from journeygraph.identity.blocked import Blocked
    from journeygraph.identity.linkage.answers import Reason, TableResolution
    from journeygraph.identity.linkage.table import Resolved
    from journeygraph.identity.people import GraphResolution


def register(app: typer.Typer) -> None:
    """Add the commands of `identity`."""
    identity = typer.Typer(help="Who is who, why, and back again.", no_args_is_help=True)
    for command in (resolve, merge, unmerge, explain, households, leave_household):
        identity.command()(command)
    app.add_typer(identity, name="identity")


def resolve(
    table: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A table of people: CSV, JSON Lines or Parquet; without it, the graph."),
    ] = None,
    truth: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Who is who in the table, to measure by; never decides.")
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(metavar="P", help="Join what is at least this probable: .5 in a table, .9 in the graph."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=KIND", help="What a column is, where its name doesn't say it; repeatable."),
    ] = None,
    largest: Annotated[int, typer.Option(metavar="N", help="No person has more records than this.")] = 100,
    blocked: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Values that never merge: one a line, as `email: desk@*`.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write every record and its cluster as CSV.")
    ] = None,
    known: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The --output of an earlier run: its people stay, other rows are compared."),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Use what this file says was learnt; write it where there is no such file."),
    ] = None,
    new: Annotated[
        bool, typer.Option("--new", help="In the graph, compare only customers with touchpoints since the last run.")
    ] = False,
    engine: Annotated[
        Literal["own", "splink"], typer.Option("--engine", help="splink: an extra for tables of many millions.")
    ] = "own",
    households: Annotated[
        bool, typer.Option("--households", help="Find who lives together as well; nobody is merged for it.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be merged in the graph.")] = False,
    as_json: output.JsonFlag = False,
) -> None:
    """Find the records of a table, or the customers of the graph, that are one person, with evidence and confidence."""
    from journeygraph.identity import blocked as blocklist
    from journeygraph.identity.linkage import table as linkage

    told, never = _told(column or []), blocklist.read(blocked)
    if table is None:
        if any(one is not None for one in (truth, out, known, model)) or engine != "own":
            raise UsageError(
                "--truth, --output, --known, --model and --engine are for a table: name it with --table FILE."
            )
        _resolve_graph(threshold, told, never, largest, households, new, dry_run, as_json)
        return
    learnt, before = _learnt(model), None if known is None else _known(known)
    found = linkage.resolve_table(
        _chunks(table),
        truth=truth,
        told=told,
        threshold=linkage.THRESHOLD if threshold is None else threshold,
        largest=largest,
        blocked=never,
        households=households,
        known=None if before is None else {name: row["cluster"] for name, row in before.items()},
        known_contents=None if before is None else _contents(before),
        learnt=learnt,
        engine=engine,
    )
    _say_columns(found.answer)
    if model is not None and learnt is None:
        _write_model(found, model)
    if out is not None:
        _write(found, out, before or {})
    output.emit(found.answer, as_json, lambda: _show_resolution(found.answer))


def _resolve_graph(
    threshold: float | None,
    told: dict[str, str],
    never: Blocked,
    largest: int,
    households: bool,
    new: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    from journeygraph.identity import people
    from journeygraph.journeys.settle import settle

    with context.open_graph() as graph:
        answer = people.resolve(
            graph,
            threshold=people.THRESHOLD if threshold is None else threshold,
            told=told,
            blocked=never,
            largest=largest,
            households=households,
            only_new=new,
            dry_run=dry_run,
        )
        settle(graph, _waiting)
    output.emit(answer, as_json, lambda: _show_graph_resolution(answer))


def _waiting() -> None:
    output.say("Another process is rebuilding journeys: waiting for it to end ...")


CustomerId = Annotated[str, typer.Argument(metavar="CUSTOMER_ID", help="Customer id.")]


def merge(
    keep: Annotated[str, typer.Argument(metavar="A", help="The customer who stays.")],
    absorb: Annotated[str, typer.Argument(metavar="B", help="The customer who becomes part of A.")],
    because: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept as the merge's evidence.")] = "said so",
    as_json: output.JsonFlag = False,
) -> None:
    """Make one customer of two; `unmerge` takes it back."""
    from journeygraph import identity
    from journeygraph.journeys.settle import settle

    with context.open_graph() as graph:
        answer = identity.merge(graph, keep, absorb, evidence=because)
        settle(graph, _waiting)
    context.noted("merge", keep, absorb)
    sentence = (
        f"{answer.merged} is part of {answer.kept} now, with {answer.touchpoints_moved} touchpoints. "
        f"`journeygraph identity unmerge {answer.merge_id}` takes it back."
    )
    output.emit(answer, as_json, lambda: output.say(sentence))


def unmerge(
    merge_id: Annotated[str, typer.Argument(metavar="MERGE_ID", help="As `identity explain` names it.")],
    forget: Annotated[
        bool, typer.Option("--forget", help="Leave no record, so that `identity resolve` may merge them again.")
    ] = False,
    as_json: output.JsonFlag = False,
) -> None:
    """Take a merge back: the customers have the journeys that they would have without it."""
    from journeygraph import identity
    from journeygraph.journeys.settle import settle

    with context.open_graph() as graph:
        answer = identity.unmerge(graph, merge_id, forget=forget)
        settle(graph, _waiting)
    context.noted("unmerge", answer.lost_by, answer.restored)
    sentence = f"{answer.restored} is a customer of their own again; {answer.touchpoints_moved} touchpoints went back."
    output.emit(answer, as_json, lambda: output.say(sentence))


def explain(customer_id: CustomerId, as_json: output.JsonFlag = False) -> None:
    """Show which identifiers and merges lead to a customer, with evidence and confidence."""
    from journeygraph import identity

    with context.open_graph() as graph:
        answer = identity.explain(graph, customer_id)
    context.noted("read identity", answer.customer_id)
    output.emit(answer, as_json, lambda: _show_identifiers(answer))


def households(
    household_id: Annotated[
        str | None, typer.Argument(metavar="[HOUSEHOLD_ID]", help="One of them; without it, all.")
    ] = None,
    as_json: output.JsonFlag = False,
) -> None:
    """Show the households that `identity resolve --households` found: who lives there, why, and how sure that is."""
    from journeygraph.identity import households as living

    with context.open_graph() as graph:
        answer = living.listed(graph, household_id)
    context.noted("read household", *(one.customer_id for home in answer.households for one in home.residents))
    rows = [
        (home.household_id, one.customer_id, f"{one.confidence:.4f}", one.evidence, one.run, one.undone_at)
        for home in answer.households
        for one in home.residents
    ]
    columns = ("household", "customer", "confidence", "evidence", "run", "undone at")
    output.emit(answer, as_json, lambda: output.table(f"{len(answer.households)} households", columns, rows))


def leave_household(
    household_id: Annotated[str, typer.Argument(metavar="HOUSEHOLD_ID", help="As `identity households` names it.")],
    forget: Annotated[
        bool, typer.Option("--forget", help="Leave no record, so that a run may put them together again.")
    ] = False,
    as_json: output.JsonFlag = False,
) -> None:
    """Take back that customers live together: the graph is what it would be without the household."""
    from journeygraph.identity import households as living

    with context.open_graph() as graph:
        answer = living.leave(graph, household_id, forget=forget)
    sentence = f"{answer.people} people are no household {answer.household_id} any more."
    output.emit(answer, as_json, lambda: output.say(sentence))


def _say_columns(answer: TableResolution) -> None:
    """What was compared as what, and what wasn't: a column that is not recognised looks like one without people."""
    used = ", ".join(f"{name} as {kind}" for name, kind in answer.columns.items())
    ignored = f"; ignored: {', '.join(answer.ignored)}" if answer.ignored else ""
    output.say(f"Columns: {used or 'none'}{ignored}.")
    for warning in answer.warnings:
        output.say(f"Warning: {warning}")


def _chunks(path: Path) -> Iterator[dict[str, Sequence[Any]]]:
    """The columns of a file, some thousand rows at a time; rows that cannot be read are told."""
    from journeygraph_loaders.files import PACKING_ERRORS, damaged, open_file
    from journeygraph_loaders.mapping import Section
    from journeygraph_loaders.reading import raw_chunks

    if not path.is_file():
        raise InputError(f"--table {path} is no file.")
    opened = open_file(path)
    try:
        for chunks in raw_chunks(opened, Section()):
            for chunk in chunks:
                for bad in chunk.bad:
                    output.say(f"{bad.file}, line {bad.line} is left out: {bad.reason}")
                yield dict(zip(chunk.columns, chunk.values, strict=True))
    except PACKING_ERRORS as error:
        raise damaged(path, error) from error
    finally:
        opened.close()


def _told(columns: Sequence[str]) -> dict[str, str]:
    told = {}
    for text in columns:
        name, equals, kind = text.rpartition("=")
        if not equals or not name:
            raise UsageError(f"--column {text!r} is not NAME=KIND, as in 'Vorname=first_name'.")
        told[name] = kind
    return told


def _known(path: Path) -> dict[str, dict[str, str]]:
    """Rows by record, of the --output of an earlier run."""
    import csv

    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if not {"record", "cluster"} <= set(rows.fieldnames or ()):
                raise InputError(
                    f"--known {path} has no columns record and cluster: it is no --output of this command."
                )
            return {row["record"]: row for row in rows}
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--known {path} cannot be read: {error}.") from error


def _contents(before: dict[str, dict[str, str]]) -> dict[str, str] | None:
    """What records contained, where the earlier run wrote it."""
    said = {name: row.get("content") or "" for name, row in before.items()}
    return said if all(said.values()) else None


def _learnt(path: Path | None) -> dict[str, Any] | None:
    """What an earlier run learnt, where the file exists."""
    import json

    if path is None or not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"--model {path} cannot be read: {error}.") from error
    if not isinstance(found, dict) or not {"aspects", "m", "u", "match_share", "household_share"} <= found.keys():
        raise InputError(f"--model {path} is not what this command wrote.")
    return found


def _write_model(found: Resolved, path: Path) -> None:
    import json

    try:
        path.write_text(json.dumps(found.learnt, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--model {path} cannot be written: {error.strerror}.") from error


def _write(found: Resolved, path: Path, before: dict[str, dict[str, str]]) -> None:
    from defusedcsv import csv

    from journeygraph.privacy.written import note_file

    columns = {"record": found.names, "cluster": found.clusters, "confidence": _confidences(found, before)}
    homes = _homes(found, before)
    more = {"household": homes, "content": found.contents}
    columns |= {name: values for name, values in more.items() if values is not None}
    note_file(context.settings().home, path)
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
    except OSError as error:
        raise UsageError(f"--output {path} cannot be written: {error.strerror}.") from error


def _confidences(found: Resolved, before: dict[str, dict[str, str]]) -> list[float | None]:
    """Each cluster's lowest confidence, of this run and of the one before."""
    lowest: dict[str, float] = {}
    for name, cluster, new in zip(found.names, found.clusters, found.confidences, strict=True):
        said = before.get(name, {}).get("confidence")
        for one in (new, float(said) if said else None):
            if one is not None:
                lowest[cluster] = min(lowest.get(cluster, 1.0), one)
    return [lowest.get(cluster) for cluster in found.clusters]


def _homes(found: Resolved, before: dict[str, dict[str, str]]) -> list[str | None] | None:
    """The households found, or those of the run before where none were looked for: a person's records share theirs."""
    if found.households is not None or not any("household" in row for row in before.values()):
        return found.households
    home: dict[str, str] = {}
    for name, cluster in zip(found.names, found.clusters, strict=True):
        if said := before.get(name, {}).get("household"):
            home.setdefault(cluster, said)
    return [home.get(cluster) for cluster in found.clusters]


def _show_resolution(answer: TableResolution) -> None:
    rows: list[tuple[str, object]] = [
        ("records", answer.records),
        ("people", answer.clusters),
        ("largest cluster", answer.largest_cluster),
        ("pairs compared", answer.candidate_pairs),
        ("records a second", answer.records_per_second),
        ("bridges not crossed", answer.bridged),
        ("blocks too large to compare whole", len(answer.oversize_blocks)),
        ("values left out as blocked", answer.blocked_values),
    ]
    if answer.f1 is not None:
        rows += [("precision", answer.precision), ("recall", answer.recall), ("F1", answer.f1)]
    output.table("Who is who", ("", ""), rows)
    output.table(
        f"The first {len(answer.merges)} of {answer.merged} merges",
        ("record", "other", "confidence", "because (bits of evidence)"),
        [
            (
                merge.record,
                merge.other,
                f"{merge.confidence:.4f}",
                _because(merge.evidence),
            )
            for merge in answer.merges[:20]
        ],
    )
    if answer.households is not None:
        output.table(
            f"{answer.clusters} people, {answer.housed} of them in {answer.households_found} households",
            ("people", "confidence", "because"),
            [
                (", ".join(one.people), f"{one.confidence:.4f}", _because(one.evidence))
                for one in answer.households[:20]
            ],
        )
    if answer.bridges:
        output.table(
            f"The first of {answer.bridged} bridges that were not crossed",
            ("record", "other", "probability", "why"),
            [(one.record, one.other, f"{one.probability:.4f}", one.why) for one in answer.bridges[:20]],
        )


def _because(evidence: Sequence[Reason]) -> str:
    return ", ".join(f"{reason.aspect} {reason.grade} {reason.bits:+.1f}" for reason in evidence)


def _show_graph_resolution(answer: GraphResolution) -> None:
    output.table(
        f"{answer.merged} merges: {answer.customers} customers are {answer.people} people",
        ("kept", "merged", "confidence", "evidence", "merge"),
        [
            (merge.kept, merge.merged, f"{merge.confidence:.4f}", merge.evidence, merge.merge_id)
            for merge in answer.merges
        ],
    )
    if answer.households is not None:
        output.table(
            f"{answer.households_found} households",
            ("household", "customers", "confidence", "evidence"),
            [
                (one.household_id, ", ".join(one.customer_ids), f"{one.confidence:.4f}", one.evidence)
                for one in answer.households
            ],
        )
    if answer.bridges:
        output.table(
            f"{answer.bridged} pairs that were kept apart",
            ("customer", "other", "probability", "why"),
            [(one.customer_id, one.other, one.probability, one.why) for one in answer.bridges],
        )
    if answer.shared:
        output.table(
            f"{answer.not_used} identifiers that merge nobody",
            ("kind", "value", "customers", "why"),
            [(one.kind, one.value, one.customers, one.why) for one in answer.shared],
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
    if answer.merges:
        output.table(
            "What was merged",
            ("merge", "kept", "merged", "evidence", "confidence", "at", "undone at"),
            [
                (one.merge_id, one.kept, one.merged, one.evidence, one.confidence, one.merged_at, one.undone_at)
                for one in answer.merges
            ],
        )
