"""`journeygraph attribution` without a graph: one JSON document, and failures that are sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from journeygraph.errors import UsageError
from journeygraph.limits import MOST_RESAMPLES
from journeygraph_cli.main import app


@pytest.fixture
def table(tmp_path: Path) -> str:
    path = tmp_path / "paths.csv"
    path.write_text("path,conversions,value,null\nad > [red]mail,3,30,1\nmail,1,5,2\n", encoding="utf-8")
    return str(path)


def _run(*arguments: str) -> str:
    return CliRunner().invoke(app, ["attribution", *arguments], catch_exceptions=False, standalone_mode=False).stdout


def test_one_document_with_the_fields_of_the_contract(table: str) -> None:
    answer = json.loads(_run("--paths", table, "--json", "--resamples", "40"))
    assert {"conversions": 4, "value": 35.0, "lost": 3, "resamples": 40}.items() <= answer.items()
    for row in answer["channels"]:
        assert {"channel", "model", "credit", "value_credit", "interval"} <= set(row)
    for model in answer["models"]:
        rows = [row for row in answer["channels"] if row["model"] == model["name"]]
        assert sum(row["credit"] for row in rows) == pytest.approx(4)
        assert sum(row["value_credit"] for row in rows) == pytest.approx(35)
    assert json.loads(_run("--paths", table, "--json", "--resamples", "40")) == answer


def test_a_person_sees_names_as_they_were_typed(table: str) -> None:
    shown = _run("--paths", table, "--model", "linear", "--resamples", "0")
    assert "[red]mail" in shown
    assert "1.5" in shown


def test_the_order_of_the_chain_is_an_option(table: str) -> None:
    answer = json.loads(_run("--paths", table, "--json", "--model", "markov", "--order", "2", "--resamples", "0"))
    assert "order 2" in answer["models"][0]["method"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--model", "u_shape"], "There is no model 'u_shape'"),
        (["--model", "time_decay"], "a table of paths doesn't say"),
        (["--order", "0"], "The order 0 of the Markov chain"),
        (["--half-life", "none"], "--half-life 'none' has no end"),
        (["--by", "step"], "--by asks about touchpoints in the graph"),
        (["--remove", "ad"], "--remove asks about touchpoints in the graph"),
        (["--separator", ""], "--separator '' separates nothing"),
    ],
)
def test_what_cannot_be_is_a_sentence(table: str, arguments: list[str], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        _run("--paths", table, *arguments)
    assert sentence in str(caught.value)


def test_more_resamples_than_the_api_allows_are_refused(table: str) -> None:
    done = CliRunner().invoke(app, ["attribution", "--paths", table, "--resamples", str(MOST_RESAMPLES + 1)])
    assert done.exit_code == 2
    assert "Invalid value for '--resamples'" in done.stderr
    assert str(MOST_RESAMPLES) in done.stderr
