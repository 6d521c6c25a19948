"""Records that come later: nothing is compared again, nobody gets another name, and the people are the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from journeygraph.errors import InputError
from journeygraph.identity.linkage import records
from journeygraph.identity.linkage.blocking import Blocks
from journeygraph.identity.linkage.clusters import pair_measure
from journeygraph.identity.linkage.columns import recognise
from journeygraph.identity.linkage.table import Resolved, resolve_table
from journeygraph_cli.main import app
from tests.unit.identity.people import columns, people


def numbers(found: Resolved) -> np.ndarray:  # type: ignore[type-arg]
    place = {name: k for k, name in enumerate(dict.fromkeys(found.clusters))}
    return np.array([place[name] for name in found.clusters], np.int64)


def test_only_pairs_with_something_new_are_compared() -> None:
    table = records.read(columns(people(300, 4)))
    fields = records.fields(table, recognise([name for name in table if name != "person"]))
    rows = len(fields["first_name"].codes)
    new = np.arange(rows) % 7 == 0

    def pairs(blocks: Blocks) -> list[tuple[int, int]]:
        return [pair for left, right in blocks.pairs() for pair in zip(left.tolist(), right.tolist(), strict=True)]

    every, fresh = pairs(Blocks(fields, rows)), pairs(Blocks(fields, rows, None, new))
    assert len(fresh) == len(set(fresh)), "each pair once"
    assert set(fresh) == {(left, right) for left, right in every if new[left] or new[right]}


@pytest.mark.parametrize("parts", [2, 8])
def test_runs_over_increments_are_one_run(parts: int) -> None:
    rows = people(400, 9)
    whole = resolve_table(columns(rows), truth="person")
    learnt, known, compared = None, {}, []
    for part in range(1, parts + 1):
        found = resolve_table(columns(rows[: len(rows) * part // parts]), truth="person", known=known, learnt=learnt)
        kept = dict(zip(found.names, found.clusters, strict=True))
        moved = [name for name, cluster in known.items() if kept[name] != cluster]
        assert len(moved) <= 0.01 * len(known), "a name changes only where two known people turn out to be one"
        compared.append(found.answer.candidate_pairs)
        learnt, known = learnt or found.learnt, kept
    assert found.answer.new_records is not None
    assert found.answer.new_records < len(rows) / parts + 1
    assert abs((found.answer.f1 or 0) - (whole.answer.f1 or 0)) <= 0.02
    assert pair_measure(numbers(found), numbers(whole))[2] >= 0.97
    assert sum(compared) <= 1.05 * whole.answer.candidate_pairs, "no pair twice"


def test_a_run_without_anything_new_compares_nothing() -> None:
    rows = people(60, 2)
    found = resolve_table(columns(rows))
    known = dict(zip(found.names, found.clusters, strict=True))
    again = resolve_table(columns(rows), known=known, learnt=found.learnt)
    assert (again.answer.candidate_pairs, again.answer.new_records, again.answer.merged) == (0, 0, 0)
    assert again.clusters == found.clusters
    assert again.learnt == found.learnt


def test_the_command_goes_on_from_files(tmp_path: Path) -> None:
    import csv
    import json

    rows = people(120, 3)
    for name, part in (("first", rows[: len(rows) // 2]), ("all", rows)):
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(part)
    model, clusters = str(tmp_path / "model.json"), str(tmp_path / "clusters.csv")
    command = ["identity", "resolve", "--truth", "person", "--model", model, "--output", clusters, "--json"]
    run = CliRunner().invoke(app, [*command, "--table", str(tmp_path / "first.csv")])
    assert run.exit_code == 0, run.output
    learnt = Path(model).read_text(encoding="utf-8")
    run = CliRunner().invoke(app, [*command, "--table", str(tmp_path / "all.csv"), "--known", clusters])
    answer = json.loads(run.stdout)
    assert (answer["records"], answer["new_records"]) == (len(rows), len(rows) - len(rows) // 2)
    assert answer["f1"] >= 0.95
    assert Path(model).read_text(encoding="utf-8") == learnt, "what was learnt is used, not learnt again"
    for bad, place in ((["--known", model], "--known"), (["--model", clusters], "--model")):
        run = CliRunner().invoke(app, ["identity", "resolve", "--table", str(tmp_path / "all.csv"), *bad])
        assert run.exit_code != 0
        assert place in str(run.exception)


def test_rows_without_an_id_are_known_by_what_they_contain(tmp_path: Path) -> None:
    import csv

    table, clusters = tmp_path / "people.csv", tmp_path / "clusters.csv"
    rows = [{name: row[name] for name in row if name != "row_id"} for row in people(60, 5)]
    new = {"given": "Zeno", "family": "Quist", "birthday": "1901-01-01", "mail": "z@q.example", "person": "999"}

    def resolve(rows: list[dict[str, Any]], *more: str) -> dict[str, dict[str, str]]:
        with table.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[-1])
            writer.writeheader()
            writer.writerows(rows)
        command = ["identity", "resolve", "--table", str(table), "--truth", "person", "--output", str(clusters)]
        run = CliRunner().invoke(app, [*command, *more])
        if run.exception is not None:
            raise run.exception
        with clusters.open(encoding="utf-8", newline="") as file:
            return {row["record"]: row for row in csv.DictReader(file)}

    before = resolve(rows, "--households")
    assert any(row["confidence"] for row in before.values())
    after = resolve([new, *rows[::-1]], "--known", str(clusters))
    added = after.pop(str(len(rows) + 1))
    assert after == before, "nothing that is known changes: cluster, confidence, household, content"
    assert added["cluster"] == added["record"]
    clusters.write_text("record,cluster\n1,1\n2,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="row numbers alone may mean others"):
        resolve(rows, "--known", str(clusters))
    clusters.write_text("record,cluster,content\n1,1,abc\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"None of the table's \d+ rows"):
        resolve(rows, "--known", str(clusters))
