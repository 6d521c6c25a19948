"""A table of people -> who is one person, with the evidence; no graph, no labels."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from journeygraph.errors import InputError, UsageError, did_you_mean
from journeygraph.identity.blocked import Blocked, parse
from journeygraph.identity.linkage import households as living
from journeygraph.identity.linkage import incremental, records
from journeygraph.identity.linkage.answers import (
    Grade,
    OversizeBlock,
    Reason,
    TableBridge,
    TableHousehold,
    TableMerge,
    TableResolution,
)
from journeygraph.identity.linkage.clusters import (
    LARGEST,
    Apart,
    Bridge,
    Clusters,
    Labels,
    Merge,
    cluster,
    pair_measure,
)
from journeygraph.identity.linkage.columns import Layout, recognise, simple
from journeygraph.identity.linkage.contradiction import Told, contradicted
from journeygraph.identity.linkage.engine import Engine, Own
from journeygraph.identity.linkage.model import Model
from journeygraph.identity.linkage.records import Column
from journeygraph.identity.linkage.scoring import Scored
from journeygraph.identity.linkage.splink_engine import Splink

#: As probable as not: with probabilities that hold, no other threshold makes fewer mistakes.
THRESHOLD: Final = 0.5
SHOWN: Final = 100
_TELLING: Final = frozenset({"first_name", "surname", "full_name", "dob"})
#: The Febrl generator's own record ids carry the truth: rec-7-org and rec-7-dup-0 are one person.
_FEBRL: Final = re.compile(r"(rec-\d+)-(?:org|dup-\d+)")


@dataclass(frozen=True)
class Resolved:
    """The answer, and the whole result behind it: each record's name, the names of its cluster and household.

    `contents`, where the records have no id, is by what a later run knows them again.
    """

    answer: TableResolution
    names: list[str]
    clusters: list[str]
    confidences: list[float | None]
    households: list[str | None] | None = None
    learnt: Mapping[str, Any] | None = None
    contents: list[str] | None = None


def resolve_table(
    chunks: Iterable[Mapping[str, Sequence[Any]]],
    *,
    truth: str | None = None,
    told: Mapping[str, str] | None = None,
    threshold: float = THRESHOLD,
    largest: int = LARGEST,
    blocked: Blocked | None = None,
    shown: int = SHOWN,
    households: bool = False,
    known: Mapping[str, str] | None = None,
    known_contents: Mapping[str, str] | None = None,
    learnt: Mapping[str, Any] | None = None,
    engine: Engine = "own",
) -> Resolved:
    """Find the records that are one person.

    `chunks` are the table's columns, some rows at a time; `truth` is the column that says who is who: it is used to
    measure, never to decide.  `told` says what columns are (`columns.KINDS`) where their names don't.  Pairs that are
    at least as probable as `threshold` are joined; `households`: people who live together are found as well.

    `known` has the clusters of an earlier run by record: these stay, and only records that are not in it are compared,
    with whatever shares a key with them; records without an id are known again by `known_contents`, their
    `Resolved.contents` then.  `learnt` is the model of an earlier run (`Resolved.learnt`); without it, or where the
    columns are others, it is learnt anew.

    `engine`: "splink" asks Splink for the pairs, an extra for millions of records; it finds no households and goes on
    from no earlier run.

    Raises `InputError` for columns that are missing, `UsageError` for a threshold that is no probability and for what
    an engine cannot do.
    """
    started = time.monotonic()
    if not 0 < threshold < 1:
        raise UsageError(f"The threshold {threshold} is not between 0 and 1: it is a probability.")
    if engine != "own" and (households or known is not None or learnt is not None):
        raise UsageError("--engine splink goes without --households, --known and --model: these are of the own engine.")
    table = records.read(chunks)
    labels = None if truth is None else _truth(table, truth)
    layout = recognise([name for name in table if name != truth], told)
    fields = records.fields(table, layout)
    dropped = _leave_out(fields, blocked or parse([]))
    names, contents = _names(table), None
    if names is None:
        contents = incremental.contents(table)
        names = _numbers(contents, known, known_contents)
    first, new = (None, None) if known is None else incremental.start(names, known)
    by = Own(fields, len(names), new, learnt) if engine == "own" else Splink(fields, len(names))
    scored = by.score()
    pairs, apart, refused = _apart(by, scored, len(names), threshold, first)
    found = cluster(pairs, len(names), threshold, largest, apart, first)
    homes = None
    if isinstance(by, Own) and households:
        homes = living.households(by.model, by.compared_by, fields, found.labels, threshold)
    measured = (None, None, None) if labels is None else pair_measure(found.labels, labels)
    seconds = time.monotonic() - started
    sizes = np.bincount(found.labels, minlength=1)
    answer = TableResolution(
        records=len(names),
        clusters=int((sizes > 0).sum()) if names else 0,
        **dict(zip(("precision", "recall", "f1"), measured, strict=True)),
        threshold=threshold,
        candidate_pairs=scored.candidates,
        new_records=None if new is None else int(new.sum()),
        match_share=by.match_share,
        columns=_used(layout, fields),
        ignored=[name for name in layout.ignored if name != truth],
        warnings=_warnings(layout, truth),
        merged=len(found.merges),
        largest_cluster=int(sizes.max()) if names else 0,
        merges=_merges(found.merges[:shown], by.reasons, names),
        bridged=len(refused) + len(found.bridges),
        bridges=[
            *(_contradicted(one, names, found.labels, sizes) for one in refused[:shown]),
            *(_bridge(bridge, names, largest) for bridge in found.bridges[:shown]),
        ][:shown],
        **(_living(homes, found, by, names, shown) if isinstance(by, Own) and homes is not None else {}),
        blocked_values=dropped,
        oversize_blocks=[
            OversizeBlock(key=block.key, value=block.value, records=block.records)
            for block in (by.blocks.oversize[:shown] if isinstance(by, Own) else ())
        ],
        model=_grades(by.model) if isinstance(by, Own) else [],
        engine=engine,
        seconds=round(seconds, 3),
        records_per_second=round(len(names) / max(seconds, 1e-9), 1),
    )
    clusters = incremental.cluster_names(found.labels, names, known or {})
    told_homes = None if homes is None else _homes(homes, found, names)
    model = by.model.kept() if isinstance(by, Own) else None
    return Resolved(answer, names, clusters, _confidences(found), told_homes, model, contents)


def _apart(
    by: Own | Splink, scored: Scored, rows: int, threshold: float, first: Labels | None
) -> tuple[Scored, Apart, Sequence[Told]]:
    """Pairs of people whom only a household's things join are none; Splink's pairs are taken as they are."""
    if not isinstance(by, Own):
        return scored, {}, ()
    found = contradicted(scored, by.model, by.compared_by, rows, threshold, known=first)
    return found.pairs, found.apart, found.told


def _living(
    homes: Clusters,
    found: Clusters,
    by: Own,
    names: Sequence[str],
    shown: int,
) -> dict[str, Any]:
    """What the answer says of households: people are named by the first record of each."""
    people: dict[int, list[int]] = {}
    for row in np.unique(found.labels).tolist():
        people.setdefault(int(homes.labels[row]), []).append(row)
    records_of = np.bincount(homes.labels[found.labels], minlength=len(names))
    first: dict[int, Merge] = {}
    least: dict[int, float] = {}
    for merge in homes.merges:
        home = int(homes.labels[merge.keeps])
        first.setdefault(home, merge)
        least[home] = min(least.get(home, 1.0), merge.probability)
    told = list(first)[:shown]
    why = living.reasons(by.model, by.compared_by, [(first[home].left, first[home].right) for home in told])
    return {
        "households_found": len(first),
        "housed": sum(len(people[home]) for home in first),
        "households": [
            TableHousehold(
                household_id=f"home of {names[home]}",
                people=[names[row] for row in people[home]],
                records=int(records_of[home]),
                confidence=least[home],
                evidence=said,
            )
            for home, said in zip(told, why, strict=True)
        ],
    }


def _homes(homes: Clusters, found: Clusters, names: Sequence[str]) -> list[str | None]:
    """Each record's household; None for one of a person who lives alone, as far as is known."""
    shared = {int(homes.labels[merge.keeps]) for merge in homes.merges}
    return [f"home of {names[home]}" if home in shared else None for home in homes.labels[found.labels].tolist()]


def _truth(table: Mapping[str, Column], name: str) -> Labels:
    """The people by number; -1 for a record about whom nothing is said."""
    if name not in table:
        near = next((column for column in table if simple(column) == simple(name)), None)
        if near is None:
            raise InputError(
                f"--truth {name!r} is no column of the table; there are: {', '.join(table)}."
                + did_you_mean(name, list(table))
            )
        name = near
    column = table[name]
    if all(_FEBRL.fullmatch(value) for value in column.values):
        column = column.derived(lambda value: _FEBRL.sub(r"\1", value))
    return column.codes.astype(np.int64)


def _names(table: Mapping[str, Column]) -> list[str] | None:
    """What to call each record: its own unique id where there is such a column."""
    rows = len(next(iter(table.values())).codes) if table else 0
    for name, column in table.items():
        if simple(name).endswith("id") and len(column.values) == rows and column.present == rows:
            return [column.values[code] for code in column.codes.tolist()]
    return None


def _numbers(contents: Sequence[str], known: Mapping[str, str] | None, before: Mapping[str, str] | None) -> list[str]:
    """Numbers from 1 for records without an id; who is known keeps theirs, wherever the row stands now."""
    if known and before is None:
        raise InputError(
            "The table's rows have no id, and --known doesn't say what they contained (column content): row numbers "
            "alone may mean others by now. Run once without --known, or name the rows by a column that ends in _id."
        )
    return incremental.numbered(contents, before or {})


def _leave_out(fields: dict[str, Column], blocked: Blocked) -> int:
    """Take blocked values out of the fields; how many records' values these were."""
    dropped = 0
    for name, column in list(fields.items()):
        kind = name.partition(":")[0]
        if kind not in ("email", "phone", "id"):
            continue
        kept = column.derived(lambda value, kind=kind: "" if blocked.blocks(kind, value) else value)  # type: ignore[misc]
        dropped += column.present - kept.present
        fields[name] = kept
    return dropped


def _used(layout: Layout, fields: Mapping[str, Column]) -> dict[str, str]:
    found = {column: kind for kind, column in layout.columns.items()}
    return found | {column: "id" for column in layout.identifiers if f"id:{column.strip()}" in fields}


def _warnings(layout: Layout, truth: str | None) -> list[str]:
    """What little there is to compare by."""
    if _TELLING & layout.columns.keys():
        return []
    ignored = ", ".join(map(repr, (name for name in layout.ignored if name != truth)))
    return [
        "Neither a name nor a date of birth is among the columns that are compared"
        + (f"; of {ignored} nothing is known: --column NAME=KIND says what one is" if ignored else "")
        + ". People who share an address or number may be taken for one, and most others are not found."
    ]


def _merges(
    merges: Sequence[Merge],
    why: Callable[[Sequence[tuple[int, int]]], list[list[Reason]]],
    names: Sequence[str],
) -> list[TableMerge]:
    evidence = why([(merge.left, merge.right) for merge in merges])
    return [
        TableMerge(
            merge_id=f"{names[merge.keeps]}+{names[merge.joins]}",
            record=names[merge.left],
            other=names[merge.right],
            confidence=merge.probability,
            evidence=said,
        )
        for merge, said in zip(merges, evidence, strict=True)
    ]


def _bridge(bridge: Bridge, names: Sequence[str], largest: int) -> TableBridge:
    too_large = f"together they have more than {largest} records"
    return TableBridge(
        record=names[bridge.left],
        other=names[bridge.right],
        probability=bridge.probability,
        cluster_records=bridge.sizes[0],
        other_cluster_records=bridge.sizes[1],
        why=too_large if bridge.too_large else "the other records of the two clusters are unlike",
    )


def _contradicted(one: Told, names: Sequence[str], labels: Labels, sizes: Labels) -> TableBridge:
    return TableBridge(
        record=names[one.left],
        other=names[one.right],
        probability=one.probability,
        cluster_records=int(sizes[labels[one.left]]),
        other_cluster_records=int(sizes[labels[one.right]]),
        why=f"much alike, but another {one.aspect}",
    )


def _grades(model: Model) -> list[Grade]:
    return [
        Grade(
            aspect=aspect.name,
            grade=name,
            m=float(m[place]),
            u=float(u[place]),
            bits=float(np.log2(m[place] / u[place])),
        )
        for aspect, m, u in zip(model.aspects, model.m, model.u, strict=True)
        for place, name in enumerate(aspect.grades)
        if place and max(m[place], u[place]) >= 1e-3
    ]


def _confidences(found: Clusters) -> list[float | None]:
    """For each record the lowest confidence among the merges of its cluster; None for one that is alone."""
    lowest: dict[int, float] = {}
    for merge in found.merges:
        first = int(found.labels[merge.keeps])
        lowest[first] = min(lowest.get(first, 1.0), merge.probability)
    return [lowest.get(label) for label in found.labels.tolist()]
