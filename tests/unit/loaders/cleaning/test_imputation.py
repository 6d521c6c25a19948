"""Missing values are filled from frozen statistics and marked; neither order nor split of the rows matters."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from journeygraph.errors import InputError
from journeygraph_loaders import mapping as mappings
from journeygraph_loaders.cleaning import fitting, statistics
from journeygraph_loaders.cleaning.rules import ImputeRule
from journeygraph_loaders.reading import Options, touchpoints
from journeygraph_loaders.rows import Row
from tests.unit.loaders.helpers import Kept, as_jsonl, write

MAPPING = """
impute:
  age: {by: median}
  city: {by: mode, within: country}
  value: {by: median, when: {step: buy}, within: currency}
  income: {by: neighbours, from: [age, rooms], k: 2}
  nothing: {by: missing}
statistics: shop.statistics.json
"""


def rows_of(count: int, seed: int) -> list[dict[str, Any]]:
    random = Random(seed)
    drawn = [
        {
            "touchpoint_id": f"t{n}", "customer_id": f"c{n % 7}", "occurred_at": 1_767_225_600 + n,
            "step": random.choice(["buy", "view"]), "country": random.choice(["DE", "AT"]),
            "city": random.choice(["Graz", "Wien", None]), "age": random.choice([20, 30, 40, None]),
            "rooms": random.choice([1, 2, None]), "income": random.choice([1000, 2000.5, None]),
            "value": random.choice([5.0, 7.0, None]), "currency": random.choice(["EUR", "USD"]),
        }
        for n in range(count)
    ]  # fmt: skip
    drawn[0].update(age=20, rooms=1, income=1000, city="Graz", value=5.0, step="buy")
    return drawn


def loaded(folder: Path, parts: list[list[dict[str, Any]]]) -> dict[str, Row]:
    options = Options(mappings.load(folder / "shop.yaml"))
    found: dict[str, Row] = {}
    for part in parts:
        path = write(folder / "part.jsonl", as_jsonl(part))
        for batch in touchpoints([path], options, Kept()):
            found.update((row.touchpoint_id, row) for row in batch)
    return found


def test_values_are_filled_and_marked(tmp_path: Path) -> None:
    rows = rows_of(200, 1)
    write(tmp_path / "shop.yaml", MAPPING)
    fitted = fitting.fit([write(tmp_path / "a.jsonl", as_jsonl(rows))], tmp_path / "shop.yaml")
    assert (fitted.rows, Path(fitted.file)) == (200, tmp_path / "shop.statistics.json")
    found = loaded(tmp_path, [rows])
    ages = [row["age"] for row in rows if row["age"] is not None]
    for row in rows:
        stored = found[row["touchpoint_id"]]
        properties = stored.properties or {}
        marks = str(properties.get("p_imputed", "")).split(",")
        for name in ("age", "city", "income"):
            if row[name] is None and f"p_{name}" in properties:
                assert any(mark.startswith(f"{name}:") for mark in marks)
            elif row[name] is not None:
                assert properties[f"p_{name}"] == row[name]
        if row["age"] is None:
            assert properties["p_age"] == np.median(ages)
        missing = row["value"] is None
        assert ("value:median" in marks) == (missing and row["step"] == "buy")
        assert (stored.value is None) == (missing and row["step"] == "view")
        if row["income"] is None and row["age"] is row["rooms"] is None:
            assert "p_income" not in properties


def test_neighbours_are_the_nearest(tmp_path: Path) -> None:
    rows = rows_of(4, 2)
    for row, (age, income) in zip(rows, [(20, 100), (22, 200), (60, 900), (21, None)], strict=True):
        row.update(age=age, rooms=1, income=income, city="Graz", value=5.0)
    write(tmp_path / "shop.yaml", MAPPING)
    fitting.fit([write(tmp_path / "a.jsonl", as_jsonl(rows))], tmp_path / "shop.yaml")
    assert (loaded(tmp_path, [rows])["t3"].properties or {})["p_income"] == 150.0


@pytest.mark.parametrize("seed", range(3))
def test_order_and_split_make_no_difference(seed: int, tmp_path: Path) -> None:
    rows, random = rows_of(150, seed), Random(seed)
    shuffled = random.sample(rows, len(rows))
    contents = []
    for name, parts in (("one", [rows]), ("other", [shuffled[:60], shuffled[60:] + shuffled[:5]])):
        folder = tmp_path / name
        folder.mkdir()
        write(folder / "shop.yaml", MAPPING)
        paths = [write(folder / f"{n}.jsonl", as_jsonl(part)) for n, part in enumerate(parts)]
        fitting.fit(paths, folder / "shop.yaml")
        contents.append(((folder / "shop.statistics.json").read_bytes(), loaded(folder, parts)))
    assert contents[0] == contents[1]
    # Identity is of what the source said, not of what was filled in.
    assert len(contents[0][1]) == 150


def test_a_sample_is_the_same_in_any_order() -> None:
    rows = [
        Row(
            **{name: {"touchpoint_id": f"t{n}", "value": float(n), "currency": "EUR"}.get(name) for name in Row._fields}
        )  # type: ignore[arg-type]
        for n in range(5_000)
    ]
    rule = {"value": ImputeRule(by="median")}
    forwards = statistics.fit([rows[n : n + 100] for n in range(0, 5_000, 100)], rule, size=500)
    backwards = statistics.fit([rows[::-1], rows[:50]], rule, size=500)
    assert forwards == backwards
    assert forwards.rows == 500
    assert abs(float(forwards.fields["value"].value or 0) - 2_500) < 400


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"statistics: shop.statistics.json": ""}, "names no file of statistics"),
        ({"age: {by: median}": "age: {by: mode}"}, "holds no statistics for age as the mapping fills it now"),
    ],
)
def test_without_statistics_nothing_is_loaded(change: dict[str, str], told: str, tmp_path: Path) -> None:
    rows = rows_of(30, 1)
    path = write(tmp_path / "a.jsonl", as_jsonl(rows))
    write(tmp_path / "shop.yaml", MAPPING)
    with pytest.raises(InputError, match="which is not there: `journeygraph cleaning fit"):
        loaded(tmp_path, [rows])
    fitting.fit([path], tmp_path / "shop.yaml")
    with pytest.raises(InputError, match="holds frozen statistics already"):
        fitting.fit([path], tmp_path / "shop.yaml")
    text = MAPPING
    for before, after in change.items():
        text = text.replace(before, after)
    write(tmp_path / "shop.yaml", text)
    with pytest.raises(InputError, match=told):
        loaded(tmp_path, [rows])


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("city: {by: median}", "The city is no number"),
        ("value: {by: median}", "Values in EUR and USD have no common median"),
        ("absent: {by: mode}", "No row has a absent"),
    ],
)
def test_what_has_no_statistic(rule: str, told: str, tmp_path: Path) -> None:
    write(tmp_path / "shop.yaml", f"impute: {{{rule}}}\nstatistics: s.json")
    with pytest.raises(InputError, match=told):
        fitting.fit([write(tmp_path / "a.jsonl", as_jsonl(rows_of(50, 1)))], tmp_path / "shop.yaml")
