"""Published figures, and what attribution reads: journeys and tables of paths."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from journeygraph.attribution import attribute, bootstrap, from_table, path_table
from journeygraph.attribution.paths import NOTHING, Paths
from journeygraph.attribution.removal import check
from journeygraph.errors import InputError, UsageError
from journeygraph.journeys.table import JourneyTable
from tests.support import shared_data
from tests.unit.attribution.samples import Row, paths_of, rows

#: What marketing_attribution_models 2.1.1 (Apache-2.0) makes of the same table; it agrees in the other models as well.
POSITION = {
    "alpha": 556.929, "beta": 544.1541, "delta": 1.2, "epsilon": 67.2391, "eta": 958.0831, "gamma": 25.6891,
    "iota": 805.4819, "kappa": 40.7145, "lambda": 145.7565, "mi": 2.0, "theta": 417.1029, "zeta": 22.6499,
}  # fmt: skip


def read(text: str | bytes, file_format: str = "csv", **options: str) -> Paths:
    raw = text.encode() if isinstance(text, str) else text
    return path_table.read(io.BytesIO(raw), file_format, "paths.csv", **options)


@pytest.fixture(scope="module")
def pathdata() -> Paths:
    return read((shared_data("pathdata_dev") / "pathdata_dev.csv").read_bytes())


@pytest.mark.parametrize(
    ("model", "column", "rounding"),
    [
        ("first", "first_touch", 1e-9),
        ("last", "last_touch", 1e-9),
        ("linear", "linear_touch", 5e-5),
        ("markov", "markov1", 5e-4),
    ],
)
def test_figures_of_pathdata(pathdata: Paths, model: str, column: str, rounding: float) -> None:
    answer = attribute(pathdata, [model], resamples=0)
    assert (answer.conversions, answer.lost, round(answer.value or 0, 1)) == (3587, 12227, 15076.3)
    with (shared_data("pathdata_dev") / "expected_dev.csv").open(encoding="utf-8") as file:
        expected = {row["channel"]: row for row in csv.DictReader(file)}
    assert {row.channel for row in answer.channels} == set(expected)
    for row in answer.channels:
        assert row.credit == pytest.approx(float(expected[row.channel][column]), abs=rounding)
        if model == "markov":
            effect = float(expected[row.channel]["removal_effect"])
            assert row.removal_effect == pytest.approx(effect, abs=5.1e-7)


def test_position_is_as_another_library_has_it(pathdata: Paths) -> None:
    answer = attribute(pathdata, ["position"], resamples=0)
    assert {row.channel: row.credit for row in answer.channels} == pytest.approx(POSITION, abs=5.1e-5)


def test_a_goal_s_own_touchpoint_takes_no_part() -> None:
    table = JourneyTable.from_rows(
        [
            _journey("a", "converted", ["view", "purchase"], ["ad", "web"], [0, 86_400_000_000]),
            _journey("b", "converted", ["purchase"], ["store"], [5]),
            _journey("c", "lost", ["view", "help"], ["ad", "service"], [0, 1]),
            _journey("d", "open", ["view"], ["email"], [0]),
        ]
    )
    paths = from_table(table)
    assert paths.names == (NOTHING, "ad", "service")
    assert (paths.left_out, paths.conversions.tolist(), paths.losses.tolist()) == (1, [1, 1, 0], [0, 0, 1])
    assert paths.days is not None
    assert paths.days.tolist() == [1.0, 0.0, pytest.approx(1e-6 / 86_400), 0.0]
    assert from_table(table, "step").names == (NOTHING, "help", "view")
    answer = attribute(paths, ["last"], resamples=0)
    assert (answer.without_touchpoint, answer.left_out, answer.lost) == (1, 1, 1)
    assert {row.channel: row.credit for row in answer.channels} == {NOTHING: 1, "ad": 1, "service": 0}


def test_touchpoints_without_a_name_take_no_part() -> None:
    paths = from_table(
        JourneyTable.from_rows(
            [
                _journey("a", "converted", ["", "x", "", "x"], ["", "x", "", "x"], [0, 1, 2, 3]),
                _journey("b", "lost", ["", ""], ["", ""], [0, 1]),
            ]
        )
    )
    assert (paths.names, paths.codes.tolist(), paths.offsets.tolist()) == ((NOTHING, "x"), [1, 0], [0, 1, 2])


def _journey(name: str, outcome: str, steps: list[str], channels: list[str], times: list[int]) -> dict[str, object]:
    value = 7.0 if outcome == "converted" else None
    return {
        "id": name, "customer_id": name, "outcome": outcome, "value": value, "steps": steps, "channels": channels,
        "occurred_at_us": times,
    }  # fmt: skip


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_tables_of_paths_in_every_delimiter(delimiter: str) -> None:
    header = delimiter.join(["Path", "conversions", "value", "null"])
    paths = read(f"\ufeff{header}\n" + delimiter.join(["ad >  mail", "2", "9.5", "1"]) + "\n")
    assert (paths.names, paths.conversions.tolist(), paths.values.tolist()) == (("ad", "mail"), [2.0], [9.5])


def test_tables_of_paths_as_json_lines_and_parquet(tmp_path: Path) -> None:
    frame = pd.DataFrame({"path": ["ad > mail", "ad"], "conversions": [2, 0], "null": [1, 3]})
    frame.to_parquet(tmp_path / "paths")
    lines = "\n".join(json.dumps(row) for row in frame.to_dict("records"))
    for paths in (read(lines, "jsonl"), read((tmp_path / "paths").read_bytes(), "parquet")):
        assert (paths.names, paths.losses.tolist(), paths.values.tolist()) == (("ad", "mail"), [1, 3], [0, 0])


def test_columns_that_are_absent_or_empty_count_nothing() -> None:
    paths = read("path,conversions,null\n,3,\nad>ad,,2\n")
    assert (paths.names, paths.lengths.tolist()) == ((NOTHING, "ad"), [1, 2])
    assert (paths.conversions.tolist(), paths.losses.tolist()) == ([3, 0], [0, 2])


def test_another_separator_leaves_arrows_alone() -> None:
    assert read("path,conversions\na->b | c,1\n", separator=" | ").names == ("a->b", "c")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("way,conversions\na,1\n", "no column 'path'"),
        ("path,sales\na,1\n", "no column 'conversions' (or total_conversions); it has 'path', 'sales'"),
        ("path,conversions\na,1\nb,some\n", "row 2, column 'conversions': 'some' is not a whole number"),
        ("path,conversions\na,-1\n", "row 1, column 'conversions': '-1'"),
        ("path,conversions\na,1.5\n", "'1.5' is not a whole number"),
        ("path,conversions,value\na,1,inf\n", "'inf' is not a number"),
        ("path,conversions,value\na,0,7\n", "row 1: a value of 7 without any conversion"),
        ("path,conversions,total_conversions\na,1,1\n", "both say 'conversions'"),
        ("", "cannot be read as a table of paths"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    assert sentence in str(caught.value)
    assert "paths.csv" in str(caught.value)


@settings(max_examples=20)
@given(table=rows())
def test_a_seed_decides_the_intervals_and_they_hold_the_credits_mostly(table: list[Row]) -> None:
    paths = paths_of(table)
    first, again = (attribute(paths, ["linear", "markov"], resamples=60, seed=4) for _ in range(2))
    assert first == again
    for row in first.channels:
        assert row.interval is not None
        assert row.interval[0] <= row.interval[1]


def test_resamples_draw_as_many_journeys_as_there_are() -> None:
    paths = paths_of([Row(("ad",), 40, 80.0, 60, (0.0,)), Row(("mail",), 1, 5.0, 0, (0.0,))])
    samples = list(bootstrap.draws(paths, 401, seed=1))
    journeys = np.concatenate([s.conversions.sum(axis=0) + s.losses.sum(axis=0) for s in samples])
    assert journeys.tolist() == [101] * 401
    conversions = np.concatenate([s.conversions[0] for s in samples])
    assert conversions.mean() == pytest.approx(40, abs=1)
    assert conversions.std() == pytest.approx(np.sqrt(101 * 40 / 101 * 61 / 101), rel=0.15)
    assert all(np.allclose(s.values[0], s.conversions[0] * 2) for s in samples)


def test_one_journey_a_row_is_drawn_alike() -> None:
    paths = paths_of([Row(("ad",), int(k < 40), 0.0, int(k >= 40), (0.0,)) for k in range(100)])
    samples = list(bootstrap.draws(paths, 400, seed=1))
    conversions = np.concatenate([s.conversions.sum(axis=0) for s in samples])
    assert conversions.mean() == pytest.approx(40, abs=1)
    assert conversions.std() == pytest.approx(np.sqrt(100 * 0.4 * 0.6), rel=0.15)


def test_several_currencies_are_not_added_up() -> None:
    paths = paths_of([Row(("ad",), 1, 5.0, 0, (0.0,))])
    answer = attribute(paths, ["first"], currencies=["EUR", "USD"], resamples=10)
    assert (answer.value, answer.currency, answer.channels[0].value_credit) == (None, None, None)
    assert "EUR, USD" in answer.notes[0]
    assert attribute(paths, ["first"], currencies=["EUR"], resamples=10).currency == "EUR"


def test_a_name_that_no_journey_holds_cannot_be_removed() -> None:
    paths = paths_of([Row(("email", "web"), 1, 5.0, 0, (0.0, 0.0))])
    with pytest.raises(UsageError, match=r"No decided journey holds the channel 'e-mail'; there is 'email'\."):
        check(paths, "e-mail")


def test_a_packed_file_reads_by_the_command(tmp_path: Path) -> None:
    from journeygraph_cli.attribution import _of_file, _options

    packed = tmp_path / "paths"
    packed.write_bytes(gzip.compress(b"path,conversions\nad > mail,2\n"))
    answer = _of_file(packed, ">", ["first"], _options(1, None, "7d", 0), 0)
    assert (answer.conversions, answer.cypher, answer.channels[0].channel) == (2, None, "ad")
    packed.write_bytes(packed.read_bytes()[:-8])
    with pytest.raises(InputError, match="cut off or damaged"):
        _of_file(packed, ">", ["first"], _options(1, None, "7d", 0), 0)
