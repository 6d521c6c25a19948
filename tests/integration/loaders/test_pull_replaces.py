"""Days that a database corrects later: a pull that replaces ends where a load of the whole table would have."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from journeygraph.errors import InputError
from journeygraph.graph import Connection, Graph
from journeygraph.quality.pulls import PullCard, pulls
from journeygraph.settings import Settings
from journeygraph_cli.main import app
from journeygraph_cli.serve import application
from journeygraph_loaders.pull import Pull, declared, pull
from journeygraph_loaders.pull.client import ServiceUnavailable
from journeygraph_loaders.writing import BatchWriter
from tests.support import execute
from tests.unit.loaders.pull.service import Answer, Asked, running

pytestmark = pytest.mark.graph
MAPPING = "columns: {touchpoint_id: id, customer_id: who, step: what, occurred_at: at}\ntimezone: UTC\n"


def row(number: int, day: int, at: str | None = None) -> dict[str, Any]:
    return {"id": f"t{number}", "who": f"c{number % 3}", "what": "view", "day": f"2026-03-{day:02}",
            "at": at or f"2026-03-{day:02} 12:{number:02}"}  # fmt: skip


def store(folder: Path, rows: list[dict[str, Any]]) -> None:
    """The table, with these rows and no others."""
    connection = sqlite3.connect(folder / "shop.db")
    with connection:
        connection.execute("CREATE TABLE IF NOT EXISTS events (id, who, what, day, at)")
        connection.execute("DELETE FROM events")
        connection.executemany("INSERT INTO events VALUES (:id, :who, :what, :day, :at)", rows)
    connection.close()
    (folder / "events.yaml").write_text(MAPPING)


def of_days(folder: Path, **changes: Any) -> Pull:
    sql = {"url": f"sqlite:///{folder}/shop.db", "table": "events", "cursor": "day", **changes}
    mapping = str(folder / "events.yaml")
    return declared({"name": "shop", "mapping": mapping, "replaces": "day", "sql": sql}, "test")


def counting(graph: Graph) -> list[str]:
    """Ids of the touchpoints that count."""
    found = execute(graph, "MATCH (:Journey)-[:INCLUDES]->(t:Touchpoint) RETURN t.touchpoint_id AS id")
    return sorted(row["id"] for row in found)


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(row["id"] for row in rows)


def test_a_day_that_was_corrected_is_what_the_table_has_now(graph: Graph, tmp_path: Path) -> None:
    rows = [row(number, 1 + number // 4) for number in range(12)]
    store(tmp_path, rows)
    daily = of_days(tmp_path, overlap="1d")
    first = pull(graph, daily, home=tmp_path, batch_rows=5)
    assert (first.received, first.stored, first.replaced, first.returned) == (12, 12, 0, 0)
    # t1 of the first day and t5, t9 of the others are gone; t20 and t21 came late.  The first day is out of reach.
    later = [one for one in rows if one["id"] not in ("t1", "t5", "t9")] + [row(20, 2), row(21, 3)]
    store(tmp_path, later)
    second = pull(graph, daily, home=tmp_path, batch_rows=5)
    assert (second.received, second.stored, second.duplicate, second.replaced) == (8, 2, 6, 2)
    assert counting(graph) == sorted([*ids(later), "t1"])
    again = pull(graph, daily, home=tmp_path, again=True)
    assert (again.received, again.stored, again.replaced) == (11, 0, 1)
    assert counting(graph) == ids(later)
    store(tmp_path, rows)
    restored = pull(graph, daily, home=tmp_path)
    assert (restored.replaced, restored.returned) == (2, 2)
    assert counting(graph) == sorted([*ids(rows[4:]), "t0", "t2", "t3"])


@pytest.mark.parametrize("ends_after", [1, 2, 3])
def test_ended_in_its_middle_nothing_is_replaced_until_all_was_read(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends_after: int
) -> None:
    rows = [row(number, 1 + number // 4) for number in range(12)]
    store(tmp_path, rows)
    all_days = of_days(tmp_path, overlap="9d")
    pull(graph, all_days, home=tmp_path)
    later = [one for one in rows if one["id"] not in ("t0", "t6", "t11")]
    store(tmp_path, later)
    written = 0
    real = BatchWriter.write

    def killed(writer: Any, batch: Any) -> Any:
        nonlocal written
        written += 1
        if written > ends_after:
            raise KeyboardInterrupt
        return real(writer, batch)

    with monkeypatch.context() as patch:
        patch.setattr(BatchWriter, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            pull(graph, all_days, home=tmp_path, batch_rows=2)
    assert execute(graph, "MATCH (t) WHERE t.traffic = 'replaced' RETURN count(t) AS n")[0]["n"] == 0
    card = pulls(graph, tmp_path).pulls[0]
    assert (card.state, card.replaces, card.pulls, card.interrupted) == ("ended in its middle", "day", 2, 1)
    with pytest.raises(InputError, match=r"one that replaces day: give --replaces day to complete it, or --again"):
        pull(graph, all_days.model_copy(update={"replaces": None}), home=tmp_path)
    result = pull(graph, all_days, home=tmp_path, batch_rows=2)
    assert (result.stored, result.replaced) == (0, 3)
    assert counting(graph) == ids(later)
    card = pulls(graph, tmp_path).pulls[0]
    assert (card.state, card.replaces, card.position) == ("complete", None, "2026-03-03")


def test_rows_that_come_because_they_changed_are_no_whole_days(graph: Graph, tmp_path: Path) -> None:
    store(tmp_path, [row(1, 1)])
    with pytest.raises(InputError, match=r"reads what is new by at, .* it has to go on by day, or to read everything"):
        pull(graph, of_days(tmp_path, cursor="at"), home=tmp_path)
    with pytest.raises(InputError, match="No row has the property 'p_week'"):
        pull(graph, of_days(tmp_path, cursor=None).model_copy(update={"replaces": "week"}), home=tmp_path)
    assert counting(graph) == ["t1"]
    assert pull(graph, of_days(tmp_path, cursor=None), home=tmp_path, again=True).replaced == 0


def test_an_api_by_pages_replaces_once_its_last_page_was_read(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "events.yaml").write_text(MAPPING)
    rows, down = [row(number, 1 + number // 3) for number in range(6)], [False]

    def answer(asked: Asked) -> Answer:
        new = [one for one in rows if one["day"] >= asked.params.get("from", "")]
        page = int(asked.params["page"])
        return (500, {}, "") if down[0] and page == 2 else (200, {}, new[2 * page - 2 : 2 * page])

    with running(answer) as service:
        http = {"url": service.url, "paging": {"page": "page"}, "limits": {"attempts": 1},
                "since": {"parameter": "from", "field": "day", "first": "2026-01-01"}}  # fmt: skip
        mapping = str(tmp_path / "events.yaml")
        mine = declared({"name": "api", "mapping": mapping, "replaces": "day", "http": http}, "test")
        assert pull(graph, mine, home=tmp_path).stored == 6
        del rows[4]
        down[0] = True
        with pytest.raises(ServiceUnavailable):
            pull(graph, mine, home=tmp_path, sleep=lambda _: None)
        assert counting(graph) == [f"t{n}" for n in range(6)]
        assert pulls(graph, tmp_path).pulls[0].state == "ended in its middle"
        rows.append(row(7, 2))
        down[0] = False
        result = pull(graph, mine, home=tmp_path)
    assert (result.stored, result.replaced) == (1, 1)
    assert counting(graph) == ids(rows)


def test_every_pull_is_listed_with_its_counts(
    graph: Graph, neo4j_server: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(tmp_path, [row(1, 1), row(2, 1), row(3, 2, at="soon")])
    daily = of_days(tmp_path).model_copy(update={"replaces": None, "source": "till"})
    pull(graph, daily, home=tmp_path)
    pull(graph, daily, home=tmp_path, again=True)
    answer = pulls(graph, tmp_path)
    (card,) = answer.pulls
    assert card.place == f"events of sqlite {tmp_path}/shop.db"
    assert (card.name, card.state, card.sources, card.position) == ("shop", "complete", ("till",), "2026-03-02")
    assert (card.pulls, card.received, card.stored, card.duplicate, card.quarantined) == (2, 6, 2, 2, 2)
    last = (card.last_received, card.last_stored, card.last_duplicate, card.last_quarantined)
    assert last == (3, 0, 2, 1)
    (again,) = graph.run(answer.cypher, answer.parameters)
    assert {name: again[name] for name in ("pulls", "received", "stored")} == {"pulls": 2, "received": 6, "stored": 2}
    state = json.loads((tmp_path / "pulls" / "shop.json").read_text())
    del state["complete"], state["place"]  # as a former version wrote it
    (tmp_path / "pulls" / "shop.json").write_text(json.dumps(state))
    assert [(one.state, one.place) for one in pulls(graph, tmp_path).pulls] == [("complete", None)]
    elsewhere: PullCard = pulls(graph, tmp_path / "other").pulls[0]
    assert (elsewhere.state, elsewhere.received) == ("unknown", 6)
    for name, value in (("URI", neo4j_server.uri), ("USERNAME", neo4j_server.username),
                        ("PASSWORD", neo4j_server.password)):  # fmt: skip
        monkeypatch.setenv(f"NEO4J_{name}", value)
    monkeypatch.setenv("JOURNEYGRAPH_HOME", str(tmp_path))
    shown = CliRunner().invoke(app, ["pull", "--list", "--json"])
    expected = pulls(graph, tmp_path).model_dump(mode="json")
    assert json.loads(shown.stdout) == expected
    with TestClient(application(Settings()), base_url="http://localhost") as api:
        assert api.get("/v1/pulls").json() == expected
