"""`journeygraph identity resolve --table`: any file the loaders read, one JSON document, or a sentence."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from journeygraph.errors import InputError, UsageError
from journeygraph_cli import identity
from tests.unit.identity.people import people


def resolve(path: Path, capsys: pytest.CaptureFixture[str], **options: Any) -> dict[str, Any]:
    identity.resolve(path, **{"truth": "person", "threshold": None} | options, as_json=True)
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_the_same_people_in_any_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = people(60, 1)
    lines = [json.dumps(row) for row in rows]
    csv_lines = [";".join(rows[0]), *(";".join(value or "" for value in row.values()) for row in rows)]
    (tmp_path / "a.csv").write_text("\n".join(csv_lines), encoding="utf-8")
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "a.parquet")
    answers = [resolve(tmp_path / name, capsys) for name in ("a.csv", "a.jsonl.gz", "a.parquet")]
    assert all(answer["records"] == len(rows) and answer["f1"] > 0.95 for answer in answers)
    assert len({(answer["clusters"], answer["f1"], answer["merged"]) for answer in answers}) == 1


def test_every_record_and_its_cluster_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = people(20, 2)
    table, out = tmp_path / "a.jsonl", tmp_path / "out.csv"
    table.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    answer = resolve(table, capsys, out=out, blocked=None)
    written = [line.split(",") for line in out.read_text().splitlines()]
    assert written[0] == ["record", "cluster", "confidence"]
    assert len(written) == len(rows) + 1
    assert len({cluster for _, cluster, _ in written[1:]}) == answer["clusters"]


def test_a_person_reads_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "a.jsonl"
    table.write_text("\n".join(json.dumps(row) for row in people(20, 2)), encoding="utf-8")
    identity.resolve(table, "person", as_json=False)
    said = capsys.readouterr()
    assert "bridges not crossed" in said.out
    assert "given as first_name" in said.err
    assert "; ignored: row_id." in " ".join(said.err.split())
    identity.resolve(table, "person", households=True, as_json=False)
    assert re.search(r"\d+ people, \d+ of them in \d+ households", " ".join(capsys.readouterr().out.split()))


def test_what_cannot_be_read_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="is no file"):
        resolve(tmp_path / "none.csv", capsys)
    table = tmp_path / "a.csv"
    table.write_text("Vorname,person\nAnn,1\nAnn,1\n", encoding="utf-8")
    with pytest.raises(UsageError, match="not NAME=KIND"):
        resolve(table, capsys, column=["Vorname"])
    assert resolve(table, capsys, column=["Vorname=first_name"])["records"] == 2
    with pytest.raises(InputError, match="cannot be read"):
        resolve(table, capsys, blocked=tmp_path / "none.txt")
