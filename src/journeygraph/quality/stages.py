"""Whether the counts agree between every two stages: read, validated, stored, threaded, reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from journeygraph import queries
from journeygraph.answers import Answer, Reproducible
from journeygraph.graph import Graph, Row
from journeygraph.quality import waiting
from journeygraph.quality.erasures import Erased, LoadCounts, balance, erased
from journeygraph.quality.waiting import Account


class Check(Answer):
    """Two counts that must be equal.  `explained` says what makes them differ where that is no fault, `note` what is
    off or else to know; `statements` are keys of `Stages.statements`."""

    stage: str
    left: str
    left_count: int
    right: str
    right_count: int
    agrees: bool
    explained: str | None = None
    note: str | None = None
    statements: tuple[str, ...]


class Delivery(Answer):
    """What became of the rows of one file of one load, and how many of its touchpoints the graph holds now.

    The counts are None where the load was interrupted.
    """

    batch_id: str
    started_at: str | None
    number: int
    file: str
    source: str | None
    sources: tuple[str, ...] | None
    describes: str | None = None
    format: str | None
    protocol: str
    mapping: str | None
    mapping_version: str | None
    contract_version: int | None
    sha256: str | None
    received: int | None
    stored: int | None
    duplicate: int | None
    quarantined: int | None
    held: int
    set_aside: int


class Stages(Answer):
    """The checks, the deliveries, and the statements that give their counts."""

    agrees: bool
    checks: tuple[Check, ...]
    deliveries: tuple[Delivery, ...]
    statements: dict[str, Reproducible]


def stages(graph: Graph, home: Path) -> Stages:
    """Count at every stage; what went by erasure is what this home's proofs tell of."""
    asked = {
        "received": Reproducible(cypher=queries.get("quality/received").cypher),
        "deliveries": Reproducible(cypher=queries.get("quality/deliveries").cypher, parameters={"source": None}),
        "held": Reproducible(cypher=queries.get("quality/held").cypher),
        "threaded": Reproducible(cypher=queries.get("quality/threaded").cypher),
        "totals": Reproducible(cypher=queries.get("report/totals").cypher),
    }
    held: dict[tuple[str, int | None], Row] = {
        (row["batch_id"], row["number"]): row for row in graph.read("quality/held")
    }
    deliveries = [_delivery(row, held) for row in graph.read("quality/deliveries", source=None)]
    threaded, totals = graph.read("quality/threaded")[0], graph.read("report/totals")[0]
    checks = [
        _received(graph.read("quality/received")[0]),
        _stored(deliveries, held, erased(home)),
        _quarantined(deliveries, *waiting.account(home)),
        *_threaded(list(held.values()), threaded, totals),
    ]
    return Stages(
        agrees=all(check.agrees or check.explained for check in checks),
        checks=tuple(checks),
        deliveries=tuple(deliveries),
        statements=asked,
    )


def _delivery(row: Row, held: dict[tuple[str, int | None], Row]) -> Delivery:
    own = held.get((row["batch_id"], row["number"]), {"held": 0, "set_aside": 0})
    return Delivery(**row, held=own["held"], set_aside=own["set_aside"])


def _counts(done: Sequence[Delivery], held: dict[tuple[str, int | None], Row]) -> list[LoadCounts]:
    """By load; what was anonymised names its load, and no file."""
    nobody: Counter[str] = Counter()
    for (batch_id, number), row in held.items():
        if number is None:
            nobody[batch_id] += row["anonymised"]
    stored, own = Counter[str](), Counter[str]()
    for one in done:
        stored[one.batch_id] += (one.stored or 0) if one.describes is None else 0
        own[one.batch_id] += one.held
    return [LoadCounts(load, stored[load], own[load], nobody[load]) for load in stored]


def _received(rows: Row) -> Check:
    """Each row once: one that was loaded again out of quarantine counts as what it first was, quarantined."""
    received, became = int(rows["received"]), int(rows["stored"] + rows["duplicate"] + rows["quarantined"])
    return Check(stage="read to validated", left="rows received", left_count=received,
                 right="stored + duplicate + quarantined", right_count=became, agrees=received == became,
                 statements=("received",))  # fmt: skip


def _stored(deliveries: Sequence[Delivery], held: dict[tuple[str, int | None], Row], gone: Erased) -> Check:
    found = balance(_counts([one for one in deliveries if one.received is not None], held), gone)
    return Check(stage="validated to stored", left="rows stored as touchpoints by finished loads",
                 left_count=found.stored, right="touchpoints that the graph holds of them", right_count=found.held,
                 agrees=found.agrees, explained=found.explained, note=found.note,
                 statements=("deliveries", "held"))  # fmt: skip


def _quarantined(deliveries: Sequence[Delivery], accounts: Mapping[str, Account], since: str | None) -> Check:
    """Every row that a load put into quarantine is waiting there, or it is known what became of it.

    Loads that this home's quarantine is too young to know are left out, and told.
    """
    put: Counter[str] = Counter()
    before = 0
    for one in deliveries:
        if one.protocol != "replay" and one.quarantined and (one.started_at or "") < (since or ""):
            before += one.quarantined
        elif one.protocol != "replay" and one.received is not None:
            put[one.batch_id] += one.quarantined or 0
    found = Account.of(accounts[batch_id] for batch_id in put if batch_id in accounts)
    lost = {load: put[load] - (accounts[load].rows if load in accounts else 0) for load in put}
    off = [f"of load {load} {count:,} are in no quarantine of this home" for load, count in lost.items() if count > 0]
    off += [f"load {load} put {-count:,} more there than it says" for load, count in lost.items() if count < 0]
    told = [found.text] if found.rows else []
    told += [f"{before:,} of former versions of this product are not followed"] if before else []
    return Check(stage="quarantined to settled", left="rows put into quarantine by finished loads",
                 left_count=put.total(), right="waiting, replayed, dropped or erased", right_count=found.rows,
                 agrees=not off, note="; ".join(off or told) or None, statements=("deliveries",))  # fmt: skip


def _threaded(loads: Sequence[Row], threaded: Row, totals: Row) -> list[Check]:
    held, aside = sum(row["held"] for row in loads), sum(row["set_aside"] for row in loads)
    touchpoints, memberships = int(threaded["touchpoints"]), int(threaded["memberships"])
    analysed = touchpoints - int(threaded["withheld"])
    once_journey = analysed - threaded["in_no_journey"] - threaded["in_several_journeys"]
    once_session = analysed - threaded["in_no_session"] - threaded["in_several_sessions"]
    return [
        Check(stage="stored to counted", left="touchpoints of all loads, without those set aside",
              left_count=held - aside,
              right="touchpoints that count", right_count=touchpoints, agrees=held - aside == touchpoints,
              statements=("held", "threaded")),
        Check(stage="counted to journeys", left="touchpoints of customers who may be analysed", left_count=analysed,
              right="touchpoints in exactly one journey", right_count=once_journey, agrees=analysed == once_journey,
              statements=("threaded",)),
        Check(stage="counted to sessions", left="touchpoints of customers who may be analysed", left_count=analysed,
              right="touchpoints in exactly one session", right_count=once_session, agrees=analysed == once_session,
              statements=("threaded",)),
        Check(stage="journeys to paths", left="touchpoints in journeys", left_count=memberships,
              right="steps in the paths of journeys", right_count=threaded["path_steps"],
              agrees=memberships == threaded["path_steps"], statements=("threaded",)),
        Check(stage="paths to report", left="steps in the paths of journeys", left_count=threaded["path_steps"],
              right="touchpoints that the report tells", right_count=totals["touchpoints"],
              agrees=threaded["path_steps"] == totals["touchpoints"], statements=("threaded", "totals")),
    ]  # fmt: skip
