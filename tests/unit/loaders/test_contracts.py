"""Schema contracts: learnt by the first load, held against the next, each way of holding them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from journeygraph.errors import InputError
from journeygraph_loaders.contracts import Contract, Contracts
from journeygraph_loaders.rows import Row
from tests.unit.loaders.helpers import FORMATS, as_csv, as_jsonl, read, write

ROW = {"customer_id": "c", "step": "view", "occurred_at": "2026-01-01T00:00:00Z", "size": 5}
WIDER = [{**ROW, "customer_id": "d"}, {**ROW, "customer_id": "e", "shade": "red"}, {**ROW, "size": "five"}]


def load(home: Path, rows: list[dict[str, Any]], mode: str) -> tuple[list[Row], list[Any], list[str]]:
    """(good rows, bad rows, what changed) of a load of a source named shop."""
    contracts = Contracts(home)
    good, bad, _ = read(
        write(home / "rows.jsonl", as_jsonl(rows)), mapping=f"source: shop\ncontract: {mode}", contracts=contracts
    )
    return good, bad, contracts.save()


def contract(home: Path) -> Contract:
    """The contract of the source as it is written down."""
    return Contract.model_validate_json((home / "contracts" / "shop.json").read_text())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assert load(tmp_path, [ROW], "freeze")[2] == []  # the first load is what the contract is made of
    return tmp_path


def test_the_first_load_makes_the_contract(home: Path) -> None:
    assert (contract(home).version, contract(home).columns["size"]) == (1, ["number"])
    assert load(home, [ROW], "freeze")[2] == []
    assert contract(home).version == 1


def test_evolve_takes_what_is_new_and_says_so(home: Path) -> None:
    good, bad, changes = load(home, WIDER, "evolve")
    assert (len(good), len(bad)) == (3, 0)
    assert changes == [
        "The source shop changed: the column 'size' is now text too, and was number.",
        "The source shop changed: the column 'shade' (text) is new.",
    ]
    found = contract(home)
    assert (found.version, found.columns["size"], found.columns["shade"]) == (2, ["number", "text"], ["text"])
    assert found.history[1].changes[1] == "the column 'shade' (text) is new"
    assert load(home, WIDER, "freeze")[2] == []


def test_freeze_refuses_the_load(home: Path) -> None:
    with pytest.raises(InputError, match=r"the contract of shop \(version 1\) is frozen"):
        load(home, WIDER, "freeze")
    assert contract(home).version == 1


def test_discard_row_quarantines_the_rows_that_are_new(home: Path) -> None:
    good, bad, changes = load(home, WIDER, "discard_row")
    assert [row.customer_id for row in good] == ["d"]
    assert [(row.line, row.column, row.value) for row in bad] == [(2, "shade", "red"), (3, "size", "five")]
    assert bad[0].reason == "The column 'shade' (text) is new: the contract of shop (version 1) discards such rows."
    assert len(changes) == 2
    assert contract(home).version == 1


def test_discard_value_keeps_the_rows(home: Path) -> None:
    good, bad, changes = load(home, WIDER, "discard_value")
    assert not bad
    assert [row.properties for row in good] == [{"p_size": 5}, {"p_size": 5}, None]
    assert len(changes) == 2


def test_a_table_without_a_contract_has_none(tmp_path: Path) -> None:
    contracts = Contracts(tmp_path)
    read(write(tmp_path / "x.csv", as_csv([ROW])), mapping="source: shop", contracts=contracts)
    contracts.save()
    assert not (tmp_path / "contracts").exists()


def test_a_source_that_is_recognised_has_one(tmp_path: Path) -> None:
    call = {"type": "track", "event": "a", "messageId": "1", "userId": "u", "timestamp": "2026-01-01T00:00:00Z"}
    for properties in ({}, {"colour": "red"}):
        contracts = Contracts(tmp_path)
        read(write(tmp_path / "x", json.dumps({**call, "properties": properties})), contracts=contracts)
        changes = contracts.save()
    assert changes == ["The source segment changed: the column 'properties.colour' (text) is new."]
    written = Contract.model_validate_json((tmp_path / "contracts" / "segment.json").read_text())
    assert [version.version for version in written.history] == [1, 2]


def test_a_contract_that_cannot_be_read_is_named(home: Path) -> None:
    (home / "contracts" / "shop.json").write_text("{")
    with pytest.raises(InputError, match="Remove it to begin anew"):
        load(home, [ROW], "evolve")


TABLE = {"customer_id": "c", "step": "view", "occurred_at": "2026-01-01T00:00:00Z", "size": 5, "shade": "red"}


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in TABLE.items() if name not in names}


def load_tables(home: Path, mode: str, *tables: dict[str, Any], form: str = "csv") -> tuple[int, list[str]]:
    """(good rows, what changed) of a load of tables with one row each."""
    contracts = Contracts(home)
    paths = [write(home / f"{place}.{form}", FORMATS[form]([row])) for place, row in enumerate(tables)]
    try:
        good, _, _ = read(*paths, mapping=f"source: shop\ncontract: {mode}", contracts=contracts)
    finally:
        changes = contracts.save()
    return len(good), changes


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("mode", ["evolve", "discard_row", "discard_value"])
def test_a_column_that_a_table_lacks_is_told(mode: str, form: str, tmp_path: Path) -> None:
    assert load_tables(tmp_path, mode, TABLE, form=form) == (1, [])
    told = ["The source shop changed: the columns 'shade', 'size' are missing."]
    assert load_tables(tmp_path, mode, without("shade", "size"), form=form) == (1, told)
    assert contract(tmp_path).version == (2 if mode == "evolve" else 1)
    # What evolves is told once; a contract that doesn't stays as it was.
    assert load_tables(tmp_path, mode, without("shade", "size"), form=form)[1] == ([] if mode == "evolve" else told)
    assert load_tables(tmp_path, mode, TABLE, form=form) == (1, [])


def test_freeze_refuses_a_table_that_lacks_a_column(tmp_path: Path) -> None:
    load_tables(tmp_path, "freeze", TABLE)
    with pytest.raises(InputError, match=r"0\.csv is refused: the column 'size' is missing, and the contract of shop"):
        load_tables(tmp_path, "freeze", without("size"))
    assert contract(tmp_path).departures[0].changes == ["the column 'size' is missing"]
    assert load_tables(tmp_path, "freeze", TABLE) == (1, [])


def test_tables_of_the_first_load_stay_as_they_are(tmp_path: Path) -> None:
    load_tables(tmp_path, "freeze", TABLE, without("size"))
    assert load_tables(tmp_path, "freeze", without("size")) == (1, [])
    other = {**without("size", "shade"), "sent": "a", "opened": "b", "list": "c", "link": "d"}
    assert not any("missing" in change for change in load_tables(tmp_path, "evolve", other)[1])
    assert load_tables(tmp_path, "evolve", TABLE, other) == (2, [])


def test_rows_of_json_may_have_fewer_columns(tmp_path: Path) -> None:
    load_tables(tmp_path, "freeze", TABLE, form="jsonl")
    assert load_tables(tmp_path, "freeze", without("size"), form="jsonl") == (1, [])
    assert load_tables(tmp_path, "freeze", without("size"), form="csv") == (1, [])
    assert contract(tmp_path).headers == [sorted(without("size"))]
