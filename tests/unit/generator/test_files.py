"""The files hold what was simulated, byte for byte the same for the same seed."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest
import zstandard

from journeygraph.errors import UsageError
from journeygraph.generator import simulate, write
from journeygraph.generator.files import FILES
from journeygraph.schema import Touchpoint


def unpacked(path: Path) -> str:
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    if path.suffix == ".zst":
        content = zstandard.ZstdDecompressor().decompress(content)
    return content.decode()


def rows(path: Path) -> list[dict[str, Any]]:
    """Rows of a file, read without the product's loaders; empty cells left out."""
    if path.suffix == ".parquet":
        found = parquet.read_table(path).to_pylist()
    elif ".jsonl" in path.name:
        found = [json.loads(line) for line in unpacked(path).splitlines()]
    else:
        found = list(csv.DictReader(io.StringIO(unpacked(path)), delimiter=";" if path.name == "tills.csv" else ","))
    return [{name: value for name, value in row.items() if value not in (None, "")} for row in found]


def instant(value: Any, name: str) -> datetime:
    if isinstance(value, datetime):
        return value
    if name == "app.jsonl":
        return datetime.fromtimestamp(value / 1_000, UTC)
    if name == "newsletter.csv.gz":
        return datetime.fromtimestamp(int(value), UTC)
    return datetime.fromisoformat(value)


def as_touchpoint(row: dict[str, Any], name: str) -> Touchpoint:
    properties = {key.removeprefix("properties."): row.pop(key) for key in list(row) if key.startswith("properties.")}
    return Touchpoint.model_validate(
        {**row, "occurred_at": instant(row["occurred_at"], name), "properties": properties}
    )


def test_files_hold_the_touchpoints(tmp_path: Path) -> None:
    simulation = simulate(200, 9)
    written = write(simulation, tmp_path)
    read = [as_touchpoint(row, name) for name in FILES.values() for row in rows(tmp_path / name)]
    by_id = {touchpoint.touchpoint_id: touchpoint for touchpoint in simulation.touchpoints}
    assert {touchpoint.touchpoint_id: touchpoint for touchpoint in read} == by_id
    assert written.rows == len(read) == len(by_id)


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write(simulate(120, 5), tmp_path / folder, bad_rows=0.01)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == sorted([*FILES.values(), "README.txt", "blueprint.yaml", "truth.json"])
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_bad_rows_are_added_and_counted(tmp_path: Path) -> None:
    clean, spoiled = (
        write(simulate(200, 9), tmp_path / "clean"),
        write(simulate(200, 9), tmp_path / "bad", bad_rows=0.01),
    )
    truth = json.loads((tmp_path / "bad" / "truth.json").read_text())
    counted = {name: sum(reasons.values()) for name, reasons in truth["bad_rows"].items()}
    assert spoiled.rows - clean.rows == sum(counted.values()) > 0
    for name, count in counted.items():
        bad = [
            row
            for row in rows(tmp_path / "bad" / name)
            if "step" not in row
            or row["occurred_at"] == "yesterday"
            or not {"customer_id", "anonymous_id"} & row.keys()
        ]
        assert len(bad) == count
    assert json.loads((tmp_path / "clean" / "truth.json").read_text())["bad_rows"] == {}


def test_it_says_that_it_is_synthetic(tmp_path: Path) -> None:
    write(simulate(20, 1), tmp_path)
    assert json.loads((tmp_path / "truth.json").read_text())["synthetic"] is True
    assert "Synthetic data" in (tmp_path / "README.txt").read_text()


def test_an_unwritable_folder_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write(simulate(5, 1), tmp_path / "file")


def test_two_shops_have_nobody_and_nothing_in_common() -> None:
    def ids(seed: int) -> set[str | None]:
        columns = simulate(60, seed, days=31).touchpoints
        named = (columns.touchpoint_id, columns.customer_id, columns.anonymous_id, columns.session_id, columns.email)
        return {value for values in named for value in values.tolist()} - {None}

    assert len(ids(1)) > 300
    assert not ids(1) & ids(2)
