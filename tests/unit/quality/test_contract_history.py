"""Contracts as they are written down: each version with its load, the difference of two, modes and departures."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeygraph.errors import InputError, NotFound, UsageError
from journeygraph.quality import contracts
from journeygraph_loaders.contracts import Contracts
from tests.unit.loaders.helpers import as_jsonl, read, write

ROW = {"customer_id": "c", "step": "view", "occurred_at": "2026-01-01T00:00:00Z", "size": 5}


def load(home: Path, batch_id: str, row: dict[str, object], mapping: str = "source: shop") -> int:
    """Hold one row against the contract of the shop; how many bad rows came of it."""
    held = Contracts(home)
    path = write(home / f"{batch_id}.jsonl", as_jsonl([row]))
    try:
        return len(read(path, mapping=mapping, contracts=held)[1])
    finally:
        held.save(batch_id)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    load(tmp_path, "b1", ROW, "source: shop\ncontract: evolve")
    load(tmp_path, "b2", {**ROW, "size": "five", "shade": "red"}, "source: shop\ncontract: evolve")
    return tmp_path


def test_the_difference_of_two_versions_names_columns_and_loads(home: Path) -> None:
    found = contracts.difference(home, "shop")
    assert [(one.column, one.before, one.after) for one in found.columns] == [
        ("shade", (), ("text",)),
        ("size", ("number",), ("number", "text")),
    ]
    assert [(one.version, one.batch_id, one.file) for one in found.loads] == [(2, "b2", "b2.jsonl")]
    whole = contracts.difference(home, "shop", since=0, until=1)
    assert [one.column for one in whole.columns] == ["customer_id", "occurred_at", "size", "step"]
    with pytest.raises(NotFound, match="no version 3: there are 1 to 2"):
        contracts.difference(home, "shop", until=3)


def test_a_mode_that_was_set_holds_where_the_mapping_says_nothing(home: Path) -> None:
    contracts.set_mode(home, "shop", "discard_row")
    wider = {**ROW, "colour": "blue"}
    assert load(home, "b3", wider) == 1
    assert load(home, "b4", wider, "source: shop\ncontract: discard_value") == 0
    contracts.set_mode(home, "shop", "freeze")
    with pytest.raises(InputError, match="frozen"):
        load(home, "b5", wider)
    contract = contracts.one(home, "shop")
    assert (contract.version, contract.mode) == (2, "freeze")
    assert [(gone.batch_id, gone.mode, gone.changes) for gone in contract.departures] == [
        (batch_id, mode, ["the column 'colour' (text) is new"])
        for batch_id, mode in (("b3", "discard_row"), ("b4", "discard_value"), ("b5", "freeze"))
    ]
    card = contracts.overview(home).contracts[0]
    assert (card.source, card.version, card.batch_id, card.departures) == ("shop", 2, "b2", 3)


def test_unknown_names_are_sentences(home: Path) -> None:
    with pytest.raises(UsageError, match="'frozen' is no mode of a contract; there are: evolve, freeze"):
        contracts.set_mode(home, "shop", "frozen")
    with pytest.raises(NotFound, match="no contract of a source 'shopp'"):
        contracts.one(home, "shopp")


def test_a_mode_for_a_source_that_there_is_not_is_refused_unless_it_is_new(home: Path) -> None:
    with pytest.raises(NotFound, match=r"no contract of a source 'shopp'\. Did you mean 'shop'\?"):
        contracts.set_mode(home, "shopp", "freeze")
    assert [one.source for one in contracts.every(home)] == ["shop"]
    assert contracts.set_mode(home, "shopp", "freeze", new=True).mode == "freeze"
    assert contracts.set_mode(home, "shopp", "evolve").mode == "evolve"
