"""A finding from report to report: handed on from one report.json to the next, drawn on its card."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from journeygraph.errors import UsageError
from journeygraph.report import earlier, html, markdown, tables
from journeygraph.report.collect import with_history
from journeygraph.report.history import KEPT, Point, grow
from journeygraph.report.model import Report
from journeygraph.report.pictures.history import drawing
from journeygraph.report.views.history import of_finding
from journeygraph.report.write import identity, write
from tests.report_samples import report


def _answer(*affected: int, status: str = "new", closed: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "findings": [
            {"id": f"loop-{number}", "status": status, "affected": amount, "denominator": 100}
            for number, amount in enumerate(affected)
        ],
        "closed": [{"id": name} for name in closed],
    }


def _compared(tmp_path: Path, before: Report, status: str = "worse") -> Report:
    """The same report again, a month later, compared with the files of the one before."""
    write(before, tmp_path / "before", ("json",))
    now = report()
    assert now.gaps.answer
    findings = [row | {"status": status, "affected": row["affected"] - 7} for row in now.gaps.answer["findings"]]
    answer = now.gaps.answer | {"findings": findings, "compared_with": "before"}
    later = {"gaps": now.gaps.model_copy(update={"answer": answer}), "data_end": "2026-06-03T00:00:00Z"}
    return with_history(now.model_copy(update=later), earlier.read(str(tmp_path / "before"), tmp_path))


def test_a_report_hands_its_history_on(tmp_path: Path) -> None:
    first = report()
    second = _compared(tmp_path, first)
    third = _compared(tmp_path, second, "better")
    assert first.gaps.answer
    finding = first.gaps.answer["findings"][0]["id"]
    found = [point for point in third.history if point.finding_id == finding]
    assert [point.report for point in found] == [identity(first), identity(second), None]
    assert [point.status for point in found] == ["new", "worse", "better"]
    assert found[1].affected == (found[0].affected or 0) - 7
    assert Report.model_validate_json(third.model_dump_json()).history == third.history


def test_the_interval_is_wilsons() -> None:
    (point,) = grow((), _answer(10), at=None, earlier_id=None)
    assert (point.low, point.high) == pytest.approx((0.0552, 0.1744), abs=1e-4)  # Wilson's of 10 of 100, published


def test_a_finding_that_was_closed_and_came_back_has_a_gap() -> None:
    first = grow((), _answer(10), at="2026-01-01", earlier_id=None)
    second = grow(first, _answer(closed=("loop-0",)), at="2026-02-01", earlier_id="a")
    third = grow(second, _answer(30), at="2026-03-01", earlier_id="b")
    assert [(point.at, point.status, point.share) for point in third] == [
        ("2026-01-01", "new", 0.1),
        ("2026-02-01", "closed", None),
        ("2026-03-01", "new", 0.3),
    ]
    seen = of_finding("loop-0", "journey", report().model_copy(update={"history": third}))
    assert seen
    assert seen.words[1] == "2026-02-01: closed"
    assert seen.picture.line.count("M") == 2


def test_a_history_does_not_grow_for_ever() -> None:
    history: tuple[Point, ...] = ()
    for number in range(KEPT + 20):
        history = grow(history, _answer(10, 20), at="2026-01-01", earlier_id=f"r{number}")
    assert len(history) == 2 * KEPT
    assert [point.report for point in history if point.finding_id == "loop-1"][-2:] == [f"r{KEPT + 19}", None]


def test_a_report_without_history_counts_as_one_point(tmp_path: Path) -> None:
    write(report(), tmp_path, ("json",))
    document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    del document["history"]
    (tmp_path / "report.json").write_text(json.dumps(document), encoding="utf-8")
    assert len(earlier.read(str(tmp_path), tmp_path).history) == len(report().history)


@pytest.mark.parametrize("wrong", [{"status": "<b>"}, {"at": "yesterday"}, {"share": "much"}, {"more": 1}])
def test_a_history_that_is_none_is_a_sentence(tmp_path: Path, wrong: dict[str, Any]) -> None:
    write(report(), tmp_path, ("json",))
    document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    document["history"][0] |= wrong
    (tmp_path / "report.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UsageError, match="holds no journey gap report"):
        earlier.read(str(tmp_path), tmp_path)


def test_the_card_and_the_files_tell_the_history(tmp_path: Path) -> None:
    second = _compared(tmp_path, report())
    page, text = html.render(second), markdown.render(second)
    assert page.count('class="history"') == len(report().history)
    assert "From report to report: affected share of journeys" in text
    assert "2026-06-03" in text
    assert "history.csv" in tables.files(second)
    assert 'class="history"' not in html.render(report())


def test_dots_lie_inside_and_labels_apart() -> None:
    for many in range(2, 13):
        shares = [(0.1 * k / many, 0.2 * k / many, 0.3 * k / many) for k in range(many)]
        picture = drawing(shares, ["same"] * many, ["2026-01-01"] * many, [""] * many)
        assert all(52 <= dot.x <= 388 and 0 <= dot.y <= 92 for dot in picture.dots)
        assert all(right.x - left.x >= 80 for left, right in pairwise(picture.labels))
