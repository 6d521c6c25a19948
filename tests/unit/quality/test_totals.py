"""Totals files: read in each form, refused in sentences, compared figure by figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from journeygraph.errors import InputError, UsageError
from journeygraph.quality import totals
from journeygraph.quality.totals import Total, compare


class Held:
    """A graph that holds these rows."""

    def __init__(self, *rows: tuple[str | None, str | None, str | None, int, float, int]) -> None:
        names = (*totals.KEYS, *totals.FIGURES)
        self.rows = [dict(zip(names, row, strict=True)) for row in rows]
        self.asked: dict[str, Any] = {}

    def run(self, _: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        self.asked = parameters
        return self.rows


@pytest.mark.parametrize(
    "text",
    [
        "source,day,rows,value\nshop,2026-01-31,3,7.5\n",
        "\ufeffsource;day;rows;value\nshop;2026-01-31;3;7.5\n",
        "Source,Day,ROWS, Value\nshop,2026-01-31,3,7.5\n",
        "source;day;rows;value\nshop;2026-01-31;3;7,50\n",
        '[{"source": "shop", "day": "2026-01-31", "rows": 3, "value": 7.5}]',
        '{"totals": [{"source": "shop", "day": "2026-01-31", "rows": 3, "value": 7.5, "step": null}]}',
    ],
)
def test_each_form_is_read(text: str, tmp_path: Path) -> None:
    path = tmp_path / "totals"
    path.write_text(text)
    assert totals.read(path) == [Total(source="shop", day="2026-01-31", rows=3, value=7.5)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("source,rows\nshop,many\n", "line 2: rows is 'many'.*Columns are: source, day, step, rows, value, customers"),
        ("source,count\nshop,3\n", "line 2: count is '3'"),
        ("source,rows\n", "has no totals"),
        ("day,rows\n2026-13-01,3\n", "line 2: day is '2026-13-01': a day such as 2026-01-31 is needed"),
        ("day,rows\n20260101,3\n", "line 2: day is '20260101'"),
        ("source,rows\nshop,-1\n", "line 2: rows is '-1'.*greater than or equal to 0"),
        ("source,value\nshop,nan\n", "line 2: value is 'nan'"),
        ("source,rows\nweb,1\nshop,\n", "line 3 has no figure: at least one of rows, value, customers is needed"),
        ("source;value\nshop;1.234,50\n", "line 2: value is '1.234,50'"),
        ("source,rows\nshop,1,2\n", "line 2"),
        ("{", "are not JSON"),
        ('{"a": 1}', "no list of objects"),
        ("[1]", "line 1: 1 is no line of totals"),
    ],
)
def test_what_is_no_totals_file_is_refused(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "totals"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        totals.read(path)


def test_figures_are_compared_at_the_detail_of_the_totals() -> None:
    held = Held(("shop", None, None, 100, 7.504, 9), ("till", None, None, 5, 1.0, 2), ("shop2", None, None, 1, 0.0, 1))
    found = compare(held, [Total(source="shop", rows=101, value=7.5), Total(source="web", rows=2)])  # type: ignore[arg-type]
    assert held.asked == {"by_source": True, "by_day": False, "by_step": False, "timezone": "UTC"}
    assert [(line.source, line.figure, line.stated, line.stored, line.within) for line in found.lines] == [
        ("shop", "rows", 101, 100, False),
        ("shop", "value", 7.5, 7.504, True),
        ("web", "rows", 2, None, False),
    ]
    assert (found.compared, found.off) == (3, 2)
    assert compare(held, [Total(source="shop", rows=101)], tolerance=0.01).off == 0  # type: ignore[arg-type]


def test_what_the_graph_has_and_the_totals_do_not_is_told() -> None:
    held = Held((None, "2026-01-01", None, 1, 0.0, 1), (None, "2026-01-02", None, 4, 0.0, 1))
    found = compare(held, [Total(day="2026-01-01", rows=1)])  # type: ignore[arg-type]
    assert [(line.day, line.stated, line.stored, line.within) for line in found.lines] == [
        ("2026-01-01", 1, 1, True),
        ("2026-01-02", None, 4, False),
    ]


def test_totals_that_cannot_be_compared_are_sentences() -> None:
    held = Held()
    with pytest.raises(UsageError, match="Some totals have a day and some have none"):
        compare(held, [Total(day="2026-01-01", rows=1), Total(rows=1)])  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="line of source shop has no figure"):
        compare(held, [Total(source="shop")])  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="two lines for source shop"):
        compare(held, [Total(source="shop", rows=1), Total(source="shop", rows=2)])  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="--timezone 'Mars' is not a time zone"):
        compare(held, [Total(rows=1)], timezone="Mars")  # type: ignore[arg-type]
