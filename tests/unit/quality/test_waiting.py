"""Rows in quarantine: counted, dropped, and accounted for load by load, whatever happens to them."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.errors import NotFound, UsageError
from journeygraph.privacy import audit
from journeygraph.quality import waiting
from journeygraph.quality.waiting import Account, Which
from journeygraph_loaders.chunks import BadRow
from journeygraph_loaders.quarantine import Quarantine


def bad(number: int, file: str = "till.csv", column: str = "value", **fields: str) -> BadRow:
    """A bad row; equal ones say the same."""
    raw = {"id": str(number), "value": "x", **fields}
    return BadRow(file, number, column, "x", f"The {column} 'x{number}' is not a number.", raw)


def load(home: Path, batch: str, *rows: BadRow, whole: tuple[str, ...] = ()) -> None:
    """One load that met these rows, and read these files to their end."""
    with Quarantine(home, batch) as quarantine:
        quarantine.add(rows)
        quarantine.read_whole(whole)


def test_rows_are_counted_by_file_column_kind_of_reason_and_state(tmp_path: Path) -> None:
    load(tmp_path, "b1", bad(1), bad(2), bad(3, "web.csv", "step"), whole=("till.csv", "web.csv"))
    load(tmp_path, "b2", bad(2), whole=("till.csv",))
    found = [(one.file, one.column, one.reason, one.state, one.rows) for one in waiting.counts(tmp_path)]
    assert found == [
        ("till.csv", "value", "The value … is not a number.", "outdated", 1),
        ("till.csv", "value", "The value … is not a number.", "waiting", 1),
        ("web.csv", "step", "The step … is not a number.", "waiting", 1),
    ]
    assert [entry.line for entry in waiting.entries(tmp_path, Which(state="outdated"))] == [1]
    assert waiting.total(tmp_path, Which(file="t*l.csv")) == 2
    assert waiting.total(tmp_path, Which(reason="STEP 'X3'")) == 1
    assert waiting.one(tmp_path, 3).raw == {"id": "3", "value": "x"}
    with pytest.raises(NotFound, match="No row 9 waits"):
        waiting.one(tmp_path, 9)


def test_what_is_dropped_is_gone_but_accounted_for_and_does_not_wait_again(tmp_path: Path) -> None:
    secret = "very-secret-name"
    load(tmp_path, "b1", bad(1, who=secret), bad(2), bad(2))
    assert waiting.drop(tmp_path, Which(ids=(1,)), "test data", dry_run=True).done is False
    dropped = waiting.drop(tmp_path, Which(ids=(1,)), "  test\n data ", actor="ops")
    assert (dropped.rows, dropped.left, dropped.because, dropped.done) == (1, 2, "test data", True)
    kept = [path.read_bytes() for path in (tmp_path / "quarantine").iterdir()]
    assert not any(secret.encode() in content for content in kept)
    (told,) = waiting.history(tmp_path)
    assert (told.id, told.line, told.outcome, told.because, told.by) == (1, 1, "dropped", "test data", "ops")
    assert "quarantine: 1 rows dropped" in [entry.action for entry in audit.entries(tmp_path)]
    load(tmp_path, "b2", bad(1, who=secret), bad(2), bad(2), bad(5))
    assert [entry.id for entry in waiting.entries(tmp_path)] == [2, 3, 4]
    accounts, since = waiting.account(tmp_path)
    assert since == ""
    assert accounts == {"b1": Account(waiting=2, dropped=1), "b2": Account(waiting=3, dropped=1)}


def test_a_drop_says_which_rows_and_why(tmp_path: Path) -> None:
    assert waiting.drop(tmp_path, Which(file="x"), "why").rows == 0
    load(tmp_path, "b1", bad(1))
    for which, because, everything in (
        (Which(), "why", False), (Which(ids=(1,)), "why", True), (Which(ids=(1,)), " ", False),
        (Which(ids=(1,)), "x" * 501, False),
    ):  # fmt: skip
        with pytest.raises(UsageError):
            waiting.drop(tmp_path, which, because, everything=everything)
    with pytest.raises(NotFound, match="No row 7, 8 waits"):
        waiting.drop(tmp_path, Which(ids=(1, 7, 8)), "why")
    assert waiting.total(tmp_path) == 1


def test_a_file_of_a_former_version_goes_on(tmp_path: Path) -> None:
    load(tmp_path, "b1", bad(1))
    path = tmp_path / "quarantine" / "bad_rows.sqlite"
    with sqlite3.connect(path) as database:
        for table in ("sighting", "settled", "whole_reading", "kept_since", "place"):
            database.execute(f"DROP TABLE {table}")
    load(tmp_path, "b2", bad(1), bad(2))
    accounts, since = waiting.account(tmp_path)
    assert since
    assert accounts == {"b1": Account(waiting=1), "b2": Account(waiting=2)}


def test_a_file_of_the_version_before_places_goes_on(tmp_path: Path) -> None:
    load(tmp_path, "b1", bad(1))
    with sqlite3.connect(tmp_path / "quarantine" / "bad_rows.sqlite") as database:
        database.execute("DROP TRIGGER places_go_too")
        database.execute("DROP TABLE place")
    [found] = waiting.entries(tmp_path, Which(file=bad(1).file))
    assert (found.state, found.also_in) == ("waiting", ())
    waiting.drop(tmp_path, Which(ids=(found.id,)), "why")
    assert waiting.account(tmp_path)[0] == {"b1": Account(dropped=1)}


def test_a_row_in_two_files_is_found_by_both_and_waits_until_both_are_mended(tmp_path: Path) -> None:
    berlin, hamburg = bad(1, "berlin.csv"), replace(bad(1, "hamburg.csv"), line=2)
    load(tmp_path, "b1", berlin, whole=("berlin.csv",))
    load(tmp_path, "b2", hamburg, whole=("hamburg.csv",))
    for pattern in ("berlin*", "hamburg*", None):
        [found] = waiting.entries(tmp_path, Which(file=pattern))
        assert (found.file, found.line, found.also_in, found.seen) == ("hamburg.csv", 2, ("berlin.csv, line 1",), 2)
    load(tmp_path, "b3", whole=("berlin.csv",))
    assert [found.state for found in waiting.entries(tmp_path)] == ["waiting"]
    load(tmp_path, "b4", whole=("hamburg.csv",))
    assert [found.state for found in waiting.entries(tmp_path)] == ["outdated"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["load", "drop", "replay"]), st.lists(st.integers(1, 4), max_size=5))))
def test_every_row_of_every_load_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, happened: list[tuple[str, list[int]]]
) -> None:
    home = tmp_path_factory.mktemp("home")
    put: dict[str, int] = {}
    for number, (what, rows) in enumerate(happened):
        ids = [entry.id for entry in waiting.entries(home) if entry.line in rows]
        if what == "load" and rows:
            load(home, f"b{number}", *(bad(row) for row in rows))
            put[f"b{number}"] = len(rows)
        elif what == "drop" and ids:
            waiting.drop(home, Which(ids=tuple(ids)), "why")
        elif what == "replay":
            with Quarantine(home, f"r{number}") as quarantine:
                quarantine.replayed(ids)
    accounts, _ = waiting.account(home)
    assert {batch: account.rows for batch, account in accounts.items()} == put
    assert sum(account.erased for account in accounts.values()) == 0
    assert sum(waiting.settled(home).values()) == len(waiting.history(home))
