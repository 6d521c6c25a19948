"""Pulled rows and rows of files are the same touchpoints; a pull that is ended anywhere is completed by the next."""

from __future__ import annotations

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from journeygraph.errors import InputError, UsageError
from journeygraph.graph import Connection, Graph
from journeygraph.quality.pulls import pulls
from journeygraph.quality.stages import stages
from journeygraph_loaders import pipeline
from journeygraph_loaders.pull import Pull, PullResult, declared, pull, read
from journeygraph_loaders.pull.client import ServiceUnavailable
from journeygraph_loaders.pull.state import State, held
from journeygraph_loaders.quarantine import Quarantine
from journeygraph_loaders.replay import replay
from tests.support import canonical_graph, empty, execute
from tests.unit.loaders.pull.service import Answer, Asked, running

pytestmark = pytest.mark.graph
SAMPLES = Path(__file__).parents[2] / "data" / "sources"
COLUMNS = ("id", "who", "what", "at", "amount")
MAPPING = "columns: {touchpoint_id: id, customer_id: who, step: what, occurred_at: at, value: amount}\ntimezone: UTC\n"


def rows(start: int, stop: int) -> list[tuple[Any, ...]]:
    """Rows of a shop's table; every fortieth has a time that is none."""
    steps = ("view", "cart", "purchase")
    return [
        (n, f"c{n % 97}", steps[n % 3], "soon" if n % 40 == 7 else f"2026-01-{n % 28 + 1:02} 12:{n % 60:02}", n % 50)
        for n in range(start, stop)
    ]


def insert(path: Path, some: list[tuple[Any, ...]]) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, who, what, at, amount)")
        connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", some)
    connection.close()


def shop(folder: Path, count: int) -> Pull:
    insert(folder / "shop.db", rows(0, count))
    (folder / "events.yaml").write_text(MAPPING)
    file = folder / "shop.yaml"
    file.write_text(
        f"mapping: events.yaml\nsource: shop\nsql: {{url: 'sqlite:///{folder}/shop.db', table: events, cursor: id}}\n"
    )
    return read(file)


def counts(result: PullResult | pipeline.LoadResult) -> tuple[int, int, int, int]:
    assert result.received == result.stored + result.duplicate + result.quarantined
    return result.received, result.stored, result.duplicate, result.quarantined


def test_a_table_is_the_same_graph_as_its_file_and_only_new_rows_are_read(graph: Graph, tmp_path: Path) -> None:
    shop_pull = shop(tmp_path, 400)
    first = pull(graph, shop_pull, home=tmp_path, batch_rows=90)
    assert counts(first) == (400, 390, 0, 10)
    assert first.pages == 5
    assert first.place == f"events of sqlite {tmp_path}/shop.db"
    assert counts(pull(graph, shop_pull, home=tmp_path)) == (0, 0, 0, 0)
    insert(tmp_path / "shop.db", rows(400, 500))
    assert counts(pull(graph, shop_pull, home=tmp_path)) == (100, 97, 0, 3)
    pulled = canonical_graph(graph)
    assert counts(pull(graph, shop_pull, home=tmp_path, again=True)) == (500, 0, 487, 13)
    assert canonical_graph(graph) == pulled
    empty(graph)
    with (tmp_path / "events.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows(0, 500))
    pipeline.load(graph, [tmp_path / "events.csv"], home=tmp_path, mapping=tmp_path / "events.yaml", source="shop")
    assert canonical_graph(graph) == pulled


def test_bad_rows_of_a_pull_are_replayed_with_its_mapping(graph: Graph, tmp_path: Path) -> None:
    pull(graph, shop(tmp_path, 60), home=tmp_path)
    with Quarantine(tmp_path, "look") as quarantine:
        first = next(quarantine.entries())
    assert (first.file, first.line, first.column, first.value) == ("pull:shop", 8, "at", "soon")
    (tmp_path / "events.yaml").write_text(MAPPING.replace("occurred_at: at", "occurred_at: {constant: '2026-02-01'}"))
    replayed = replay(graph, tmp_path)
    assert (replayed.received, replayed.stored, replayed.quarantined) == (2, 2, 0)


@pytest.mark.slow
def test_a_pull_that_is_killed_goes_on_where_it_was(graph: Graph, neo4j_server: Connection, tmp_path: Path) -> None:
    shop_pull = shop(tmp_path, 12_000)
    pull(graph, shop_pull, home=tmp_path / "undisturbed")
    expected = canonical_graph(graph)
    empty(graph)
    environment = {**os.environ, "JOURNEYGRAPH_HOME": str(tmp_path / "home"), "NEO4J_URI": neo4j_server.uri,
                   "NEO4J_USERNAME": neo4j_server.username, "NEO4J_PASSWORD": neo4j_server.password}  # fmt: skip
    command = [sys.executable, "-m", "journeygraph_cli.main", "pull", str(tmp_path / "shop.yaml")]
    state = tmp_path / "home" / "pulls" / "shop.json"
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    while process.poll() is None and not (state.exists() and "cursor" in state.read_text()):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = subprocess.run([*command, "--json"], env=environment, capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    assert result["received"] < 12_000
    assert canonical_graph(graph) == expected
    assert_all_counted(graph, tmp_path / "home", 12_000)


def assert_all_counted(graph: Graph, home: Path, rows: int) -> None:
    """Rows that were read twice count twice, once as there already."""
    [card] = pulls(graph, home).pulls
    assert card.received == card.stored + card.duplicate + card.quarantined >= rows
    assert card.stored == graph.read("load/totals")[0]["touchpoints"]
    assert stages(graph, home).agrees


@pytest.mark.parametrize("pages", [0, 1, 3])
def test_rows_of_a_pull_that_is_killed_are_all_counted_once_it_goes_on(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    shop_pull, real, written = shop(tmp_path, 400), State.keep, 0

    def killed(state: State, kept: dict[str, Any], *, complete: bool = False) -> None:
        nonlocal written
        written += 1
        if written > pages + 1:  # the first one is before any page
            raise KeyboardInterrupt
        real(state, kept, complete=complete)

    pull(graph, shop_pull, home=tmp_path, batch_rows=90)
    insert(tmp_path / "shop.db", rows(400, 800))
    for again in (False, True):  # going on, and from the start: then what is there already is counted too
        written = 0
        with monkeypatch.context() as patch:
            patch.setattr(State, "keep", killed)
            with pytest.raises(KeyboardInterrupt):
                pull(graph, shop_pull, home=tmp_path, batch_rows=90, again=again)
        assert pulls(graph, tmp_path).pulls[0].interrupted == 1 + again
        pull(graph, shop_pull, home=tmp_path, batch_rows=90)
        assert_all_counted(graph, tmp_path, 800 + 800 * again)


def zendesk(asked: Asked) -> Answer:
    """Tickets, a page each, as the incremental export by cursor gives them."""
    tickets = json.loads((SAMPLES / "zendesk_tickets.json").read_text())["tickets"]
    at = int(asked.params.get("cursor", "0"))
    return 200, {}, {
        "tickets": tickets[at : at + 1], "after_cursor": str(at + 1), "end_of_stream": at + 1 >= len(tickets),
    }  # fmt: skip


def test_an_api_of_a_known_source_is_the_same_graph_as_its_file(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK_TOKEN", "hunter2")
    pipeline.load(graph, [SAMPLES / "zendesk_tickets.json"], home=tmp_path)
    expected = canonical_graph(graph)
    empty(graph)
    with running(zendesk) as service:
        text = (
            "format: zendesk\nhttp:\n  records: tickets\n  headers: {Authorization: 'Bearer ${DESK_TOKEN}'}\n"
            "  paging: {cursor: after_cursor, until: end_of_stream}\n"
        )
        (tmp_path / "desk.yaml").write_text(f"{text}  url: {service.url}\n")
        answers = [(503, {}, "")] * 3
        healthy, service.answer = service.answer, lambda asked: answers.pop() if answers else zendesk(asked)
        result = pull(graph, read(tmp_path / "desk.yaml"), home=tmp_path, sleep=lambda _: None)
        service.answer = healthy
        assert all(one.headers["authorization"] == "Bearer hunter2" for one in service.asked)
    assert result.quarantined == 0
    assert canonical_graph(graph) == expected
    assert "hunter2" not in "".join(path.read_text() for path in (tmp_path / "pulls").glob("*.json"))


def test_what_came_before_a_service_went_away_is_stored_and_threaded(graph: Graph, tmp_path: Path) -> None:
    records = [dict(zip(COLUMNS, row, strict=True)) for row in rows(0, 6)]
    down = [True]

    def answer(asked: Asked) -> Answer:
        page = int(asked.params["page"])
        return (500, {}, "") if page == 3 and down[0] else (200, {}, records[2 * page - 2 : 2 * page])

    with running(answer) as service:
        (tmp_path / "events.yaml").write_text(MAPPING)
        mine = declared(
            {"name": "api", "mapping": str(tmp_path / "events.yaml"),
             "http": {"url": service.url, "paging": {"page": "page"}, "limits": {"attempts": 2}}},
            "test",
        )  # fmt: skip
        with pytest.raises(ServiceUnavailable, match=r"What was read before it is stored \(4 touchpoints\)"):
            pull(graph, mine, home=tmp_path, sleep=lambda _: None)
        assert execute(graph, "MATCH (:Customer)-[:HAD]->(j:Journey) RETURN count(j) AS n")[0]["n"] == 4
        down[0] = False
        assert counts(pull(graph, mine, home=tmp_path)) == (2, 2, 0, 0)


def test_a_pull_of_something_else_by_the_same_name_and_two_at_a_time_are_refused(graph: Graph, tmp_path: Path) -> None:
    shop_pull = shop(tmp_path, 5)
    pull(graph, shop_pull, home=tmp_path)
    assert shop_pull.sql is not None
    other = shop_pull.model_copy(update={"sql": shop_pull.sql.model_copy(update={"cursor": "at"})})
    with pytest.raises(InputError, match="reads something else than before"):
        pull(graph, other, home=tmp_path)
    with held(tmp_path, "shop", "x", again=True), pytest.raises(UsageError, match="running already"):
        pull(graph, shop_pull, home=tmp_path)


def test_another_graph_than_before_needs_a_new_beginning(graph: Graph, tmp_path: Path) -> None:
    shop_pull = shop(tmp_path, 30)
    assert counts(pull(graph, shop_pull, home=tmp_path)) == (30, 29, 0, 1)
    expected = canonical_graph(graph)
    empty(graph)
    with pytest.raises(InputError, match=r"this graph has no load of it.* --again begins from the start"):
        pull(graph, shop_pull, home=tmp_path)
    assert counts(pull(graph, shop_pull, home=tmp_path, again=True)) == (30, 29, 0, 1)
    assert canonical_graph(graph) == expected
    assert counts(pull(graph, shop_pull, home=tmp_path)) == (0, 0, 0, 0)
