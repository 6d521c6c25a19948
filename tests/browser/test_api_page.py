"""The API's page for developers, as they see it: drawn without asking any other machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, expect

from journeygraph.settings import Settings
from journeygraph_cli.serve import application

pytestmark = pytest.mark.browser


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    settings = Settings(NEO4J_URI="bolt://127.0.0.1:9", NEO4J_PASSWORD="x", JOURNEYGRAPH_HOME=tmp_path)
    server = uvicorn.Server(uvicorn.Config(application(settings), port=0, log_config=None, ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def test_the_page_lists_every_route_and_asks_nobody_else(chromium: Browser, address: str) -> None:
    page = chromium.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/docs")
    for route in ("/v1/gaps", "/v1/journeys/{customer_id}", "/v1/touchpoints"):
        expect(page.locator(f'[data-path="{route}"]')).to_be_visible(timeout=30_000)
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    page.close()
