"""An analyst logs in to the real Neo4j Browser, pastes files of `cypher/` as they are, and sees the figures."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from journeygraph import queries
from journeygraph.graph import Connection, Graph
from journeygraph.schema import Touchpoint
from journeygraph.settings import Settings
from journeygraph_api.app import create_app
from journeygraph_loaders import pipeline
from tests.support import execute

pytestmark = [pytest.mark.graph, pytest.mark.browser]

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PATHS = ["view_product cart purchase", "view_product cart", "view_product view_product", "cart purchase"]


@pytest.fixture
def page(chromium: Browser, neo4j_server: Connection, graph: Graph) -> Iterator[Page]:
    """Neo4j Browser, logged in to the test server, over a few journeys."""
    pipeline.store(
        graph,
        [
            Touchpoint(
                touchpoint_id=f"{customer}-{minute}",
                step=step,
                channel="web",
                occurred_at=NOON + timedelta(minutes=minute),
                source="test",
                customer_id=f"c-{customer}",
            )
            for customer in range(40)
            for minute, step in enumerate(PATHS[customer % len(PATHS)].split())
        ],
    )
    page = chromium.new_page(
        viewport={"width": 1280, "height": 1000}, permissions=["clipboard-read", "clipboard-write"]
    )
    page.goto(f"http://{_http_address(graph)}/browser/")
    scheme, _, address = neo4j_server.uri.partition("://")
    page.get_by_test_id("bolt-scheme-select").select_option(f"{scheme}://")
    page.get_by_test_id("boltaddress").fill(address)
    page.get_by_test_id("username").fill(neo4j_server.username)
    page.get_by_test_id("password").fill(neo4j_server.password)
    page.get_by_test_id("connect").click()
    expect(page.get_by_text("You are connected")).to_be_visible(timeout=90_000)
    yield page
    page.close()


@pytest.mark.parametrize("name", ["gaps/journeys", "patterns/support", "paths/transitions"])
def test_a_pasted_file_shows_the_figures_that_the_product_has(page: Page, graph: Graph, name: str) -> None:
    query = queries.get(name)
    parameters = execute(graph, f"RETURN {query.example} AS parameters")[0]["parameters"]  # type: ignore[arg-type]
    run(page, queries.source(name))
    frame = page.get_by_test_id("frame").first
    if query.parameters:  # two statements, of which Browser shows only how they went
        expect(frame.get_by_role("listitem", name="Status: success")).to_have_count(2, timeout=60_000)
        run(page, queries.for_browser(query.cypher, parameters))
    table = frame.get_by_role("table")
    expect(table).to_be_visible(timeout=60_000)
    for column, value in graph.run(query.cypher, parameters)[0].items():
        expect(frame.get_by_role("columnheader", name=column, exact=True)).to_be_visible()
        if isinstance(value, int):
            expect(table.get_by_role("row").nth(1)).to_contain_text(str(value))


@pytest.fixture
def api(neo4j_server: Connection, tmp_path: Path) -> Iterator[str]:
    """The API's address, on a port of its own."""
    app = create_app(Settings(JOURNEYGRAPH_HOME=tmp_path, NEO4J_URI=neo4j_server.uri), lambda *_: {})
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def test_the_guide_opens_and_its_blocks_run(page: Page, graph: Graph, api: str) -> None:
    run(page, f":play {api}/browser/guide")
    frame = page.get_by_test_id("frame").first
    expect(frame.get_by_role("heading", name="JourneyGraph")).to_be_visible(timeout=60_000)
    frame.get_by_text(":style").click()
    page.get_by_test_id("editor-Run").click()
    expect(page.get_by_text("node.Finding").first).to_be_visible(timeout=60_000)


def run(page: Page, text: str) -> None:
    """Paste into the editor, as people do (typing would make it close brackets), and press its button."""
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.get_by_test_id("activeEditor").click()
    page.keyboard.press("Control+V")
    page.get_by_test_id("editor-Run").click()


def _http_address(graph: Graph) -> str:
    rows = execute(graph, "SHOW SETTINGS YIELD name, value WHERE name = 'server.http.advertised_address' RETURN value")
    return str(rows[0]["value"])
