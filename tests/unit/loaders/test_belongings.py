"""Households, accounts and orders of a row: one or several, the same from any format, and no fault goes unseen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from journeygraph.errors import InputError
from journeygraph.schema import Touchpoint
from journeygraph_loaders.rows import from_touchpoint
from tests.unit.loaders.helpers import as_csv, as_jsonl, as_parquet, read, write

ROW = {"customer_id": "anna", "step": "view", "occurred_at": "2026-01-31T12:00:00Z"}
BOTH = (("account", "acme"), ("order", "o1"), ("order", "o2"))


def test_any_format_says_the_same(tmp_path: Path) -> None:
    listed = [{**ROW, "account_id": "acme", "order_id": ["o2", "o1", "o2"], "household_id": None}]
    separated = [{**ROW, "account_id": " acme ", "order_id": "o2| o1 |", "household_id": ""}]
    files = [as_jsonl(listed), as_parquet(listed), as_csv(separated), as_jsonl(separated)]
    found = [read(write(tmp_path / str(place), content))[0] for place, content in enumerate(files)]
    assert {row.belongs_to for rows in found for row in rows} == {BOTH}
    assert len({row.touchpoint_id for rows in found for row in rows}) == 1
    assert all(row.properties is None for rows in found for row in rows)


def test_they_are_part_of_a_rows_identity_only_where_there_are_any(tmp_path: Path) -> None:
    # The id that this row had before there were households, accounts and orders.
    plain = {**ROW, "value": "1.5", "colour": "red"}
    rows = [plain, {**plain, "order_id": ""}, {**plain, "order_id": "o1"}, {**plain, "account_id": "o1"}]
    ids = [read(write(tmp_path / f"{place}.csv", as_csv([row])))[0][0].touchpoint_id for place, row in enumerate(rows)]
    assert ids[:2] == ["1da507eceea8fedc911ec9599a313c54"] * 2
    assert len(set(ids)) == 3


def test_a_mapping_names_columns_separators_prefixes_and_values(tmp_path: Path) -> None:
    mapping = """columns:
  order_id: {column: orders, separator: ",", prefix: "shop-", normalise: integer}
  account_id: {column: firm, separator: null, values: {"a|b": "ab"}}"""
    file = write(
        tmp_path / "x.jsonl", as_jsonl([{**ROW, "orders": [7, 8.0], "firm": "a|b"}, {**ROW, "orders": "7.0,9"}])
    )
    rows, bad, _ = read(file, mapping=mapping)
    assert not bad
    assert [row.belongs_to for row in rows] == [
        (("account", "ab"), ("order", "shop-7"), ("order", "shop-8")),
        (("order", "shop-7"), ("order", "shop-9")),
    ]
    with pytest.raises(InputError, match="only household_id, account_id, order_id can have a separator"):
        read(file, mapping='columns: {step: {column: step, separator: ","}}')


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (["o1", True], "The order_id 'true' is neither text nor a number"),
        ([["o1"]], "is neither text nor a number"),
        ({"id": "o1"}, None),  # its parts are columns of their own, order_id.id
        ("o1|o\x072", "holds a control character"),
        (["o1", "x" * 600], "is longer than 512 characters"),
    ],
)
def test_what_is_no_id_goes_to_quarantine(tmp_path: Path, value: Any, sentence: str | None) -> None:
    file = write(tmp_path / "x.jsonl", as_jsonl([{**ROW, "order_id": value}, {**ROW, "order_id": "o9"}]))
    rows, bad, _ = read(file)
    assert [one.line for one in bad] == ([] if sentence is None else [1])
    assert sentence is None or sentence in bad[0].reason
    assert rows[-1].belongs_to == (("order", "o9"),)


def test_households_are_the_customers_where_nobody_else_is_named(tmp_path: Path) -> None:
    row = {"household_id": "h1", "step": "view", "occurred_at": "2026-01-31T12:00:00Z"}
    alone, _, said = read(write(tmp_path / "a.csv", as_csv([row])))
    assert (alone[0].customer_id, alone[0].belongs_to) == ("h1", None)
    assert any("household_id" in sentence for sentence in said)
    for who in ("customer_id", "user_id"):
        beside, _, _ = read(write(tmp_path / f"{who}.csv", as_csv([{**row, who: "anna"}])))
        assert (beside[0].customer_id, beside[0].belongs_to) == ("anna", (("household", "h1"),))
    visitor, _, _ = read(write(tmp_path / "v.csv", as_csv([{**row, "anonymous_id": "x"}])))
    assert (visitor[0].customer_id, visitor[0].belongs_to) == ("anonymous:x", (("household", "h1"),))


def test_a_validated_touchpoint_says_the_same() -> None:
    given = {
        **ROW,
        "touchpoint_id": "t1",
        "channel": "web",
        "source": "shop",
        "account_id": "acme",
        "order_id": ["o2", "o1"],
    }
    touchpoint = Touchpoint.model_validate(given)
    assert from_touchpoint(touchpoint).belongs_to == BOTH
    assert from_touchpoint(touchpoint.model_copy(update={"account_id": (), "order_id": ()})).belongs_to is None
