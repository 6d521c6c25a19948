"""The rules applied to the graph: of every marked customer, what is set aside becomes what the rules say now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from journeygraph.answers import Answer
from journeygraph.graph import Graph, Row
from journeygraph.set_aside.decide import Decision, Touchpoints, decide
from journeygraph.set_aside.rules import Rules, read_rules

_PAGE_TOUCHPOINTS = 20_000
_LISTED_CUSTOMERS = 2_000


class Changes(Answer):
    """How many touchpoints were set aside or count again."""

    set_aside: int = 0
    restored: int = 0


def apply(graph: Graph, *, everyone: bool = False) -> Changes:
    """Decide for all customers whose journeys must be rebuilt (or `everyone`); to be run before `journeys.thread`.

    A page of customers is one transaction, which marks those it changes; a repetition changes nothing.
    """
    rules = read_rules(graph)
    if rules == Rules() and not graph.read("set_aside/any")[0]["anything"]:
        return Changes()
    set_aside = restored = 0
    for customers in _pages(graph, everyone):
        rows = list(graph.stream("set_aside/read", customer_ids=customers))
        statements, counts = _statements(rows, decide(columns(rows), rules))
        if statements:
            graph.write_all(statements)
        set_aside, restored = set_aside + counts[0], restored + counts[1]
    return Changes(set_aside=set_aside, restored=restored)


def _pages(graph: Graph, everyone: bool) -> Iterator[list[str]]:
    """Marked customers or all, some at a time: about `_PAGE_TOUCHPOINTS`, at least one customer."""
    after = ""
    while pending := graph.read("set_aside/pending", after=after, limit=_LISTED_CUSTOMERS, everyone=everyone):
        page: list[str] = []
        size = 0
        for customer in pending:
            if page and size + customer["touchpoints"] > _PAGE_TOUCHPOINTS:
                yield page
                page, size = [], 0
            page.append(customer["customer_id"])
            size += customer["touchpoints"]
        yield page
        after = pending[-1]["customer_id"]


def columns(rows: list[Row]) -> Touchpoints:
    """Rows of `set_aside/read` as columns."""
    numbers: dict[str, int] = {}
    return Touchpoints(
        ids=[row["touchpoint_id"] for row in rows],
        customers=np.array([numbers.setdefault(row["customer_id"], len(numbers)) for row in rows], dtype=np.int64),
        times_us=np.array([row["time"] for row in rows], dtype=np.int64),
        steps=[row["step"] for row in rows],
        products=[row["product"] for row in rows],
        sources=[row["source"] for row in rows],
        has_value=[row["has_value"] for row in rows],
        visitors=[row["visitor"] for row in rows],
        traffic=[row["traffic"] for row in rows],
        traffic_rules=[row["traffic_rule"] for row in rows],
        kept=[row["kept"] for row in rows],
    )


def _statements(rows: list[Row], decision: Decision) -> tuple[list[tuple[str, dict[str, Any]]], tuple[int, int]]:
    """What has to be run so that the graph is as decided, in one transaction; and the two counts of `Changes`."""
    restore: list[str] = []
    aside: list[list[Any]] = []
    links: list[list[Any]] = []
    asides = restored = 0
    for row, kind, rule, same in zip(rows, decision.kinds, decision.rules, decision.same_as.tolist(), strict=True):
        stays = None if same < 0 else rows[same]["touchpoint_id"]
        if (kind, rule, stays) == (row["set_aside_as"], row["set_aside_by"], row["same_event_as"]):
            continue
        if row["set_aside_as"] is not None:
            restore.append(row["touchpoint_id"])
        if kind is not None:
            aside.append([row["touchpoint_id"], kind, rule])
        if stays is not None:
            links.append([row["touchpoint_id"], stays, abs(row["time"] - rows[same]["time"])])
        asides += kind is not None and row["set_aside_as"] is None
        restored += kind is None
    parts: list[tuple[str, list[Any]]] = [
        ("set_aside/restore", restore), ("set_aside/put_aside", aside), ("set_aside/link", links)
    ]  # fmt: skip
    return [(name, {"rows": part}) for name, part in parts if part], (asides, restored)
