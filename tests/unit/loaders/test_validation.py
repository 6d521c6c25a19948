"""A bad row is told by file, line, column, value and a sentence; a good one is stored as it was meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from journeygraph.errors import InputError
from journeygraph.schema import LARGEST_VALUE
from journeygraph_api.routers.intent import SessionTouchpoint
from tests.unit.loaders.helpers import FORMATS, as_jsonl, read, write

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
        ("c,,view,2026-01-01T00:00:00Z,1e308,,", "value", "1e308", "The value '1e308' is out of range: -1,000"),
        ("c,,view,2026-01-01T00:00:00Z,-1000000000001,,", "value", "-1000000000001", "to 1,000,000,000,000 is allowed"),
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
        "Robert'); MATCH (n) DETACH DELETE n //",
    ]
    rows = [{"customer_id": name, "step": name, "occurred_at": 1767225600, "p": name} for name in names]
    found, bad, _ = read(write(tmp_path / "x.jsonl", as_jsonl(rows)))
    assert not bad
    assert [row.customer_id for row in found] == [row.step for row in found] == names
    assert [row.properties for row in found] == [{"p_p": name} for name in names]


@pytest.mark.parametrize("letter", ["\u0000", "\t", "\n", "\u001f", "\u007f", "\u0085"])
@pytest.mark.parametrize("name", ["customer_id", "anonymous_id", "step", "channel", "source", "session_id"])
def test_a_control_character_in_a_name(name: str, letter: str, tmp_path: Path) -> None:
    row = {"customer_id": "c", "step": "v", "occurred_at": 1767225600, name: f"a{letter}b"}
    good = {"customer_id": "c", "step": "v", "occurred_at": 1767225600, "note": f"a{letter}b"}
    found, bad, _ = read(write(tmp_path / "x.jsonl", as_jsonl([row, good])))
    assert [one.properties for one in found] == [{"p_note": f"a{letter}b"}]
    assert [one.column for one in bad] == [name]
    assert bad[0].reason.startswith(f"The {name} {f'a{letter}b'!r} holds a control character such as NUL, a tab")
    assert bad[0].value is not None
    assert bad[0].value.isprintable() or letter > "\u001f"


@pytest.mark.parametrize("value", [True, False, ["anna"], []])
@pytest.mark.parametrize("name", ["customer_id", "step", "touchpoint_id"])
def test_a_name_is_text_or_a_number(name: str, value: object, tmp_path: Path) -> None:
    rows = [{"customer_id": 7, "step": "v", "occurred_at": 1767225600 + n, "touchpoint_id": n} for n in range(2)]
    found, bad, _ = read(write(tmp_path / "x.jsonl", as_jsonl([rows[0], {**rows[1], name: value}])))
    assert [(row.customer_id, row.touchpoint_id) for row in found] == [("7", "0")]
    assert "is neither text nor a number" in bad[0].reason
    assert (bad[0].line, bad[0].column) == (2, name)


def test_an_object_where_a_name_belongs(tmp_path: Path) -> None:
    nested = {"customer_id": {"id": 7, "since": 2020}, "step": "v", "occurred_at": 1767225600}
    hint = "(customer_id is an object: a mapping can take a part of it, as in `columns: {customer_id: customer_id.id}`)"
    path = write(tmp_path / "x.jsonl", as_jsonl([{**nested, "customer_id": 8}, nested]))
    _, bad, _ = read(path)
    assert bad[0].reason == f"The row has no customer_id or anonymous_id {hint}."
    with pytest.raises(InputError) as caught:
        read(write(tmp_path / "y.jsonl", as_jsonl([nested])))
    assert hint in str(caught.value)
    found, _, _ = read(tmp_path / "y.jsonl", mapping="columns: {customer_id: customer_id.id}")
    assert found[0].customer_id == "7"


def test_a_broken_line_says_where_in_the_line(tmp_path: Path) -> None:
    good = as_jsonl([{"customer_id": "c", "step": "v", "occurred_at": 1767225600}])
    lines = [b'{"customer_id": \n', b'{"a" 1}\r\n', b'{"a": "J\xfcrgen"}\n', b"[1]\n"]
    _, bad, _ = read(write(tmp_path / "x.jsonl", good + b"".join(lines)))
    assert [row.line for row in bad] == [2, 3, 4, 5]
    assert [row.reason.split(": ", 1)[1] for row in bad] == [
        "EOF while parsing a value at column 15.",
        "expected `:` at column 6.",
        "it is not UTF-8 text: say what it is in a mapping file (--mapping), as in `encoding: windows-1252`.",
        "it is not a JSON object but an array.",
    ]


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


def test_properties_are_what_the_database_can_hold(tmp_path: Path) -> None:
    """Bytes that are no text, halves of characters and numbers of more than 64 bits would end the load."""
    header = "customer_id,step,occurred_at,note\n"
    text = header.encode() + b"a,view,2026-01-01T00:00:00Z,J\xfcrgen\nb,view,2026-01-01T00:00:00Z,fine\n"
    found, bad, _ = read(write(tmp_path / "x.csv", text))
    assert [row.customer_id for row in found] == ["b"]
    assert (bad[0].line, bad[0].column) == (2, "note")
    assert "not UTF-8" in bad[0].reason
    common = '"customer_id": "c", "step": "view", "occurred_at": "2026-01-01T00:00:00Z"'
    lines = f'{{{common}, "n": 9223372036854775807}}\n{{{common}, "n": 9223372036854775808}}\n'
    found, bad, _ = read(write(tmp_path / "x.jsonl", lines))
    assert [row.properties for row in found] == [{"p_n": 9223372036854775807}, {"p_n": "9223372036854775808"}]
    assert not bad


@pytest.mark.parametrize("form", FORMATS)
def test_a_value_beyond_the_limit_costs_its_own_row_only(form: str, tmp_path: Path) -> None:
    row = {"customer_id": "c", "step": "view", "occurred_at": "2026-01-01T00:00:00Z"}
    values = [LARGEST_VALUE, -LARGEST_VALUE, 1.5 * LARGEST_VALUE, -1e20, 1e308]
    found, bad, _ = read(write(tmp_path / "x.bin", FORMATS[form]([{**row, "value": value} for value in values])))
    assert [one.value for one in found] == [LARGEST_VALUE, -LARGEST_VALUE]
    assert [(one.column, one.line) for one in bad] == [("value", bad[0].line + n) for n in range(3)]
    assert all("is out of range: -1,000,000,000,000 to 1,000,000,000,000 is allowed" in one.reason for one in bad)


@pytest.mark.parametrize("value", [1e308, -2e12, float("inf"), float("nan")])
def test_a_value_beyond_the_limit_is_refused_by_the_api(value: float) -> None:
    with pytest.raises(ValidationError, match="value"):
        SessionTouchpoint.model_validate({"step": "view", "occurred_at": "2026-01-01T00:00:00Z", "value": value})
