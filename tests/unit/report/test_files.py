"""The files of a report: the same bytes every time, safe in a spreadsheet, listed where the API finds them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from journeygraph.errors import NotFound, UsageError
from journeygraph.report import registry, tables
from journeygraph.report.model import Figure, Report, make_table, pick
from journeygraph.report.write import FORMATS, chosen, identity, write
from tests.report_samples import HOSTILE, empty_report, report

GOLDEN = Path(__file__).parents[2] / "golden" / "report.md"


def test_the_same_figures_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = write(report(), tmp_path / "a"), write(report(), tmp_path / "b")
    assert first.files == second.files
    assert {"report.html", "report.json", "report.md", "findings.csv", "links.csv", "patterns.csv"} <= set(first.files)
    for name in first.files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert first.id == second.id == identity(report())
    assert identity(empty_report()) != first.id


def test_nothing_else_is_left_in_the_folder(tmp_path: Path) -> None:
    written = write(report(), tmp_path, ("json", "md"))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(written.files) == ["report.json", "report.md"]


def test_report_json_reads_back_as_the_same_report(tmp_path: Path) -> None:
    write(report(), tmp_path, ("json",))
    assert Report.model_validate_json((tmp_path / "report.json").read_text(encoding="utf-8")) == report()


def test_markdown_is_the_golden_one() -> None:
    from journeygraph.report import markdown

    assert markdown.render(report()) == GOLDEN.read_text(encoding="utf-8")


def test_markdown_holds_no_markup_of_the_data() -> None:
    from journeygraph.report import markdown

    text = markdown.render(report(lambda name: name + HOSTILE))
    outside = "".join(part for index, part in enumerate(text.split("```")) if index % 2 == 0)
    assert "<script" not in outside.replace("\\<script", "")
    assert "declined'\"\\>\\<script\\>alert(1)\\</script\\>\\|\\*\\_\\`=1+1" in outside


def test_csv_cells_are_no_formulas() -> None:
    files = tables.files(report(lambda name: "=HYPERLINK(1)" + name))
    cells = [cell for text in files.values() for row in csv.reader(io.StringIO(text)) for cell in row]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "@", "\t"))]


def test_csv_has_the_figures_of_the_json() -> None:
    sample = report()
    rows = list(csv.DictReader(io.StringIO(tables.files(sample)["transitions.csv"])))
    assert [int(row["count"]) for row in rows] == [row["count"] for row in sample.table("transitions").dicts()]
    assert sample.gaps.answer
    findings = list(csv.DictReader(io.StringIO(tables.files(sample)["findings.csv"])))
    assert [row["id"] for row in findings] == [row["id"] for row in sample.gaps.answer["findings"]]


def test_a_file_in_the_folders_place_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(UsageError, match="cannot be written to"):
        write(report(), tmp_path / "out")


@pytest.mark.parametrize("text", ["", "pdf", "html,pdf"])
def test_an_unknown_format_is_a_sentence(text: str) -> None:
    with pytest.raises(UsageError, match="html, json, md, csv"):
        chosen(text)


def test_reports_are_listed_newest_data_first(tmp_path: Path) -> None:
    full, empty = write(report(), tmp_path / "full", FORMATS), write(empty_report(), tmp_path / "empty", ("json",))
    for written in (empty, full, full):
        registry.register(tmp_path, registry.Entry(**written.model_dump()))
    (tmp_path / "reports" / "torn.json").write_text("{")
    assert [entry.id for entry in registry.entries(tmp_path)] == [full.id, empty.id]
    assert registry.entry(tmp_path, full.id).findings == full.findings > 0
    assert registry.content(tmp_path, full.id) == json.loads((tmp_path / "full" / "report.json").read_text())


def test_a_report_whose_files_are_gone_is_not_available(tmp_path: Path) -> None:
    written = write(report(), tmp_path / "full", ("md",))
    registry.register(tmp_path, registry.Entry(**written.model_dump()))
    assert registry.entry(tmp_path, written.id).available
    with pytest.raises(NotFound, match=r"no report\.json"):
        registry.content(tmp_path, written.id)
    (tmp_path / "full" / "report.md").unlink()
    (tmp_path / "full").rmdir()
    assert not registry.entry(tmp_path, written.id).available
    with pytest.raises(NotFound, match="no report 'none'"):
        registry.entry(tmp_path, "none")


def test_a_figure_that_is_not_there_picks_nothing() -> None:
    figure = Figure(name="n", label="", value=1, column="n", row={"step": "none"}, cypher="RETURN 1")
    assert list(pick([{"step": "cart", "n": 1}], figure)) == []
    assert make_table("t", "T", [], "RETURN 1", {}).dicts() == []
