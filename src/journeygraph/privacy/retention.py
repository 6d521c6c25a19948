"""Nothing is kept for longer than the policy says: old touchpoints go, or whoever made nothing newer becomes nobody.

    policy -> what is due (a dry run ends here) -> touchpoints, customers without any -> quarantine -> journeys -> proof

Each step can be repeated, so a run that was interrupted is completed by the next.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from journeygraph import identity, journeys, queries, set_aside
from journeygraph.answers import Answer, Reproducible
from journeygraph.durations import bounded_seconds
from journeygraph.errors import UsageError
from journeygraph.graph import Graph
from journeygraph.privacy import audit, policy, quarantined
from journeygraph.privacy.erase import anonymise_customer, count_by_load
from journeygraph.privacy.policy import Policy, Retention
from journeygraph.privacy.proof import Proof, sign
from journeygraph.schema import to_microseconds

_PAGE = 5_000


class Due(Reproducible):
    """What one rule removes; `cypher` counts it.

    `customers` of a rule that anonymises are those who made nothing newer: only they become nobody.
    """

    source: str
    older_than: str
    then: Literal["erase", "anonymise"]
    touchpoints: int
    customers: int


class Retained(Answer):
    """What is due by each rule, and, where it was done, what was removed, with the proof."""

    at: datetime
    due: tuple[Due, ...]
    quarantine: int
    done: bool
    removed: dict[str, int]
    proof: Proof | None


def retain(
    graph: Graph, home: Path, *, at: datetime | None = None, run: bool = False, actor: str | None = None
) -> Retained:
    """Find what is kept for longer than the policy says `at` an instant (now), and remove it where it is to `run`.

    Raises `UsageError` where the policy names no time.
    """
    declared, now = policy.read(home), at or datetime.now(UTC)
    asked = list(_asked(declared, now))
    if not asked and declared.quarantine is None:
        raise UsageError("No time is set: give `retention` to a source, with `journeygraph privacy policy set FILE`.")
    due = tuple(_due(graph, source, rule, parameters) for source, rule, parameters in asked)
    batches = _old_batches(graph, home, declared, now)
    quarantine = quarantined.count_batches(home, batches)
    removed, by_load = Counter[str](), Counter[str]()
    proof = None
    if run:
        audit.record(home, "retention begun", actor=actor)
        with graph.alone(journeys.LOCK):
            graph.write("load/thread_begin")
            for _, rule, parameters in asked:
                removed += _apply(graph, rule, parameters, by_load)
            removed += _tidied(graph)
        removed["quarantine"] = quarantined.erase_batches(home, batches)
        head = audit.record(home, "retention done", actor=actor)
        statement = {
            "erasure_id": secrets.token_hex(8),
            "mode": "retention",
            "at": now.isoformat(),
            "rules": [one.model_dump(mode="json", exclude={"cypher", "parameters"}) for one in due],
            "removed": dict(removed),
            "removed_by_load": dict(by_load),
            "audit": head.model_dump(),
        }
        proof = sign(home, statement)
    return Retained(at=now, due=due, quarantine=quarantine, done=run, removed=dict(removed), proof=proof)


def _asked(declared: Policy, now: datetime) -> Iterator[tuple[str, Retention, dict[str, Any]]]:
    """Each rule with its source and the parameters that say what is due."""
    named = sorted(set(declared.sources) - {"*"})
    for source, own in declared.sources.items():
        for rule in own.retention:
            yield (
                source,
                rule,
                {
                    "source": None if source == "*" else source,
                    "named": named,
                    "before_us": to_microseconds(now) - round(rule.seconds * 1e6),
                    "channels": list(rule.channels),
                    "steps": list(rule.steps),
                },
            )


def _due(graph: Graph, source: str, rule: Retention, parameters: dict[str, Any]) -> Due:
    query = queries.get("privacy/retention_due")
    counts = graph.run(query.cypher, parameters, name=query.name)[0]
    if rule.then == "anonymise":
        counts["customers"] = len(graph.read("privacy/retention_inactive", **parameters))
    told = {"source": source, "older_than": rule.older_than, "then": rule.then}
    return Due(**told, **counts, cypher=query.cypher, parameters=parameters)


def _apply(graph: Graph, rule: Retention, parameters: dict[str, Any], by_load: Counter[str]) -> Counter[str]:
    removed: Counter[str] = Counter()
    if rule.then == "anonymise":
        for row in graph.read("privacy/retention_inactive", **parameters):
            anonymise_customer(graph, row["customer_id"])
            removed["anonymised customers"] += 1
        return removed
    while rows := graph.write("privacy/retention_erase", **parameters, limit=_PAGE).rows:
        count_by_load(by_load, rows)
        removed["touchpoints"] += sum(row["touchpoints"] for row in rows)
    return removed


def _tidied(graph: Graph) -> Counter[str]:
    """Customers, products and the like that nothing is left of; then journeys and step graph as without them."""
    removed: Counter[str] = Counter()
    while count := graph.write("privacy/retention_customers", limit=500).rows[0]["customers"]:
        removed["customers"] += count
    removed.update(graph.write("privacy/erase_orphans").rows[0])
    journeys.put_end_of_data(graph)
    identity.resolve(graph)
    set_aside.apply(graph)
    journeys.thread(graph)
    removed.update(graph.write("privacy/retention_examples").rows[0])
    return removed


def _old_batches(graph: Graph, home: Path, declared: Policy, now: datetime) -> Sequence[str]:
    """The loads whose rows in quarantine are due."""
    if declared.quarantine is None:
        return ()
    seconds = bounded_seconds(declared.quarantine.older_than, "older_than")
    started = {row["batch_id"]: row["started_at"] for row in graph.read("privacy/loads")}

    def age(batch_id: str) -> float:
        begun = started.get(batch_id)
        if begun is not None:
            return float((now - begun).total_seconds())
        milliseconds = batch_id.partition("-")[0]  # a load's id begins with its time
        return now.timestamp() - int(milliseconds, 16) / 1e3 if len(milliseconds) == 12 else 0.0

    return [batch_id for batch_id in quarantined.batches(home) if age(batch_id) > seconds]
