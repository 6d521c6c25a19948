"""The graph as item sequences: the products, or the steps, of its journeys in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

import numpy as np

from journeygraph.graph import Graph, Row
from journeygraph.journeys import configuration
from journeygraph.journeys.table import JourneyTable, read_table
from journeygraph.recommend.sequences import Codes, Sequences, from_columns
from journeygraph.recommend.strategies import learn
from journeygraph.recommend.strategies.base import Strategy

Kind = Literal["product", "touchpoint"]


@dataclass(frozen=True)
class Projection:
    """Sequences of journeys, whose they are, and which items each customer already bought.

    `owners` are the customers of the sequences, in the sequences' order: that of their beginnings.
    """

    kind: Kind
    sequences: Sequences
    owners: list[str]
    bought: Mapping[str, set[str]]
    _learned: dict[str, Strategy] = field(default_factory=dict, repr=False)

    @cached_property
    def _of_customer(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for sequence, owner in enumerate(self.owners):
            found.setdefault(owner, []).append(sequence)
        return found

    def history(self, customer_id: str) -> Codes:
        """All items of a customer, journey after journey; empty for one without any."""
        offsets, codes = self.sequences.offsets, self.sequences.codes
        parts = [codes[offsets[s] : offsets[s + 1]] for s in self._of_customer.get(customer_id, [])]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    def strategy(self, name: str) -> Strategy:
        """The strategy of that name, learned once."""
        if name not in self._learned:
            self._learned[name] = learn(name, self.sequences)
        return self._learned[name]


def of_steps(table: JourneyTable) -> Projection:
    """The steps of a table's journeys."""
    begins = table.occurred_at_us[table.offsets[:-1]]
    order = np.argsort(begins, kind="stable")
    codes = [table.step_codes[table.offsets[p] : table.offsets[p + 1]] for p in order]
    offsets = np.concatenate([[0], np.cumsum(table.lengths[order])])
    owners = [table.customer_ids[int(table.customers[p])] for p in order]
    joined = np.concatenate(codes) if codes else np.zeros(0, dtype=np.int64)
    return Projection("touchpoint", from_columns(table.steps, offsets, joined), owners, {})


def of_products(rows: list[Row], goals: tuple[str, ...]) -> Projection:
    """The products of rows of `recommendations/products`."""
    ordered = sorted((_in_order(row) for row in rows), key=lambda row: (row["occurred_at_us"][0], row["id"]))
    bought: dict[str, set[str]] = {}
    for row in ordered:
        for product, step in zip(row["products"], row["steps"], strict=True):
            if step in goals:
                bought.setdefault(row["customer_id"], set()).add(product)
    sequences = Sequences.from_lists(row["products"] for row in ordered)
    return Projection("product", sequences, [row["customer_id"] for row in ordered], bought)


def read(graph: Graph, kind: Kind, as_of: datetime | None = None) -> Projection:
    """The projection of a graph, as of an instant where one is given: a scan of its journeys."""
    if kind == "touchpoint":
        return of_steps(read_table(graph, as_of=as_of))
    goals = configuration.read_rules(graph).goals
    return of_products(list(graph.stream("recommendations/products", as_of=as_of)), goals)


def _in_order(row: Row) -> Row:
    """The row with its lists in the order of (instant, touchpoint id)."""
    columns = ("occurred_at_us", "touchpoint_ids", "products", "steps")
    sorted_columns = zip(*sorted(zip(*(row[column] for column in columns), strict=True)), strict=True)
    return {**row, **{name: list(values) for name, values in zip(columns, sorted_columns, strict=True)}}
