"""`journeygraph paths` without a view: the most frequent transitions first, and how many more there are."""

from __future__ import annotations

import json

import pytest
from click.testing import Result
from typer.testing import CliRunner

from journeygraph import limits
from journeygraph.journeys.table import JourneyTable
from journeygraph_cli.main import app
from journeygraph_cli.which_paths import WhichPaths

#: Step k follows the start in k journeys: so many transitions from it, and as many to the end.
STEPS = 25


@pytest.fixture(autouse=True)
def journeys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands read this table in place of a graph."""
    rows = [
        {
            "id": f"j{step}-{copy}", "customer_id": "c", "outcome": "lost", "value": None, "steps": [f"s{step:02}"],
            "channels": ["web"], "occurred_at_us": [0],
        }
        for step in range(1, STEPS + 1)
        for copy in range(step)
    ]  # fmt: skip
    monkeypatch.setattr(WhichPaths, "read", lambda self: JourneyTable.from_rows(rows))


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["paths", *arguments])


def test_a_screen_holds_the_forty_most_frequent_and_says_so() -> None:
    done = _run()
    assert "s25" in done.stdout
    assert "s05" not in done.stdout
    assert f"(10 more) --top {2 * STEPS} shows all transitions." in done.stderr
    everything = _run("--top", str(2 * STEPS))
    assert "s01" in everything.stdout
    assert "more)" not in everything.stderr


def test_json_is_complete_unless_less_is_asked_for() -> None:
    every = json.loads(_run("--json").stdout)
    assert len(every["links"]) == 2 * STEPS
    three = json.loads(_run("--json", "--top", "3").stdout)
    assert [(link["target"], link["count"]) for link in three["links"] if link["source"] == "(start)"] == [
        ("s24", 24),
        ("s25", 25),
    ]
    assert [link["source"] for link in three["links"] if link["target"] == "(end)"] == ["s25"]
    assert all(link in every["links"] for link in three["links"])
    assert {key: three[key] for key in three if key != "links"} == {key: every[key] for key in every if key != "links"}


@pytest.mark.parametrize(
    ("option", "value", "bound"),
    [("--top", 0, 1), ("--levels", 0, 1), ("--levels", limits.MOST_LEVELS + 1, limits.MOST_LEVELS)],
)
def test_numbers_beyond_the_limits_are_refused(option: str, value: int, bound: int) -> None:
    done = _run(option, str(value))
    assert done.exit_code == 2
    assert f"Invalid value for '{option}'" in done.stderr
    assert f"or equal to {bound}" in done.stderr
