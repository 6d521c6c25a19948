"""Pages of a table: only what is new, whatever was committed late, nothing twice, and no secret in a sentence."""

from __future__ import annotations

import json
import random
import sqlite3
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.errors import InputError, UsageError
from journeygraph_loaders.pull import sql
from journeygraph_loaders.pull.declared import Sql
from journeygraph_loaders.pull.sql import DatabaseUnavailable
from journeygraph_loaders.pull.state import packed, unpacked


def database(path: Path, rows: list[tuple[Any, ...]]) -> Sql:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE events (id INTEGER, who TEXT, note TEXT)")
        connection.executemany("INSERT INTO events VALUES (?, ?, ?)", rows)
    connection.close()
    return Sql(url=f"sqlite:///{path}", table="events", cursor="id")


def insert(path: Path, *rows: tuple[Any, ...]) -> None:
    with sqlite3.connect(path) as connection:
        connection.executemany("INSERT INTO events VALUES (?, ?, ?)", rows)
    connection.close()


def taken(declared: Sql, state: dict[str, Any], size: int = 2, pages: int = 1_000) -> tuple[list[Any], dict[str, Any]]:
    """(records, the state to keep) of some pages; the state as it comes back from a file."""
    records: list[Any] = []
    for number, page in enumerate(sql.pages(declared, state, size)):
        if number == pages:
            break
        assert page.first == len(records) + 1
        assert len(page.records) <= size
        records += page.records
        state = json.loads(json.dumps(page.state))
    return records, state


def test_only_what_is_new_and_rows_with_the_last_value_that_came_since(tmp_path: Path) -> None:
    declared = database(tmp_path / "x.db", [(1, "a", ""), (2, "b", ""), (2, "c", "")])
    first, state = taken(declared, {})
    assert [row["who"] for row in first] == ["a", "b", "c"]
    assert taken(declared, state)[0] == []
    insert(tmp_path / "x.db", (2, "d", "late, the same value"), (3, "e", ""))
    second, state = taken(declared, state)
    assert [row["who"] for row in second] == ["d", "e"]
    assert taken(declared, state)[0] == []


@settings(max_examples=40)
@given(st.lists(st.integers(0, 5), max_size=12), st.integers(1, 4), st.randoms(use_true_random=False))
def test_ended_after_any_page_nothing_is_lost_nor_read_twice(
    tmp_path_factory: pytest.TempPathFactory, values: list[int], size: int, mixed: random.Random
) -> None:
    rows = [(value, f"w{number}", "") for number, value in enumerate(values)]
    declared = database(tmp_path_factory.mktemp("db") / "x.db", rows)
    state: dict[str, Any] = {}
    found: list[Any] = []
    for _ in range(len(rows) + 1):
        some, state = taken(declared, state, size, pages=mixed.randint(1, 3))
        found += some
    assert sorted(row["who"] for row in found) == sorted(row[1] for row in rows)


def test_an_overlap_reads_back_what_was_committed_late(tmp_path: Path) -> None:
    declared = database(tmp_path / "x.db", [(100, "a", ""), (200, "b", "")])
    _, state = taken(declared, {})
    insert(tmp_path / "x.db", (190, "late", ""))
    assert taken(declared, state)[0] == []
    wide = declared.model_copy(update={"overlap": 60.0})
    found, state = taken(wide, state)
    assert [row["who"] for row in found] == ["late"]
    assert unpacked(state["cursor"]) == 200


def test_rows_without_a_cursor_value_are_counted(tmp_path: Path) -> None:
    declared = database(tmp_path / "x.db", [(1, "a", ""), (None, "b", "")])
    assert [row["who"] for row in taken(declared, {})[0]] == ["a"]
    assert sql.without_cursor(declared) == 1


def test_a_query_keeps_its_colons_and_comments(tmp_path: Path) -> None:
    database(tmp_path / "x.db", [(1, "a:b", "12:30"), (2, "c", "")])
    query = "SELECT id, who, note FROM events WHERE note <> ':x' AND who LIKE 'a:%' -- only these;"
    declared = Sql(url=f"sqlite:///{tmp_path / 'x.db'}", query=query, cursor="id")
    found, state = taken(declared, {})
    assert [row["who"] for row in found] == ["a:b"]
    assert taken(declared, state)[0] == []


@pytest.mark.parametrize(
    "value", [7, 1.5, "x", Decimal("1.10"), datetime(2026, 1, 31, 12, tzinfo=UTC), b"\x00\xff"], ids=repr
)
def test_a_cursor_comes_back_as_it_was(value: Any) -> None:
    assert unpacked(json.loads(json.dumps(packed(value)))) == value


@pytest.fixture
def shop(tmp_path: Path) -> Sql:
    return database(tmp_path / "x.db", [(1, "a", "")])


@pytest.mark.parametrize(
    ("change", "kind", "sentence"),
    [
        ({"table": "orders"}, InputError, "orders of sqlite .* cannot be read: no such table"),
        ({"cursor": "updated"}, InputError, "no such column: updated"),
        ({"table": None, "query": "SELEKT 1"}, InputError, "syntax error"),
        ({"url": "sqlite:////nowhere/x.db"}, InputError, "no SQLite database /nowhere/x.db"),
        ({"url": "sqlite:///"}, InputError, "no such table: events"),
        ({"url": "postgresql+pg8000://me:hunter2@127.0.0.1:1/shop"}, DatabaseUnavailable, "postgresql 127.0.0.1/shop"),
        ({"url": "hunter2"}, UsageError, "url cannot be read"),
        ({"url": "nothing://me:hunter2@host/x"}, UsageError, "driver of nothing is not installed"),
    ],
)
def test_what_cannot_be_read_is_a_sentence_without_the_password(
    shop: Sql, change: dict[str, Any], kind: type[Exception], sentence: str
) -> None:
    declared = shop.model_copy(update=change)
    with pytest.raises(kind, match=sentence) as caught:
        taken(declared, {})
    assert "hunter2" not in str(caught.value)


def test_a_file_that_does_not_exist_is_not_made(tmp_path: Path) -> None:
    missing = tmp_path / "mistyped.db"
    for cursor in ("id", None):
        declared = Sql(url=f"sqlite:///{missing}", table="events", cursor=cursor)
        with pytest.raises(InputError, match="There is no SQLite database"):
            taken(declared, {})
    assert not missing.exists()
