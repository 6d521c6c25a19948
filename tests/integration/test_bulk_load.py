"""The bulk load ends in the graph of the load through the driver, whole, and only ever replaces an empty database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, LiteralString

import pytest

from journeygraph import server
from journeygraph.errors import InputError, ServerError, UsageError
from journeygraph.graph import Graph
from journeygraph.server import ManagedServer
from journeygraph.settings import Settings
from journeygraph_loaders import bulk, pipeline
from journeygraph_loaders.bulk import conflicts
from journeygraph_loaders.quarantine import Quarantine
from tests.support import canonical_graph, empty, execute, origins

pytestmark = [pytest.mark.graph, pytest.mark.slow]

_FILES: LiteralString = "MATCH (f:File) RETURN f {.*, batch_id: null} AS properties"
_SET_ASIDE: LiteralString = "MATCH (t:SetAside) RETURN t.set_aside_as AS kind, count(*) AS n"
TRICKY = (
    "it's",
    'a "quoted" name',
    "two\nlines",
    "semi;colon, comma",
    "\x1fseparator",
    "naïve ☃ \U0001f600",
    "\\n",
    "<b>",
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A managed server of its own: a bulk load stops it, so it cannot be the one of the other tests."""
    settings = Settings(JOURNEYGRAPH_HOME=tmp_path_factory.mktemp("bulk"), NEO4J_URI=None, NEO4J_PASSWORD=None)
    managed = server.managed(settings)
    managed.start()
    try:
        yield settings
    finally:
        managed.stop()


@pytest.fixture
def emptied(settings: Settings) -> Settings:
    with Graph(server.connection(settings)) as graph:
        empty(graph)
    return settings


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Rows with everything that could go wrong on the way through a CSV file."""
    rng = Random(7)
    for number in range(count):
        customer = rng.choice([None, f"c{rng.randrange(40)}", TRICKY[number % len(TRICKY)]])
        anonymous = f"a{rng.randrange(30)}" if customer is None or rng.random() < 0.3 else None
        yield {
            "touchpoint_id": f"t{number}",
            "step": rng.choice(["view", "cart", "purchase", *TRICKY[:5]]),
            "channel": rng.choice(["web", "store", "kiosk"]),
            "occurred_at": 1_700_000_000_000_000 + rng.randrange(10**7) * 1_000_003,
            "source": rng.choice(["shop", "tills"]),
            "customer_id": customer,
            "anonymous_id": anonymous,
            "session_id": rng.choice([None, None, "s1", TRICKY[1]]),
            "product_id": rng.choice([None, "p1", "p2", TRICKY[2]]),
            "product_category": rng.choice([None, "shoes", TRICKY[3]]),
            "product_name": rng.choice([None, "Shoe", "A shoe"]),
            "campaign": rng.choice([None, TRICKY[0]]),
            "value": rng.choice([None, 0.1, 1e-7, 123456789.125, -3.0]),
            "currency": rng.choice([None, "EUR"]),
            "household_id": [None, f"h{number % 11}", TRICKY[1]][number % 3],
            "account_id": [None, "acme", [], ["acme", TRICKY[3]]][number % 4],
            "order_id": [None, f"o{number // 3}", [f"o{number // 3}", f"o{number // 7}", "o1"]][number // 3 % 3],
            "email": rng.choice([None, "us@example.org", f"{number % 9}@example.org"]),
            "properties": {
                "size": rng.choice([1, "xl", 2.5, True]),
                **({"note": rng.choice(["", *TRICKY])} if number % 2 else {}),
            },
        }


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "touchpoints.jsonl"
    made, rng = list(rows(3_000)), Random(8)
    repeated = rng.sample(made, 300)
    # Some ids come again: for the same row, for another instant, for somebody else.
    made += repeated[:150]
    made += [{**row, "occurred_at": row["occurred_at"] + 1} for row in repeated[150:220]]
    made += [{**row, "customer_id": "somebody else"} for row in repeated[220:]]
    # Some events were seen by another source as well, a second later; the last of all is of c1, one of our own people.
    made += [
        {**row, "touchpoint_id": f"u{n}", "source": "other", "occurred_at": row["occurred_at"] + 1_000_000}
        for n, row in enumerate(repeated[:60])
    ]
    made.append({**made[0], "touchpoint_id": "last", "customer_id": "c1", "occurred_at": 1_710_100_000_000_000})
    rng.shuffle(made)
    path.write_text("".join(json.dumps(row) + "\n" for row in made) + '{"step": 1}\n', encoding="utf-8")
    return path


def quarantined(settings: Settings) -> list[tuple[int, str | None, str]]:
    with Quarantine(settings.home, "look") as quarantine:
        return sorted((entry.line, entry.value, entry.reason) for entry in quarantine.entries())


ASIDE = """
duplicates: {seconds: 60, prefer: [tills]}
traffic:
  - {name: own people, kind: internal, field: customer_id, one_of: [c1, c2]}
  - {name: scripts, kind: bot, field: anonymous_id, matches: "^a2.$"}
  - {name: too fast, kind: bot, rate: {touchpoints: 3, seconds: 86400}}
"""


@pytest.mark.parametrize(("processes", "declared"), [(1, ""), (2, ASIDE)], ids=["one process", "two, some set aside"])
def test_the_graph_is_that_of_the_driver(
    emptied: Settings, file: Path, processes: int, declared: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = tmp_path / "aside.yaml" if declared else None
    if mapping is not None:
        mapping.write_text(declared)
    if processes > 1:
        monkeypatch.setattr(bulk, "_SMALL_BYTES", 0)
        monkeypatch.setattr(bulk, "_PART_BYTES", 20_000)
    monkeypatch.setattr(conflicts, "_AT_ONCE", 40)
    imported = bulk.load(emptied, [file], mapping=mapping)
    in_quarantine = quarantined(emptied)
    (emptied.home / "quarantine" / "bad_rows.sqlite").unlink()
    with Graph(server.connection(emptied)) as graph:
        whole, read, files = canonical_graph(graph), origins(graph), execute(graph, _FILES)
        aside = {row["kind"]: row["n"] for row in execute(graph, _SET_ASIDE)}
        constraints = execute(graph, "SHOW CONSTRAINTS YIELD name RETURN count(*) AS n")[0]["n"]
        recorded = execute(graph, "MATCH (l:Load) RETURN l.received AS received, l.finished_at AS finished_at")
        empty(graph)
        written = pipeline.load(graph, [file], home=emptied.home, mapping=mapping)
        expected = canonical_graph(graph)
        assert (read, files) == (origins(graph), execute(graph, _FILES))
        assert execute(graph, "SHOW CONSTRAINTS YIELD name RETURN count(*) AS n")[0]["n"] == constraints > 0
    assert whole == expected
    assert set(aside) == ({"bot", "internal", "duplicate"} if declared else set())
    assert in_quarantine == quarantined(emptied)
    assert sum("belongs already to another" in reason for _, _, reason in in_quarantine) > 100
    volatile = {"seconds", "batch_id"}
    assert imported.model_dump(exclude=volatile) == written.model_dump(exclude=volatile)
    assert imported.duplicate > 0
    assert imported.quarantined > 0
    assert [row["received"] for row in recorded] == [imported.received]
    assert not (emptied.home / "bulk" / "work").exists()


def test_a_database_with_data_is_refused(emptied: Settings, file: Path) -> None:
    with Graph(server.connection(emptied)) as graph:
        execute(graph, "CREATE (:Customer {customer_id: 'ann', anonymous: false})")
    with pytest.raises(UsageError, match="this one holds data"):
        bulk.load(emptied, [file])
    with Graph(server.connection(emptied)) as graph:
        assert graph.read("load/totals")[0]["customers"] == 1


def test_another_server_is_refused(tmp_path: Path, file: Path) -> None:
    elsewhere = Settings(JOURNEYGRAPH_HOME=tmp_path, NEO4J_URI="bolt://db.example.org:7687")
    with pytest.raises(UsageError, match="NEO4J_URI is set"):
        bulk.load(elsewhere, [file])


def test_files_without_rows_change_nothing(emptied: Settings, tmp_path: Path) -> None:
    nothing = tmp_path / "empty.csv"
    nothing.write_text("step,occurred_at,customer_id\n")
    with pytest.raises(InputError):
        bulk.load(emptied, [nothing])
    assert server.managed(emptied).is_running()


def test_the_same_command_completes_an_interrupted_import(
    emptied: Settings, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = ManagedServer.admin

    def break_the_store(self: ManagedServer, *arguments: str, heap: str | None = None) -> str:
        admin(self, *arguments, heap=heap)
        for store in (self.layout.data / "databases" / "neo4j").glob("neostore*"):
            store.write_bytes(store.read_bytes()[:10])
        raise ServerError("killed")

    monkeypatch.setattr(ManagedServer, "admin", break_the_store)
    with pytest.raises(ServerError, match="killed"):
        bulk.load(emptied, [file])
    monkeypatch.undo()
    loaded = bulk.load(emptied, [file])
    with Graph(server.connection(emptied)) as graph:
        assert graph.read("load/totals")[0]["touchpoints"] == loaded.stored > 0
    assert not (emptied.home / "bulk" / "importing.json").exists()
