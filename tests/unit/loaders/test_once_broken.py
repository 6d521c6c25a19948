"""What broke a reader once: each costs its row, or its file with a sentence, and no time."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journeygraph.errors import InputError
from journeygraph_loaders.files import expand
from journeygraph_loaders.quarantine import Quarantine
from journeygraph_loaders.sources import BY_NAME
from journeygraph_loaders.sources.base import Record
from journeygraph_loaders.sources.reading import rows_of
from tests.unit.loaders.helpers import as_csv, read, write
from tests.unit.loaders.sources.samples import SAMPLES

SOON_SECONDS = 5.0


@pytest.mark.parametrize("when", ["1e9999999", "-1e9999999", "9e99999999999999999999", "sNaN", "-Infinity", "²" * 8])
def test_a_number_beyond_any_is_no_instant(when: str, tmp_path: Path) -> None:
    rows = [{"customer_id": "c", "step": "view", "occurred_at": at} for at in (when, "2026-01-31T12:00:00Z")]
    good, (bad,), _ = read(write(tmp_path / "x.csv", as_csv(rows)))
    assert len(good) == 1
    assert "is not an instant: ISO 8601" in bad.reason


@pytest.mark.parametrize("amounts", [["sNaN"], ["NaN"], ["Infinity", "-Infinity"], ["9e999999", "9e999999"], ["1e13"]])
def test_a_refund_of_no_amount_is_refused(amounts: list[str]) -> None:
    paid = [{"kind": "refund", "status": "success", "amount": amount} for amount in amounts]
    refund = {"id": 1, "order_id": 2, "created_at": "2026-01-31", "refund_line_items": [], "transactions": paid}
    made, wrong = rows_of(BY_NAME["shopify"], Record(1, refund, {}), "x")
    assert not made
    assert wrong is not None
    assert "is not a number such as 199.00" in wrong.reason


def test_a_clock_that_is_off_by_ages_says_nothing() -> None:
    visit: dict[str, Any] = json.loads(SAMPLES["matomo"][0].read_bytes())[0]
    for action in visit["actionDetails"]:
        action["timestamp"] = 10**400
    made, wrong = rows_of(BY_NAME["matomo"], Record(1, visit, {}), "x")
    assert not made
    assert wrong is not None
    assert "is the site's own clock" in wrong.reason


@pytest.mark.parametrize("encoding", ["", "UTF-4", "shift_jis", "rot13", "idna", "unicode_escape", "punycode"])
def test_xml_of_an_encoding_that_is_none_is_refused(encoding: str, tmp_path: Path) -> None:
    content = SAMPLES["xes"][0].read_bytes().replace(b"UTF-8", encoding.encode(), 1)
    assert f'encoding="{encoding}"'.encode() in content
    with pytest.raises(InputError, match=f"declares the encoding '{encoding}': UTF-8, UTF-16 and those of a byte"):
        read(write(tmp_path / "x.xes", content))


@pytest.mark.parametrize("encoding", ["utf8", "US-ASCII", "iso-8859-15", "windows-1252", "koi8-r", "macintosh"])
def test_xml_of_one_byte_a_letter_is_read(encoding: str, tmp_path: Path) -> None:
    content = SAMPLES["xes"][0].read_bytes()
    expected, _, _ = read(write(tmp_path / "a.xes", content))
    found, bad, _ = read(write(tmp_path / "b.xes", content.replace(b"UTF-8", encoding.encode(), 1)))
    assert [row.step for row in found] == [row.step for row in expected]
    assert not bad


def test_a_type_that_is_a_list_is_of_no_source(tmp_path: Path) -> None:
    notification = {"id": 1, "type": [], "created_at": "2026-01-31T12:00:00Z", "account": {"acct": "a"}}
    path = write(tmp_path / "x", json.dumps(notification))
    with pytest.raises(InputError, match="no column that can be used as step"):
        read(path)


@pytest.mark.parametrize("begin", ['[{"a": "', '{"a": [{"b": "'])
def test_a_text_that_never_ends_is_looked_through_once(begin: str, tmp_path: Path) -> None:
    path, started = write(tmp_path / "x", begin + '\\"' * 300_000), time.process_time()
    _, bad, _ = read(path, format="zendesk")
    assert bad
    assert time.process_time() - started < SOON_SECONDS


def test_events_inside_of_events_are_counted_once(tmp_path: Path) -> None:
    nested = '<?xml version="1.0"?>\n<log><trace>' + "<event>" * 40_000 + "</event>" * 40_000 + "</trace></log>"
    path, started = write(tmp_path / "x", nested), time.process_time()
    good, bad, _ = read(path, format="xes")
    assert (len(good), len(bad)) == (0, 40_000)
    assert time.process_time() - started < SOON_SECONDS


def test_a_date_beyond_the_calendar_costs_its_row_at_most(tmp_path: Path) -> None:
    noon, last = 1_767_225_600_000_000, 253_402_300_799_000_000  # 9999-12-31T23:59:59Z
    berlin = pa.timestamp("us", tz="Europe/Berlin")
    table = {
        "customer_id": ["c1", "c2", "c3", "c4"],
        "step": ["view"] * 4,
        "occurred_at": pa.array([noon, noon, 2**62, noon], pa.int64()).view(berlin),
        "valid_until": pa.array([last, noon, noon, noon], pa.int64()).view(berlin),
        "day": pa.array([0, 2**31 - 1, 0, 0], pa.int32()).view(pa.date32()),
        "name": pa.array([b"a", b"b", b"c", b"\xff"], pa.binary()).view(pa.string()),
    }
    pq.write_table(pa.table(table), tmp_path / "x.parquet")
    good, bad, _ = read(tmp_path / "x.parquet")
    first, second = [row.properties or {} for row in good]
    assert str(first["p_valid_until"]).startswith("9999-12-31T23:59:59")
    assert (first["p_day"], second["p_day"]) == ("1970-01-01", "date32[day] 2147483647")
    assert ["is not an instant" in row.reason for row in bad] == [True, False]
    assert "is not UTF-8" in bad[1].reason


def test_an_endless_number_is_kept_as_text(tmp_path: Path) -> None:
    """JSON has no form for it, nor has the import tool the same as others; `1e400` is read as one."""
    rows = [f'{{"customer_id": "c", "step": "v", "occurred_at": {n}, "size": {size}}}' for n, size in enumerate(
        ("1e400", "-1e400", "1e308"))]  # fmt: skip
    good, bad, _ = read(write(tmp_path / "x.jsonl", "\n".join(rows)))
    assert not bad
    assert [row.properties and row.properties["p_size"] for row in good] == ["inf", "-inf", 1e308]


def test_what_is_nested_too_deeply_costs_its_row_at_most(tmp_path: Path) -> None:
    for depth in (900, 960, 990, 1_000, 5_000):
        deep = '{"a":' * depth + "1" + "}" * depth
        good, bad, _ = read(write(tmp_path / "x", f"[{deep}]"), format="xes")
        assert not good
        assert len(bad) == 1


def test_half_a_character_is_kept_as_it_stands(tmp_path: Path) -> None:
    path = write(tmp_path / "x", '[{"ticket_id": 1, "child_events": "\\ud800", "\\udfff": 1}]')
    _, bad, _ = read(path, format="zendesk")
    with Quarantine(tmp_path, "batch") as quarantine:
        quarantine.add(bad)
        (entry,) = quarantine.entries()
    assert "\\ud800" in (entry.value or "")


def test_a_file_whose_name_is_no_text_is_to_be_renamed(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/Best\xe4nde.csv"
    with open(name, "wb") as file:  # noqa: PTH123 - a path of bytes
        file.write(b"a\n")
    for given in (os.fsdecode(name), tmp_path):
        with pytest.raises(InputError, match=r"Best\\udce4nde.csv is not UTF-8: rename it"):
            expand([given])
