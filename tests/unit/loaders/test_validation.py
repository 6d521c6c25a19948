"""A bad row is told by file, line, column, value and a sentence; a good one is stored as it was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.loaders.helpers import as_jsonl, read, write

HEADER = "customer_id,anonymous_id,step,occurred_at,value,currency,stage\n"


@pytest.mark.parametrize(
    ("row", "column", "value", "reason"),
    [
        ("c,,view,never,,,", "occurred_at", "never", "is not an instant"),
        ("c,,view,,,,", "occurred_at", None, "The occurred_at is missing."),
        ("c,,view,2026-01-01T00:00:00,,,", "occurred_at", "2026-01-01T00:00:00", "give --timezone Europe/Berlin"),
        ("c,,view,1969-12-31T23:59:59Z,,,", "occurred_at", "1969-12-31T23:59:59Z", "lies before 1970"),
        ("c,,view,2199-01-01T00:00:00Z,,,", "occurred_at", "2199-01-01T00:00:00Z", "more than a day in the future"),
        ("c,, ,2026-01-01T00:00:00Z,,,", "step", None, "The step is missing."),
        (",,view,2026-01-01T00:00:00Z,,,", "customer_id", None, "names nobody"),
        ("anonymous:x,,view,2026-01-01T00:00:00Z,,,", "customer_id", "anonymous:x", "kept for anonymous visitors"),
        ("c,,view,2026-01-01T00:00:00Z,1;5,,", "value", "1;5", "is not a number: one such as 12.50 is needed"),
        ("c,,view,2026-01-01T00:00:00Z,inf,,", "value", "inf", "is not a finite number"),
        ("c,,view,2026-01-01T00:00:00Z,1,Euro,", "currency", "EURO", "three letters such as EUR"),
        ("c,,view,2026-01-01T00:00:00Z,1,EUR,late", "stage", "late", "is not a stage: there are 'awareness'"),
        ("c,," + "x" * 600 + ",2026-01-01T00:00:00Z,,,", "step", "x" * 200, "is longer than 512 characters"),
    ],
)
def test_reasons(row: str, column: str, value: str | None, reason: str, tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", HEADER + row + "\n")
    found, bad, _ = read(path)
    assert not found
    assert (bad[0].file, bad[0].line, bad[0].column, bad[0].value) == (str(path), 2, column, value)
    assert reason in bad[0].reason


def test_hostile_text_is_kept_as_typed(tmp_path: Path) -> None:
    names = [
        "'\"><script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "[red]x[/red]",
        "\u202eevil",
        "a\u0000b",
        "Robert'); MATCH (n) DETACH DELETE n //",
    ]
    rows = [{"customer_id": name, "step": name, "occurred_at": 1767225600, "p": name} for name in names]
    found, bad, _ = read(write(tmp_path / "x.jsonl", as_jsonl(rows)))
    assert not bad
    assert [row.customer_id for row in found] == [row.step for row in found] == names
    assert [row.properties for row in found] == [{"p_p": name} for name in names]


def test_the_content_is_the_identity_of_a_row_without_id(tmp_path: Path) -> None:
    one = read(write(tmp_path / "a.csv", "step,customer_id,occurred_at\nview,c,2026-01-01T01:00:00+01:00\n"))[0][0]
    two = read(write(tmp_path / "b.jsonl", '{"occurred_at":1767225600000,"customer_id":"c","step":"view"}\n'))[0][0]
    other = read(write(tmp_path / "c.csv", "step,customer_id,occurred_at\nview,c,2026-01-01T00:00:01Z\n"))[0][0]
    assert one.touchpoint_id == two.touchpoint_id != other.touchpoint_id
    own = read(write(tmp_path / "d.csv", "touchpoint_id,step,customer_id,occurred_at\nmine,v,c,2026-01-01T00:00:00Z\n"))
    assert own[0][0].touchpoint_id == "mine"


def test_addresses_are_written_one_way(tmp_path: Path) -> None:
    text = "customer_id,step,occurred_at,email,phone\nc,view,1767225600, Anna@Example.COM ,+49 (40) 12-34\n"
    found, _, _ = read(write(tmp_path / "x.csv", text))
    assert (found[0].email, found[0].phone) == ("anna@example.com", "+49401234")
