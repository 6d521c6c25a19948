"""Files as a German shop exports them: decimal commas, dates that begin with the day, encodings that aren't UTF-8."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeygraph.errors import InputError
from journeygraph_loaders.files import open_file
from tests.unit.loaders.helpers import as_csv, as_parquet, packed, read, write

HEADER = "Kunde;Ereignis;Zeitpunkt;Betrag;Größe\n"
ROWS = "Jürgen;Kauf;31.12.2025 23:59;1.234,50;37,5\nZoë € Ødegård;Ansicht;01.01.2026 00:00;;1.234\n"
MAPPING = """
  encoding: {encoding}
  decimal: ","
  timezone: Europe/Berlin
  time_format: "%d.%m.%Y %H:%M"
  columns: {{customer_id: Kunde, step: Ereignis, occurred_at: Zeitpunkt, value: Betrag}}
"""


@pytest.mark.parametrize("packing", ["", "gzip", "zstd"])
@pytest.mark.parametrize("encoding", ["windows-1252", "utf-8", "utf-16", "utf-16-le", "utf-8-sig", "utf-32"])
def test_a_german_file(encoding: str, packing: str, tmp_path: Path) -> None:
    text = (HEADER + ROWS).replace("Ø", "O") if encoding == "windows-1252" else HEADER + ROWS
    path = write(tmp_path / "x.csv", packed(text.encode(encoding), packing))
    found, bad, _ = read(path, mapping=MAPPING.format(encoding=encoding))
    assert not bad
    assert [(row.step, row.value, row.properties) for row in found] == [
        ("Kauf", 1234.5, {"p_größe": "37.5"}),
        ("Ansicht", None, {"p_größe": "1.234"}),
    ]
    assert [row.customer_id for row in found][:1] == ["Jürgen"]
    assert "€" in found[1].customer_id
    assert [row.occurred_at_us // 1_000_000 for row in found] == [1767221940, 1767222000]


def test_a_byte_order_mark_is_enough(tmp_path: Path) -> None:
    rows = "customer_id,step,occurred_at\nJürgen,view,1767225600\n"
    line = '{"customer_id": "Jürgen", "step": "view", "occurred_at": 1767225600}\n'
    for text in (rows, line):
        for encoding in ("utf-16", "utf-8-sig", "utf-32"):
            found, bad, _ = read(write(tmp_path / "x", text.encode(encoding)), mapping="encoding: windows-1252")
            assert [row.customer_id for row in found] == ["Jürgen"]
            assert not bad


@pytest.mark.parametrize(
    ("value", "stored"),
    [("12,50", 12.5), ("-1.234.567,8", -1234567.8), ("7", 7.0), ("1.234", 1234.0), (" 0,5 ", 0.5), ("", None)],
)
def test_a_decimal_comma(value: str, stored: float | None, tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", f"customer_id;step;occurred_at;value\nc;v;1767225600;{value}\n")
    found, bad, _ = read(path, mapping='decimal: ","')
    assert [row.value for row in found] == [stored]
    assert not bad


@pytest.mark.parametrize("value", ["12.50", "1,234.50", "1.23,4", "1,2,3", "12,50 EUR"])
def test_no_number_with_a_decimal_comma(value: str, tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", f"customer_id;step;occurred_at;value\nc;v;1767225600;{value}\n")
    found, bad, _ = read(path, mapping='decimal: ","')
    assert not found
    assert bad[0].reason == f"The value {value!r} is not a number: one such as 1.234,50 is needed."


def test_numbers_that_are_numbers_stay_what_they_are(tmp_path: Path) -> None:
    rows = [{"customer_id": "c", "step": "v", "occurred_at": 1767225600, "value": 1.234, "p": 1.5}]
    found, _, _ = read(write(tmp_path / "x", as_parquet(rows)), mapping='decimal: ","')
    assert [(row.value, row.properties) for row in found] == [(1.234, {"p_p": 1.5})]


def test_advice_names_the_options(tmp_path: Path) -> None:
    text = b"Kunde;step;occurred_at;value\nc;v;31.12.2025 23:59;1\nc;v;1767225600;12,50\n" + b"J\xfcrgen;v;1;1\n"
    _, bad, _ = read(write(tmp_path / "x.csv", text), mapping="columns: {customer_id: Kunde}")
    assert 'time_format: "%d.%m.%Y %H:%M"' in bad[0].reason
    assert 'decimal: ","' in bad[1].reason
    assert "`encoding: windows-1252`" in bad[2].reason


def test_an_encoding_that_the_file_does_not_have(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", "customer_id".encode("utf-16-le") + b"\x00\xd8a\x00")
    with pytest.raises(InputError, match=r"x\.csv is not utf-16-le text"):
        read(path, mapping="encoding: utf-16-le")
    with pytest.raises(InputError, match="'klingon' is not an encoding such as windows-1252"):
        read(path, mapping="encoding: klingon")


def test_a_byte_without_a_character_costs_its_row(tmp_path: Path) -> None:
    text = b"customer_id,step,occurred_at\nc\x81,v,1767225600\n\xfcli,v,1767225600\n"
    found, bad, _ = read(write(tmp_path / "x.csv", text), mapping="encoding: windows-1252")
    assert [row.customer_id for row in found] == ["üli"]
    assert [row.line for row in bad] == [2]


@pytest.mark.parametrize("wanted", ["csv", "jsonl"])
def test_parquet_is_no_csv(wanted: str, tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", as_parquet([{"a": 1}]))
    with pytest.raises(InputError, match=f"is Parquet and not {wanted}: leave --format out"):
        open_file(path, wanted)
    with pytest.raises(InputError, match="no text at all"):
        open_file(write(tmp_path / "y.csv", bytes(100)), wanted)


def test_a_lookup_table_has_its_encoding_too(tmp_path: Path) -> None:
    write(tmp_path / "artikel.csv", "nr;gruppe\n7;Möbel\n".encode("windows-1252"))
    mapping = """
      encoding: windows-1252
      lookups: {artikel: {file: artikel.csv, key: nr}}
      columns: {product_id: nr, product_category: {lookup: artikel, key: nr, value: gruppe}}
      files: {"k*": {}}
    """
    path = write(tmp_path / "k.csv", "customer_id;step;occurred_at;nr\nc;v;1767225600;7\n")
    assert read(path, mapping=mapping)[0][0].product_category == "Möbel"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1\u00a0234,50", 1234.5), ("1\u202f234\u202f567,5", 1234567.5), ("1 234,50", 1234.5), ("\u221212,00", -12.0),
        ("\u0663\u0665,\u0665\u0660", 35.5), ("\u0661\u066c\u0662\u0663\u0664\u066b\u0665", 1234.5),
        ("1 23,5", None), ("12.50", None), ("12,00 \u20ac", None), ("\u20ac 12,00", None),
    ],
)  # fmt: skip
def test_amounts_as_they_are_written_with_a_comma(text: str, value: float | None, tmp_path: Path) -> None:
    rows = [{"customer_id": "c", "step": "buy", "occurred_at": "2026-01-01T00:00:00Z", "value": text}]
    found, bad, _ = read(write(tmp_path / "x.csv", as_csv(rows)), mapping="decimal: ','")
    assert [row.value for row in found] == ([] if value is None else [value])
    assert all("is not a number: one such as 1.234,50 is needed" in row.reason for row in bad)
    assert all(("without a sign" in row.reason) == ("\u20ac" in text) for row in bad)
