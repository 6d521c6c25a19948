"""After an erasure and a purge no byte of the person is left in any file that the product owns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from journeygraph import server
from journeygraph.errors import UsageError
from journeygraph.graph import Graph
from journeygraph.privacy import audit
from journeygraph.privacy.erase import begin, complete
from journeygraph.privacy.purge import purge, search
from journeygraph.privacy.suppression import suppress
from journeygraph.quality import waiting
from journeygraph.quality.waiting import Which
from journeygraph.settings import Settings
from journeygraph_cli.main import app
from journeygraph_loaders import bulk, pipeline
from tests.support import canonical_graph, empty, execute

pytestmark = [pytest.mark.graph, pytest.mark.slow]
HEADER = "touchpoint_id,customer_id,anonymous_id,email,session_id,step,occurred_at,product_id,order_id,value,note\n"
#: So long that Neo4j does not pack them into fewer bits a letter: packed, nobody's search would find them.
HERS = tuple(f"{name}-" + 7 * "of-dora-4711-" for name in ("customer", "dora@mail.example.org", "device", "order"))
ROWS = """\
t{n:05},emil-{n:05},,emil{n}@example.org,,view,2026-01-01T10:00:00Z,p1,,,"{note}"
"""
STORY = "Once upon a time there was emil. "
NOTES = ("semi;colon", "two\nlines", 'a ""quote""', "\x1fseparator", "back\\slash", " spaces ", "☃")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A managed server of its own, not started: a purge stops it, so it cannot be the one of the other tests."""
    settings = Settings(JOURNEYGRAPH_HOME=tmp_path_factory.mktemp("purge"), NEO4J_URI=None, NEO4J_PASSWORD=None)
    with pytest.MonkeyPatch.context() as patch:
        # Java starts eight times here and never runs for long: what it compiles at leisure would take half of the time.
        patch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")
        try:
            yield settings
        finally:
            server.managed(settings).stop()


def test_who_was_erased_does_not_come_back_in_bulk(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "touchpoints.csv"
    file.write_text(
        "customer_id,email,step,occurred_at\n"
        "anna,anna@example.org,view,2026-01-01T10:00:00Z\nben,,view,2026-01-01T10:00:00Z\n"
        ",,view,2026-01-01T10:00:00Z\nanna,,view,never\n",
        encoding="utf-8",
    )
    audit.record(settings.home, "erase begun")
    suppress(settings.home, [("customer_id", "anna"), ("email", "anna@example.org")])
    try:
        loaded = bulk.load(settings, [file])
        assert (loaded.received, loaded.stored, loaded.quarantined) == (4, 1, 3)
        assert not search(settings.home, ["anna@example.org"]).holding
    finally:
        (settings.home / "privacy" / "suppressed.txt").unlink()


@pytest.fixture
def loaded(settings: Settings, tmp_path: Path) -> Settings:
    others = "".join(ROWS.format(n=n, note=NOTES[n % len(NOTES)]) for n in range(300))
    customer, email, device, order = HERS
    mine = "".join(
        f"dora-touchpoint-{n:06},{customer},{device},{email},,cart,2026-01-05T10:{n:02}:00Z,p1,{order},1,{email}\n"
        for n in range(50)
    )
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / f"{customer}.csv").write_text(HEADER + others + mine, encoding="utf-8")
    (folder / "bad.csv").write_text(HEADER + "x,fritz,,,,view,never,,,,\n", encoding="utf-8")
    server.managed(settings).start()
    with Graph(server.connection(settings)) as graph:
        empty(graph)
        (settings.home / "privacy" / "suppressed.txt").unlink(missing_ok=True)
        pipeline.load(graph, [folder], home=settings.home)
        dropped = waiting.drop(settings.home, Which(file="bad.csv"), f"{email} asked for it")
        assert dropped.rows == 1
        # Whatever no cell of a file can say, on nodes and on relationships.
        execute(
            graph,
            "MATCH (c:Customer {customer_id: 'emil-00001'}) SET c.nothing = [], c.`a:b` = 'x', c.parts = ['', 'b'], "
            "c.big = 1e308 * 10, c.at = [datetime('2026-01-01T00:00:00.123456789+01:00')], c.text = '', "
            "c.one = ['\x1f'], c.story = $story, c.day = date('2026-01-01'), c.flag = [true, false], "
            "c.numbers = [1.5, 2.0]",
            story=9 * STORY,
        )
        execute(graph, "MATCH (:Customer {customer_id: 'emil-00001'})-[r:MADE]->() SET r.nothing = [], r.n = 1")
        execute(graph, "MATCH (t:Touchpoint {touchpoint_id: 't00002'}) SET t.p_mixed = 1")
        execute(graph, "MATCH (t:Touchpoint {touchpoint_id: 't00003'}) SET t.p_mixed = 'one'")
    return settings


def _exact(settings: Settings) -> tuple[dict[str, list[str]], str, str]:
    with Graph(server.connection(settings)) as graph:
        odd = execute(
            graph,
            "MATCH (n) WHERE n.customer_id = 'emil-00001' OR n.p_mixed IS NOT NULL OPTIONAL MATCH (n)-[r:MADE]->() "
            "RETURN labels(n), [key IN keys(n) | [key, valueType(n[key]), n[key]]] AS p, properties(r) AS r ORDER BY p",
        )
        schema = execute(graph, "SHOW INDEXES YIELD name, type, state RETURN name, type, state ORDER BY name")
        shown = list(map(repr, odd))
        return canonical_graph(graph), "\n".join(sorted("".join(sorted(text)) for text in shown)), repr(schema)


def test_no_byte_of_an_erased_person_is_left(loaded: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert waiting.history(loaded.home)[0].because == f"{HERS[1]} asked for it"
    with Graph(server.connection(loaded)) as graph:
        started = begin(graph, loaded.home, HERS[0])
        complete(graph, loaded.home, started)  # and killed before the purge
    before = _exact(loaded)
    assert any("privacy/begun" in name for name in search(loaded.home, HERS).holding), "whom to look for"
    remnants = search(loaded.home, HERS)
    assert any("/data/" in name for name in remnants.holding), "what a purge is for"
    monkeypatch.setenv("JOURNEYGRAPH_HOME", str(loaded.home))
    for name in ("URI", "USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"NEO4J_{name}", raising=False)
    run = CliRunner().invoke(app, ["privacy", "erase", HERS[0], "--yes", "--purge", "--json"])
    erased = json.loads(run.stdout)
    purged = erased["purge"]
    assert (run.exit_code, purged["searched"]["holding"], purged["searched"]["in_graph"]) == (0, [], 0)
    assert (erased["resumed"], erased["removed"]["touchpoints"], erased["proof"]["statement"]["erasure_id"]) == (
        True,
        50,
        started.erasure_id,
    )
    assert search(loaded.home, HERS).holding == ()
    assert purged["searched"]["files"] > 50
    assert purged["proof"]["statement"]["searched"]["holding"] == 0
    assert _exact(loaded) == before
    assert not (loaded.home / "purge").exists()
    assert search(loaded.home, [3 * STORY]).holding, "the search finds what is still there"
    # Loads and lookups go on.
    with Graph(server.connection(loaded)) as graph:
        assert execute(graph, "MATCH (c:Customer {customer_id: 'emil-00007'}) RETURN c")
        assert graph.read("load/totals")[0]["customers"] == 300
        # The file that is named after her comes again.
        again = pipeline.load(graph, [tmp_path / "in"], home=loaded.home)
        assert (again.stored, again.duplicate, again.quarantined) == (0, 300, 51)
        names = execute(graph, "MATCH (f:File {batch_id: $batch}) RETURN f.name AS name", batch=again.batch_id)
        assert {row["name"] for row in names} == {"(erased).csv", "bad.csv"}
    assert search(loaded.home, HERS).holding == ()
    assert waiting.history(loaded.home)[0].because == "(erased) asked for it"


def test_a_server_of_ones_own_is_told_what_to_do(tmp_path: Path) -> None:
    elsewhere = Settings(JOURNEYGRAPH_HOME=tmp_path, NEO4J_URI="bolt://db.example.org:7687")
    with pytest.raises(UsageError, match="database copy --compact-node-store"):
        purge(elsewhere)
