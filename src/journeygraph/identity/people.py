"""Which customers of the graph are one person: by rules first, then by probability; nothing else is touched.

Rules: an alias (a customer's id that was another's anonymous id), an e-mail address, an order, a telephone number that
they share, unless the value is blocked, shared by too many, or names and birthdays contradict it.  Probability: the
model of `linkage` on what is known of the customers.  Who is merged already stays merged, and so keeps their id; whose
merge was undone is not merged again.

What is compared are records: customers and visitors as touchpoints name them, whatever was merged.  So a run learns and
finds the same after its own merges as before, and where nothing was loaded meanwhile the next one merges nobody.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from typing import Final

import numpy as np

from journeygraph import queries
from journeygraph.answers import Answer, Reproducible
from journeygraph.errors import UsageError
from journeygraph.graph import Graph, Row
from journeygraph.identity import households as living
from journeygraph.identity import merging, runs
from journeygraph.identity.blocked import Blocked, parse
from journeygraph.identity.deciding import CONFIDENCE, decide
from journeygraph.identity.households import FoundHousehold
from journeygraph.identity.linkage import normalise, records
from journeygraph.identity.linkage.blocking import Blocks
from journeygraph.identity.linkage.clusters import LARGEST, Clusters, Labels, cluster
from journeygraph.identity.linkage.columns import NAMES, Layout, recognise, simple
from journeygraph.identity.linkage.comparison import Comparison, comparisons
from journeygraph.identity.linkage.contradiction import Pair, both_ways
from journeygraph.identity.linkage.engine import reasons
from journeygraph.identity.linkage.households import households as households_of
from journeygraph.identity.linkage.households import reasons as because
from journeygraph.identity.linkage.model import Model
from journeygraph.identity.linkage.records import Column, Flags
from journeygraph.identity.linkage.scoring import Scored, aspects, score, train
from journeygraph.identity.linkage.table import SHOWN
from journeygraph.identity.runs import Run
from journeygraph.identity.visitors import resolve as settle

#: Customers are merged where it is this probable: a wrong merge costs more than a missed one.
THRESHOLD: Final = 0.9
#: An identifier of more known customers than this is a shared one (a family's, a kiosk's): it merges nobody.
MOST_SHARING: Final = 3
_LARGEST_GROUP: Final = 100
#: Properties of touchpoints that are called so may be anything's.
_AMBIGUOUS: Final = frozenset({
    "name", "state", "region", "first", "last", "number", "no", "county", "place", "born", "nom", "nombre", "nome",
    "naam", "via", "voie", "cap", "cp", "str", "civico", "genre", "genere", "genero", "departement", "portable",
    "mobil", "handy", "gsm", "ort", "plaats", "stad", "stadt", "commune", "comune", "localita", "localidad",
})  # fmt: skip
#: What probability needs beside an address or number, which rules look at already.
_PERSONAL: Final = frozenset({"first_name", "surname", "dob", "street"})


class CustomerMerge(Answer):
    """Two customers that became one, or would."""

    merge_id: str | None
    kept: str
    merged: str
    evidence: str
    method: str
    confidence: float


class CustomerBridge(Answer):
    """Two customers that look like one person and were kept apart; no probability where a rule was contradicted."""

    customer_id: str
    other: str
    probability: float | None
    why: str


class SharedValue(Answer):
    """An identifier that merges nobody: it is blocked, or leads to too many known customers."""

    kind: str
    value: str
    customers: int
    why: str


class GraphResolution(Reproducible):
    """What a run merged; the query lists its merges, and is empty for a dry run, which leaves none in the graph.

    `people` are the customers after it.
    `merges`, `bridges` and `shared` are the first of `merged`, `bridged` and `not_used`; `households` of
    `households_found`, None where not asked for.
    """

    run: str
    customers: int
    people: int
    threshold: float
    columns: dict[str, str]
    candidate_pairs: int
    new_customers: int | None = None
    merged: int
    merges: list[CustomerMerge]
    bridged: int
    bridges: list[CustomerBridge]
    not_used: int
    shared: list[SharedValue]
    households_found: int | None = None
    households: list[FoundHousehold] | None = None
    seconds: float


@dataclass(frozen=True)
class _Rules:
    """Pairs of rows by shared identifiers: the surest one of each, and the values that were not used."""

    pairs: dict[tuple[int, int], str]
    shared: list[SharedValue]


def resolve(
    graph: Graph,
    *,
    threshold: float = THRESHOLD,
    told: Mapping[str, str] | None = None,
    blocked: Blocked | None = None,
    largest: int = LARGEST,
    households: bool = False,
    only_new: bool = False,
    dry_run: bool = False,
    shown: int = SHOWN,
) -> GraphResolution:
    """Merge the customers that are one person with at least that probability; journeys are rebuilt by the caller.

    `only_new`: only customers with touchpoints since the last run are compared, with all who share a key with them, by
    what that run learnt; without such a run, or where it knew other properties, all are.  `households`: customers who
    live together are put into households as well, which merges nobody.

    Raises `UsageError` for a threshold that is no probability.
    """
    if not 0 < threshold < 1:
        raise UsageError(f"The threshold {threshold} is not between 0 and 1: it is a probability.")
    started, run = time.monotonic(), f"r-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    at = datetime.now(UTC)
    settle(graph)
    people, layout = _known(graph, told or {})
    names = [row["record"] for row in people]
    labels = _labels(people)
    customers = len(np.unique(labels))
    blocked = blocked or parse([])
    fields = _fields(people, layout, blocked)
    compared_by = comparisons(fields)
    before = runs.last(graph, aspects(compared_by)) if only_new else None
    new = None if before is None else runs.new_since(graph, before.at, [names[label] for label in labels.tolist()])
    new_customers = None if new is None else len(np.unique(labels[new]))
    model, scored = _scored(fields, compared_by, len(people), before, new)
    shared, kept_apart = graph.read("identity/shared"), _apart(graph, names)
    merges: list[CustomerMerge] = []
    while True:
        # A merge may leave a value with fewer customers, so that it counts: until nothing changes any more.
        rules = _rules(shared, people, labels, blocked)
        decided = decide(rules.pairs, scored, model, compared_by, len(people), threshold, labels)
        apart = both_ways(kept_apart, decided.apart)
        found = cluster(decided.pairs, len(people), threshold, largest, apart, labels)
        labels = found.labels
        if not found.merges:
            break
        merges += _merges(found, decided.rules, model, compared_by, names)
    if not dry_run:
        merges = [_apply(graph, one, run) for one in merges]
        settle(graph)
        runs.keep(graph, run, at, model)
    homes = _living(graph, run, fields, compared_by, model, found, names, threshold, dry_run) if households else None
    bridges = [
        _bridge(names, *pair, why) for pair, why in decided.contradicted.items() if labels[pair[0]] != labels[pair[1]]
    ] + [
        CustomerBridge(
            customer_id=names[bridge.left],
            other=names[bridge.right],
            probability=bridge.probability,
            why="too many customers would be one" if bridge.too_large else "kept apart, or the others are unlike",
        )
        for bridge in found.bridges
    ]
    return GraphResolution(
        run=run,
        customers=customers,
        people=customers - len(merges),
        threshold=threshold,
        columns={column: kind for kind, column in layout.columns.items()},
        candidate_pairs=scored.candidates,
        new_customers=new_customers,
        merged=len(merges),
        merges=merges[:shown],
        bridged=len(bridges),
        bridges=bridges[:shown],
        not_used=len(rules.shared),
        shared=rules.shared[:shown],
        households_found=None if homes is None else len(homes),
        households=None if homes is None else homes[:shown],
        seconds=round(time.monotonic() - started, 3),
        cypher="" if dry_run else queries.get("identity/run").cypher,
        parameters={} if dry_run else {"run": run},
    )


def _known(graph: Graph, told: Mapping[str, str]) -> tuple[list[Row], Layout]:
    """What is known of every record, and which properties of their touchpoints say who somebody is.

    Known customers come first, then those whose first touchpoint was first: who came first stays.
    """
    names = _usable([row["property"].removeprefix("p_") for row in graph.read("journeys/properties")], told)
    rows = _records(graph, names)
    # A database remembers the names of properties that nothing has any more.
    there = [place for place in range(len(names)) if any(row["values"][place] is not None for row in rows)]
    layout = Layout({}, (), ())
    if there:
        layout = recognise([names[place] for place in there], {n: kind for n, kind in told.items() if n in names})
    chosen = [names.index(name) for name in (*layout.columns.values(), *layout.identifiers)]
    people: list[Row] = [{**row, "values": [row["values"][place] for place in chosen]} for row in rows]
    return sorted(people, key=lambda row: (row["anonymous"], row["first_at"] or 0, row["record"])), layout


def _records(graph: Graph, names: Sequence[str]) -> list[Row]:
    """Every record with what touchpoints say of it, and `customer_id`, who it is now.

    A visitor on a device of several customers who are one now is a record still, though touchpoints go to that one.
    """
    nothing: Row = {"first_at": None, "values": [None] * len(names), "email": None, "phone": None}
    found = {row["record"]: {**nothing, **row} for row in graph.read("identity/records")}
    for said in graph.read("identity/people", names=[f"p_{name}" for name in names]):
        row = found.setdefault(said["record"], {**said, "anonymous": True})
        more = {kind: row[kind] or said[kind] for kind in ("email", "phone")}
        found[said["record"]] = {**row, **more, "first_at": said["first_at"], "values": said["values"]}
    return list(found.values())


def _labels(people: Sequence[Row]) -> Labels:
    """For each record the row of the customer that it is now."""
    place = {row["record"]: number for number, row in enumerate(people)}
    return np.array([place[row["customer_id"]] for row in people], np.int64)


def _usable(properties: Sequence[str], told: Mapping[str, str]) -> list[str]:
    """Properties whose names can only be a person's, and what was told; numbers of a person count only where told."""
    known = {name for names in NAMES.values() for name in names.split()} - _AMBIGUOUS - {"email", "phone"}
    return [name for name in properties if name in told or simple(name) in known]


def _fields(people: Sequence[Row], layout: Layout, blocked: Blocked) -> dict[str, Column]:
    columns = [*layout.columns.values(), *layout.identifiers]
    table = {name: Column.of(row["values"][place] for row in people) for place, name in enumerate(columns)}
    fields = records.fields(table, layout)
    for kind in ("email", "phone"):
        raw = Column.of(row[kind] for row in people).derived(normalise.OF_KIND[kind])
        if kind == "phone":
            raw = records.one_writing(raw)
        column = raw.derived(lambda value, kind=kind: "" if blocked.blocks(kind, value) else value)  # type: ignore[misc]
        if column.present:
            fields[kind] = column
    return fields


def _rules(shared: Sequence[Row], people: Sequence[Row], labels: Labels, blocked: Blocked) -> _Rules:
    place = {row["record"]: number for number, row in enumerate(people)}
    groups: dict[tuple[str, str], set[int]] = {}
    written = normalise.one_writing(normalise.phone(row["value"]) for row in shared if row["kind"] == "phone")
    for row in shared:
        value = normalise.OF_KIND.get(row["kind"], str.strip)(row["value"])
        if value:
            members = groups.setdefault(
                (row["kind"], written.get(value, value) if row["kind"] == "phone" else value), set()
            )
            members |= {place[record] for record in row["records"] if record in place}
    pairs: dict[tuple[int, int], str] = {}
    not_used: list[SharedValue] = []
    for (kind, value), members in sorted(groups.items(), key=lambda group: (-CONFIDENCE[group[0][0]], group[0])):
        customers = {int(labels[number]) for number in members}
        if len(customers) < 2:
            continue
        known = sum(not people[number]["anonymous"] for number in customers)
        why = None
        if blocked.blocks("anonymous_id" if kind == "alias" else kind, value):
            why = "blocked"
        elif known > MOST_SHARING or len(members) > _LARGEST_GROUP:
            why = f"shared by more than {MOST_SHARING if known > MOST_SHARING else _LARGEST_GROUP}"
        if why is not None:
            not_used.append(SharedValue(kind=kind, value=value, customers=len(customers), why=why))
            continue
        for pair in combinations(sorted(members), 2):
            pairs.setdefault(pair, kind)
    return _Rules(pairs, not_used)


def _scored(
    fields: Mapping[str, Column],
    compared_by: Sequence[Comparison],
    rows: int,
    before: Run | None,
    new: Flags | None,
) -> tuple[Model | None, Scored]:
    """Probable pairs, where something personal is known; no model otherwise."""
    none = np.empty(0, np.int64)
    if len(_PERSONAL & fields.keys()) < 2:
        return None, Scored(none, none, np.empty(0))
    blocks = Blocks(fields, rows, None, new)
    model = train(compared_by, blocks, rows)[0] if before is None else before.model
    return model, score(model, compared_by, blocks)


def _apart(graph: Graph, names: Sequence[str]) -> list[Pair]:
    """Rows whose merge was undone."""
    place = {name: number for number, name in enumerate(names)}
    pairs = [(place.get(row["one"]), place.get(row["other"])) for row in graph.read("identity/kept_apart")]
    return [(one, other) for one, other in pairs if one is not None and other is not None]


def _merges(
    found: Clusters,
    rules: Mapping[Pair, str],
    model: Model | None,
    compared_by: Sequence[Comparison],
    names: Sequence[str],
) -> list[CustomerMerge]:
    pairs = [(min(one.left, one.right), max(one.left, one.right)) for one in found.merges]
    why = reasons(model, compared_by, pairs) if model is not None else [[] for _ in pairs]
    merges = []
    for one, pair, said in zip(found.merges, pairs, why, strict=True):
        told = ", ".join(f"{reason.aspect} {reason.grade} {reason.bits:+.1f}" for reason in said)
        kind = rules.get(pair)
        merges.append(
            CustomerMerge(
                merge_id=None,
                kept=names[one.keeps],
                merged=names[one.joins],
                evidence=f"same {kind}" if kind else told,
                method="rule" if kind else "probability",
                confidence=one.probability,
            )
        )
    return merges


def _apply(graph: Graph, one: CustomerMerge, run: str) -> CustomerMerge:
    made = merging.merge(
        graph, one.kept, one.merged, evidence=one.evidence, method=one.method, confidence=one.confidence, run=run
    )
    return one.model_copy(update={"merge_id": made.merge_id})


def _living(
    graph: Graph,
    run: str,
    fields: Mapping[str, Column],
    compared_by: Sequence[Comparison],
    model: Model | None,
    found: Clusters,
    names: Sequence[str],
    threshold: float,
    dry_run: bool,
) -> list[FoundHousehold]:
    """Who lives together, written into the graph unless it is a dry run; nobody where too little is known."""
    if model is None:
        return []
    apart = living.apart(graph, {name: number for number, name in enumerate(names)})
    homes = households_of(model, compared_by, fields, found.labels, threshold, apart)
    why = because(model, compared_by, [(merge.left, merge.right) for merge in homes.merges])
    told = [", ".join(f"{reason.aspect} {reason.grade} {reason.bits:+.1f}" for reason in said) for said in why]
    groups = living.groups(homes, names, told)
    return groups if dry_run else living.write(graph, groups, run)


def _bridge(names: Sequence[str], left: int, right: int, why: str) -> CustomerBridge:
    return CustomerBridge(customer_id=names[left], other=names[right], probability=None, why=why)
