"""Ranges and what fields say together; traffic that is no customer's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from journeygraph_loaders.cleaning.checks import Checks
from journeygraph_loaders.cleaning.rules import Check
from journeygraph_loaders.rows import Row
from tests.unit.loaders.helpers import as_csv, as_jsonl, read, write

BASE = {"customer_id": "anna", "step": "buy", "occurred_at": "2026-02-01T10:00:00Z"}


@pytest.mark.parametrize(
    ("check", "fields", "told"),
    [
        ("{field: value, at_least: 0, unless: {step: refund}}", {"value": -5},
         "The value '-5.0' is not allowed: it has to be at least 0, unless step is refund."),
        ("{field: value, at_least: 0, unless: {step: refund}}", {"value": -5, "step": "refund"}, None),
        ("{field: value, at_least: 0}", {}, None),
        ("{field: value, required: true, when: {step: [buy, pay]}}", {},
         "The value is missing, when step is buy or pay."),
        ("{field: delivered, at_least: {field: ordered}}", {"ordered": "2026-02-02", "delivered": "2026-02-01"},
         "it has to be at least ordered, which is '2026-02-02'"),
        ("{field: delivered, at_least: {field: ordered}}",
         {"ordered": "2026-02-01T09:00:00+01:00", "delivered": "2026-02-01"}, None),
        ("{field: delivered, at_least: {field: occurred_at}}", {"delivered": "2026-01-31"}, "at least occurred_at"),
        ("{field: delivered, at_least: {field: occurred_at}}", {"delivered": "2026-02-01"}, None),
        ("{field: delivered, at_least: '2026-01-01'}", {"delivered": "2025-12-31"}, "at least 2026-01-01"),
        ("{field: qty, above: 0, at_most: 10}", {"qty": "11"}, "above 0 and at most 10"),
        ("{field: qty, above: 0}", {"qty": "many"}, "The qty 'many' is not allowed: it has to be above 0"),
        ("{field: size, one_of: [s, m]}", {"size": "l"}, "one of s, m"),
        ("{field: code, matches: '^[A-Z]+$', name: codes}", {"code": "a1"}, "of the form ^[A-Z]+$ (check 'codes')"),
        ("{field: paid, at_most: {field: price}}", {"paid": "9", "price": "10"}, None),
    ],
)  # fmt: skip
def test_a_check(check: str, fields: dict[str, Any], told: str | None, tmp_path: Path) -> None:
    rows, bad, _ = read(write(tmp_path / "x.csv", as_csv([{**BASE, **fields}])), mapping=f"checks: [{check}]")
    assert (len(rows), len(bad)) == ((1, 0) if told is None else (0, 1))
    if told is not None:
        assert told in bad[0].reason
        assert bad[0].line == 2


def row_of(value: float | None, step: str) -> Row:
    known = {"step": step, "value": value, "occurred_at_us": 0}
    return Row(**{name: known.get(name) for name in Row._fields})  # type: ignore[arg-type]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.none() | st.integers(-3, 3).map(float), st.sampled_from(["buy", "refund"])), max_size=20))
def test_every_row_is_judged_alone(pairs: list[tuple[float | None, str]]) -> None:
    checks = Checks([
        Check(field="value", at_least=0, unless={"step": ("refund",)}), Check(field="value", below=3)
    ])  # fmt: skip
    found = {failure.row for failure in checks.failures([row_of(*pair) for pair in pairs])}
    wrong = {
        place
        for place, (value, step) in enumerate(pairs)
        if value is not None and ((value < 0 and step != "refund") or value >= 3)
    }
    assert found == wrong


def test_traffic_is_marked_or_discarded(tmp_path: Path) -> None:
    mapping = """
    drop: [User-Agent]
    traffic:
      - {name: crawlers, kind: bot, column: User-Agent, matches: "bot|crawl"}
      - {name: test addresses, kind: test, field: email, matches: "@example\\\\.com$", then: discard}
      - {name: our people, kind: internal, field: customer_id, one_of: [7]}
    """
    rows = [
        {**BASE, "User-Agent": "Mozilla"}, {**BASE, "User-Agent": "GoogleBot/2.1"},
        {**BASE, "email": "x@example.com"}, {**BASE, "customer_id": 7},
    ]  # fmt: skip
    found, bad, _ = read(write(tmp_path / "x.jsonl", as_jsonl(rows)), mapping=mapping)
    assert [row.properties for row in found] == [
        None, {"traffic": "bot", "traffic_rule": "crawlers"}, {"traffic": "internal", "traffic_rule": "our people"},
    ]  # fmt: skip
    told = "is test traffic by the rule 'test addresses', which discards such rows"
    assert [(row.column, row.value, told in row.reason) for row in bad] == [("email", "x@example.com", True)]


def test_a_limit_is_a_number_a_date_or_a_field() -> None:
    for good in (0, "0", "2026-01-31", {"field": "ordered"}):
        assert Check.model_validate({"field": "value", "at_least": good}).at_least is not None
    with pytest.raises(ValidationError, match="'abc' is no limit"):
        Check.model_validate({"field": "value", "at_least": "abc"})
