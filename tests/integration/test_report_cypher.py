"""Every figure of a report equals its Cypher, run through the driver; and the same graph gives the same bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journeygraph import report
from journeygraph.generator import simulate
from journeygraph.graph import Graph
from journeygraph.report import earlier, registry
from journeygraph.report.check import differences
from journeygraph.settings import Settings
from journeygraph_loaders import pipeline

pytestmark = [pytest.mark.graph, pytest.mark.slow]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home of its own."""
    return Settings(JOURNEYGRAPH_HOME=tmp_path / "home")


def test_every_figure_is_what_its_cypher_gives(graph: Graph, settings: Settings, tmp_path: Path) -> None:
    pipeline.store(graph, simulate(1_200, seed=3).touchpoints)
    found = report.collect(graph, settings)
    assert found.gaps.answer
    assert found.gaps.answer["findings"]
    assert list(differences(graph, found)) == []
    assert {
        "links",
        "step_matrix",
        "transition_matrix",
        "variants",
        "routes",
        "step_graph",
        "transitions",
        "waits",
    } <= {table.name for table in found.tables if table.rows}
    _says_the_same_as_of_now(graph, settings, found)
    _notices_a_wrong_figure(graph, found)
    _writes_the_same_bytes_again(graph, settings, tmp_path)


def _says_the_same_as_of_now(graph: Graph, settings: Settings, found: report.Report) -> None:
    """As of an instant after the load, the statements rebuild the journeys, and nothing else changes."""
    later = report.collect(graph, settings, as_of=datetime.now(UTC) + timedelta(hours=1))
    assert [(figure.name, figure.value) for figure in later.figures] == [
        (figure.name, figure.value) for figure in found.figures
    ]
    assert all("$as_of" in figure.cypher or figure.parameters.get("known_until") for figure in later.figures)
    assert list(differences(graph, later)) == []


def _notices_a_wrong_figure(graph: Graph, found: report.Report) -> None:
    """The comparison is one: a figure and a row that were changed are named."""
    wrong = found.figures[0].model_copy(update={"value": -1})
    table = found.table("links")
    torn = table.model_copy(update={"rows": table.rows[1:]})
    changed = found.model_copy(update={"figures": (wrong,), "tables": (torn,)})
    assert [sentence.split(":")[0] for sentence in differences(graph, changed)] == [wrong.name, "links"]


def _writes_the_same_bytes_again(graph: Graph, settings: Settings, tmp_path: Path) -> None:
    first = report.build(graph, tmp_path / "a", settings)
    second = report.build(graph, tmp_path / "b", settings)
    assert first.id == second.id
    for name in first.files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert [entry.id for entry in registry.entries(settings.home)] == [first.id]


def test_a_findings_history_is_handed_on(graph: Graph, settings: Settings, tmp_path: Path) -> None:
    touchpoints = sorted(simulate(1_200, seed=3).touchpoints, key=lambda touchpoint: touchpoint.occurred_at)
    pipeline.store(graph, touchpoints[: len(touchpoints) * 3 // 4])
    first = report.build(graph, tmp_path / "a", settings)
    pipeline.store(graph, touchpoints[len(touchpoints) * 3 // 4 :])
    before = earlier.read(str(tmp_path / "a"), settings.home)
    second = report.build(graph, tmp_path / "b", settings, earlier=before)
    history = registry.content(settings.home, second.id)["history"]
    twice = {row["finding_id"] for row in history if row["report"] == first.id and row["status"] == "new"} & {
        row["finding_id"] for row in history if row["report"] is None and row["status"] in ("same", "worse", "better")
    }
    assert twice
    now = {figure.name: figure.value for figure in report.collect(graph, settings).figures}
    for row in history:
        if row["report"] is None and row["status"] != "closed":
            assert row["affected"] == now[f"findings/{row['finding_id']}/affected"]
    assert (tmp_path / "b" / "report.html").read_text(encoding="utf-8").count('class="history"') == len(twice)


def test_an_empty_graph_gives_an_honest_report(graph: Graph, settings: Settings, tmp_path: Path) -> None:
    written = report.build(graph, tmp_path / "out", settings)
    assert written.findings == 0
    assert "nothing to report yet" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert list(differences(graph, report.collect(graph, settings))) == []
