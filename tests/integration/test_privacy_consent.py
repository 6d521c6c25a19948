"""Whoever withdrew consent to analytics is in no figure, now or as of any instant, and comes back with a new word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journeygraph import journeys
from journeygraph.errors import NotFound
from journeygraph.graph import Graph
from journeygraph.intent.scores import moved, score
from journeygraph.journeys.table import read_table
from journeygraph.journeys.timeline import timeline
from journeygraph.privacy import consent
from journeygraph.privacy.erase import erase
from journeygraph.privacy.export import export
from journeygraph_loaders import pipeline
from tests.privacy_sample import BAD, DORA, HEADER, HERS, OTHERS
from tests.support import canonical_graph, empty, execute

pytestmark = pytest.mark.graph
KEPT = ("Journey", "Session", "Step")


def _load(graph: Graph, home: Path, rows: str) -> None:
    home.mkdir(exist_ok=True)
    file = home.parent / "touchpoints.csv"
    file.write_text(HEADER + rows, encoding="utf-8")
    pipeline.load(graph, [file], home=home)


@pytest.fixture
def home(graph: Graph, tmp_path: Path) -> Path:
    _load(graph, tmp_path / "home", OTHERS + HERS + BAD)
    return tmp_path / "home"


def _analysed(graph: Graph) -> list[str]:
    """Everything that analyses read of journeys: paths with their touchpoints, the step graph, the order."""
    found = execute(
        graph,
        "MATCH (n:Journey|Session) "
        "RETURN properties(n) AS p, [(n)-[i:INCLUDES]->(t) | [i.position, t.touchpoint_id]] AS t "
        "UNION ALL MATCH (a)-[l:LEADS_TO]->(b) RETURN properties(l) AS p, [a.name, b.name] AS t "
        "UNION ALL MATCH (a)-[n:NEXT]->(b) RETURN properties(n) AS p, [a.touchpoint_id, b.touchpoint_id] AS t",
    )
    return sorted(repr((sorted(row["p"].items()), sorted(row["t"], key=repr))) for row in found)


def test_journeys_are_those_of_the_others_and_come_back(graph: Graph, home: Path) -> None:
    before = canonical_graph(graph)
    consent.note(graph, home, DORA, "analytics", "withdrawn", at=datetime(2026, 1, 1, tzinfo=UTC))
    without = [row["id"] for row in execute(graph, "MATCH (j:Journey) RETURN j.journey_id AS id ORDER BY id")]
    assert without == ["j:t1", "j:t4", "j:t6"]
    assert consent.summary(graph).withdrawn == {"analytics": 1, "personalisation": 0, "marketing": 0}
    counted = consent.summary(graph)
    assert graph.run(counted.cypher, counted.parameters)[0]["analytics"] == 1  # type: ignore[arg-type]
    # More of hers changes nothing that is analysed; what is held is handed over whole.
    shown = _analysed(graph)
    _load(graph, home, "d9,dora-4711,,,,view,2026-01-05T11:00:00Z,p1,,,\n")
    assert _analysed(graph) == shown
    assert export(graph, home, DORA).counts["touchpoints"] == 6
    with pytest.raises(NotFound, match="withdrew consent to analytics"):
        timeline(graph, DORA)
    execute(graph, "MATCH (t:Touchpoint {touchpoint_id: 'd9'}) DETACH DELETE t")
    consent.note(graph, home, DORA, "analytics", "granted", at=datetime(2026, 1, 2, tzinfo=UTC))
    execute(graph, "MATCH (n:Consent) DETACH DELETE n")
    assert canonical_graph(graph) == before
    assert len(timeline(graph, DORA).journeys) == 3


def test_an_answer_about_the_past_leaves_them_out_too(graph: Graph, home: Path) -> None:
    then = datetime.now(UTC) + timedelta(hours=1)
    before = sorted(read_table(graph, as_of=then).ids)
    consent.note(graph, home, DORA, "analytics", "withdrawn")
    assert sorted(read_table(graph, as_of=then).ids) == sorted(read_table(graph).ids) == ["j:t1", "j:t4", "j:t6"]
    assert before == ["j:d1", "j:d4", "j:d5", "j:t1", "j:t4", "j:t6"]
    with pytest.raises(NotFound, match="withdrew consent"):
        timeline(graph, DORA, as_of=then)
    owned = read_table(graph, grain="order")
    assert "order:o2:d3" not in owned.ids
    assert "order:o2:d3" not in read_table(graph, grain="order", as_of=then).ids


def test_a_merge_carries_the_word_along(graph: Graph, home: Path) -> None:
    from journeygraph.identity.merging import merge, unmerge

    consent.note(graph, home, "fritz-1", "analytics", "withdrawn")
    merged = merge(graph, "emil-1", "fritz-1")
    journeys.thread(graph)
    kept = {row["id"] for row in execute(graph, "MATCH (j:Journey) RETURN j.customer_id AS id")}
    assert kept == {DORA, "anonymous:kiosk-1"}
    unmerge(graph, merged.merge_id)
    journeys.thread(graph)
    kept = {row["id"] for row in execute(graph, "MATCH (j:Journey) RETURN j.customer_id AS id")}
    assert kept == {DORA, "anonymous:kiosk-1", "emil-1"}


def test_erasing_one_who_withdrew_leaves_nothing(graph: Graph, home: Path) -> None:
    consent.note(graph, home, DORA, "analytics", "withdrawn")
    erase(graph, home, DORA)
    left = canonical_graph(graph)
    empty(graph)
    _load(graph, home.parent / "fresh", OTHERS)
    assert left == canonical_graph(graph)


@pytest.mark.parametrize("purpose", ["analytics", "personalisation"])
def test_no_score_is_computed_of_one_who_withdrew(graph: Graph, home: Path, purpose: consent.Purpose) -> None:
    consent.note(graph, home, "fritz-1", purpose, "withdrawn")
    with pytest.raises(consent.ConsentWithdrawn, match="'fritz-1' withdrew consent to analytics or personalisation"):
        consent.require(graph, ["emil-1", "fritz-1"], score._PURPOSES, "score is computed")
    consent.require(graph, ["emil-1"], score._PURPOSES, "score is computed")
    consent.require(graph, [], score._PURPOSES, "score is computed")


def test_neither_engagement_nor_next_step_of_one_who_withdrew(graph: Graph, home: Path) -> None:
    consent.note(graph, home, "fritz-1", "analytics", "withdrawn")
    with pytest.raises(consent.ConsentWithdrawn, match="no engagement is measured"):
        moved.change(graph, "fritz-1")
    with pytest.raises(consent.ConsentWithdrawn, match="no next step is foretold"):
        consent.require(graph, ["fritz-1"], ("analytics",), "next step is foretold")
