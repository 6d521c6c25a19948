"""The same touchpoints from any format, packing, split and order; line numbers are where a person finds the row."""

from __future__ import annotations

import contextlib
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.errors import InputError
from journeygraph.schema import RESERVED_STEPS
from tests.unit.loaders.helpers import FORMATS, as_csv, as_jsonl, packed, read, write

ROW = {"customer_id": "c1", "step": "view", "occurred_at": "2026-01-31T12:00:00Z"}
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(
    lambda text: text.strip() and not text.strip().startswith("anonymous:")
)
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2020, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": TEXT,
            "step": TEXT.filter(lambda step: step.strip() not in RESERVED_STEPS),
            "occurred_at": INSTANTS.map(lambda instant: instant.isoformat()),
            "product_id": st.none() | TEXT,
            "value": st.none() | st.floats(-1e6, 1e6).map(lambda number: round(number, 2)),
            "properties.colour": st.none() | TEXT,
        }
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize("packing", ["plain", "gzip", "zstd"])
@pytest.mark.parametrize("form", FORMATS)
def test_format_and_packing_are_found_by_content(form: str, packing: str, tmp_path: Path) -> None:
    rows = [{**ROW, "value": 1.5}, {**ROW, "customer_id": "c2", "value": None}]
    path = write(tmp_path / "data.bin", packed(FORMATS[form](rows), packing))
    found, bad, _ = read(path)
    assert [(row.customer_id, row.step, row.value) for row in found] == [("c1", "view", 1.5), ("c2", "view", None)]
    assert not bad


@settings(max_examples=40, deadline=None)
@given(ROWS, st.randoms(use_true_random=False), st.sampled_from([1, 2, 3, 5_000]))
def test_any_format_split_and_order_gives_the_same_touchpoints(
    rows: list[dict[str, Any]], random: Any, size: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        expected = set()
        for number, form in enumerate(FORMATS):
            shuffled = [dict(random.sample(list(row.items()), len(row))) for row in random.sample(rows, len(rows))]
            cut = random.randint(0, len(rows))
            parts = [part for part in (shuffled[:cut], shuffled[cut:]) if part]
            paths = [write(Path(folder) / f"{number}-{place}", FORMATS[form](part)) for place, part in enumerate(parts)]
            found, bad, _ = read(*paths, batch_rows=size)
            assert not bad
            content = {(*row._replace(properties=None), str(row.properties)) for row in found}
            expected = expected or content
            assert content == expected
            assert len(found) == len(rows)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_although_others_occur(delimiter: str, tmp_path: Path) -> None:
    rows = [{**ROW, "properties.note": "a, b; c | d\te, f"} for _ in range(5)]
    found, bad, _ = read(write(tmp_path / "x.txt", as_csv(rows, delimiter)))
    assert not bad
    assert {row.properties["p_note"] for row in found if row.properties} == {"a, b; c | d\te, f"}


def test_lines_are_physical_lines(tmp_path: Path) -> None:
    text = (
        '\ufeffcustomer_id,step,occurred_at,note\r\n'
        '"a","view",2026-01-01T00:00:00Z,"two\r\nlines"\r\n'
        "\r\n"
        '"b","view",yesterday,"x"\r\n'
        '"c","view",2026-01-01T00:00:00Z,"three\n\nlines"\r\n'
        '"d",,2026-01-01T00:00:00Z,\r\n'
    )  # fmt: skip
    found, bad, _ = read(write(tmp_path / "x.csv", text))
    assert [row.customer_id for row in found] == ["a", "c"]
    assert [(row.line, row.column, row.value) for row in bad] == [(5, "occurred_at", "yesterday"), (9, "step", None)]


def test_a_stray_quote_costs_its_line_only(tmp_path: Path) -> None:
    lines = [f"c{number},view,2026-01-01T00:00:00Z" for number in range(50)]
    lines[10] = '"c10,view,2026-01-01T00:00:00Z'
    found, bad, _ = read(write(tmp_path / "x.csv", "customer_id,step,occurred_at\n" + "\n".join(lines)))
    assert [row.line for row in bad] == [12]
    assert len(found) == 49


def test_a_row_with_other_fields_than_the_header_says_so(tmp_path: Path) -> None:
    text = "customer_id,step,occurred_at\na,view\nb,view,2026-01-01T00:00:00Z,x\nc,view,2026-01-01T00:00:00Z\n"
    found, bad, _ = read(write(tmp_path / "x.csv", text))
    assert [row.customer_id for row in found] == ["c"]
    assert [(row.line, row.reason) for row in bad] == [
        (2, "The row has 2 fields, and the header has 3."),
        (3, "The row has 4 fields, and the header has 3."),
    ]


def test_bad_rows_only_are_no_end_of_the_file(tmp_path: Path) -> None:
    good = "c,view,2026-01-01T00:00:00Z\n"
    text = "customer_id,step,occurred_at\n" + "x\n" * 7 + good + "y\n" * 6 + good
    found, bad, _ = read(write(tmp_path / "x.csv", text), batch_rows=3)
    assert (len(found), len(bad)) == (2, 13)


def test_nested_json_and_broken_lines(tmp_path: Path) -> None:
    text = (
        '{"user": {"id": 7}, "event": {"name": "view"}, "time": 1767225600, "properties": {"size": {"eu": 42}}}\n'
        "\n"
        '{"user": \n'
        "[1]\n"
        '{"user": {"id": 8}, "time": 1767225600}\n'
    )
    mapping = "columns: {customer_id: user.id, step: event.name}"
    found, bad, said = read(write(tmp_path / "x.jsonl", text), mapping=mapping)
    assert [(row.customer_id, row.step, row.properties) for row in found] == [("7", "view", {"p_size_eu": 42})]
    assert [row.line for row in bad] == [3, 4, 5]
    assert bad[2].reason == "The event.name is missing."
    assert "'time' as occurred_at" in said[0]


def test_bytes_that_are_not_utf8_cost_their_row(tmp_path: Path) -> None:
    text = b"customer_id,step,occurred_at\nJ\xfcrgen,view,2026-01-01T00:00:00Z\nAnna,view,2026-01-01T00:00:00Z\n"
    found, bad, _ = read(write(tmp_path / "x.csv", text))
    assert [row.customer_id for row in found] == ["Anna"]
    assert "not UTF-8" in bad[0].reason
    assert bad[0].line == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"  \n\n", "is empty"),
        ("customer_id,step\n".encode("utf-16-le"), "`encoding: windows-1252`; it has many bytes of zero"),
        (b"ein K\xe4ufer,step\n", "header of .* `encoding: windows-1252`"),
        (b'[{"a": 1}]', "one JSON array"),
        (b"name,age\nx,1\n", "no column that can be used as occurred_at and as step"),
        (b'{"a": 1}\n', "Found: a."),
        (b"x" * 100_000 + b"\n", f"Found: {'x' * 60}…. "),
        (b"customer_id,step,step,occurred_at\n", "more than once"),
        (b"customer_id,event,action,occurred_at\nx,y,z,1\n", "'event', 'action' could be the step"),
        (packed(as_csv([ROW] * 99), "gzip")[:60], "cut off or damaged"),
        (packed(as_csv([ROW] * 99), "zstd")[:60], "cut off or damaged"),
        (b"PAR1 nothing", "cannot be read as Parquet"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(content: bytes, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        read(write(tmp_path / "file.csv", content))
    assert str(tmp_path / "file.csv") in str(caught.value)


@pytest.mark.parametrize("packing", ["none", "gzip", "zstd"])
@pytest.mark.parametrize("nothing", [b"", b" \n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n", b"\xff\xfe"])
def test_an_empty_file_among_others_is_left_out(nothing: bytes, packing: str, tmp_path: Path) -> None:
    write(tmp_path / "monday.csv", as_csv([ROW]))
    sunday = write(tmp_path / "sunday.csv.gz", nothing if packing == "none" else packed(nothing, packing))
    found, bad, said = read(tmp_path)
    assert (len(found), bad) == (1, [])
    assert f"{sunday} is left out: it is empty." in said


def test_a_file_of_a_header_alone_is_read(tmp_path: Path) -> None:
    write(tmp_path / "monday.csv", as_csv([ROW]))
    write(tmp_path / "sunday.csv", as_csv([ROW]).split(b"\n")[0] + b"\n")
    found, bad, said = read(tmp_path)
    assert (len(found), bad) == (1, [])
    assert not any("left out" in sentence for sentence in said)


def test_files_folders_and_globs_each_once_in_order(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c.jsonl.gz"):
        content = as_jsonl([{**ROW, "customer_id": name}]) if "json" in name else as_csv([{**ROW, "customer_id": name}])
        write(tmp_path / name, packed(content, "gzip" if name.endswith("gz") else ""))
    write(tmp_path / "README.md", "no data")
    found, _, _ = read(str(tmp_path / "b.csv"), str(tmp_path), f"{tmp_path}/*.csv")
    assert [row.customer_id for row in found] == ["b.csv", "a.csv", "c.jsonl.gz"]
    with pytest.raises(InputError, match=r"There is no file .*none\*"):
        read(f"{tmp_path}/none*")


@settings(max_examples=80, deadline=None)
@given(
    st.binary(max_size=60),
    st.integers(0, 400),
    st.integers(0, 30),
    st.sampled_from(list(FORMATS)),
    st.sampled_from(["", "gzip", "zstd"]),
)
def test_a_garbled_file_never_crashes(noise: bytes, at: int, cut: int, form: str, packing: str) -> None:
    rows = [{**ROW, "customer_id": f"c{number}", "properties.note": 'a "quoted", text\n'} for number in range(6)]
    content = packed(FORMATS[form](rows), packing)
    garbled = content[:at] + noise + content[at + cut :]
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "x", garbled)
        with contextlib.suppress(InputError):
            found, bad, _ = read(path)
            assert all(row.reason.endswith(".") for row in bad)
            assert all(row.customer_id and row.step and row.occurred_at_us >= 0 for row in found)
