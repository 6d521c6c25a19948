"""Loading into a real Neo4j: again, in any order, killed, mended, hostile; the counts always add up."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from journeygraph import generator
from journeygraph.errors import InputError
from journeygraph.graph import Connection, Graph
from journeygraph.quality.waiting import Which
from journeygraph_loaders import documents, pipeline
from journeygraph_loaders.pipeline import LoadResult
from journeygraph_loaders.quarantine import Quarantine, export
from journeygraph_loaders.replay import replay
from journeygraph_loaders.rows import from_touchpoint
from journeygraph_loaders.writing import BatchWriter
from tests.support import canonical_graph, empty, execute

pytestmark = pytest.mark.graph

HEADER = ["touchpoint_id", "customer_id", "anonymous_id", "step", "occurred_at", "channel", "value", "email"]
HEADER += ["product_id", "product_category", "campaign", "properties.device"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of a small generated shop, in every format and packing, with bad rows."""
    folder = tmp_path_factory.mktemp("shop")
    generator.write(generator.simulate(40, 3, days=60), folder, bad_rows=0.03)
    return folder


def counts(result: LoadResult) -> tuple[int, int, int, int]:
    assert result.received == result.stored + result.duplicate + result.quarantined
    return result.received, result.stored, result.duplicate, result.quarantined


def rows_of(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_loading_twice_changes_nothing(graph: Graph, shop: Path, tmp_path: Path) -> None:
    first = pipeline.load(graph, [shop], home=tmp_path)
    before = canonical_graph(graph)
    received, stored, duplicate, quarantined = counts(first)
    assert stored == first.touchpoints > 200
    assert duplicate == 0
    assert quarantined > 3
    second = pipeline.load(graph, [shop], home=tmp_path, batch_rows=77)
    assert counts(second) == (received, 0, stored, quarantined)
    assert canonical_graph(graph) == before
    with Quarantine(tmp_path, "look") as quarantine:
        assert quarantine.count() == quarantined
        assert {entry.seen for entry in quarantine.entries()} == {2}
    loads = execute(
        graph, "MATCH (l:Load) RETURN l.stored AS stored, l.files AS files, l.sha256 AS sums ORDER BY l.batch_id"
    )
    assert [row["stored"] for row in loads] == [stored, 0]
    assert len(loads[0]["files"]) == len(loads[0]["sums"]) == 7


def test_renamed_split_and_shuffled_rows_are_the_same_touchpoints(graph: Graph, tmp_path: Path) -> None:
    rows = [
        {
            "customer_id": f"c{n % 7}" if n % 3 else "",
            "anonymous_id": f"a{n % 7}",
            "step": ["view", "cart", "purchase"][n % 3],
            "occurred_at": 1767225600 + 977 * n,
            "value": n,
            "product_id": f"p{n % 4}",
            "product_category": f"k{n % 2}",
        }
        for n in range(90)
    ]
    pipeline.load(graph, [rows_of(tmp_path / "all.csv", rows)], home=tmp_path)
    whole = canonical_graph(graph)
    empty(graph)
    shuffled = Random(5).sample(rows, len(rows))
    for part in range(3):
        pipeline.load(graph, [rows_of(tmp_path / f"{part}.txt", shuffled[part::3])], home=tmp_path, batch_rows=11)
    assert canonical_graph(graph) == whole


def test_the_first_row_with_an_id_wins_and_leaves_nothing_of_the_others(graph: Graph, tmp_path: Path) -> None:
    one = {"touchpoint_id": "t", "customer_id": "ann", "step": "view", "occurred_at": 1767225600}
    other = {
        **one,
        "customer_id": "bob",
        "product_id": "p",
        "campaign": "k",
        "email": "b@example.com",
        "anonymous_id": "a",
    }
    result = pipeline.load(graph, [rows_of(tmp_path / "x.csv", [one, other, one])], home=tmp_path)
    again = pipeline.load(graph, [rows_of(tmp_path / "y.csv", [other])], home=tmp_path)
    assert (counts(result), counts(again)) == ((3, 1, 1, 1), (1, 0, 0, 1))
    left = execute(
        graph,
        "MATCH (n) WHERE n:Customer OR n:Product OR n:Campaign OR n:Identifier "
        "RETURN labels(n) AS kinds, n.customer_id AS id",
    )
    assert [(row["kinds"], row["id"]) for row in left] == [(["Customer"], "ann")]


def test_two_sources_that_both_count_from_one(graph: Graph, tmp_path: Path) -> None:
    def source(name: str, customers: str, start: int) -> Path:
        return rows_of(
            tmp_path / name,
            [
                {"touchpoint_id": n + 1, "customer_id": who, "step": "view", "occurred_at": start + n}
                for n, who in enumerate(customers)
            ],
        )

    web, till = source("web.csv", "abcabc", 1767225600), source("till.csv", "xyz", 1767312000)
    assert counts(pipeline.load(graph, [web], home=tmp_path, source="web")) == (6, 6, 0, 0)
    assert counts(pipeline.load(graph, [till], home=tmp_path, source="till")) == (3, 0, 0, 3)
    before = canonical_graph(graph)

    def listed() -> list[tuple[str, int, str | None, str | None, int]]:
        with Quarantine(tmp_path, "look") as quarantine:
            return [(Path(e.file).name, e.line, e.column, e.value, e.seen) for e in quarantine.entries()]

    with Quarantine(tmp_path, "look") as quarantine:
        assert next(quarantine.entries()).reason == (
            "The touchpoint_id '1' belongs already to another touchpoint: source 'web', 2026-01-01T00:00:00Z, "
            "customer 'a'; give the ids a prefix in the mapping, as in "
            '`touchpoint_id: {column: id, prefix: "till-"}`, or leave the column out (`touchpoint_id: null`) so that '
            "the row's content is its identity."
        )
    both = pipeline.load(graph, [web, till], home=tmp_path, batch_rows=2)
    assert counts(both) == (9, 0, 6, 3)
    assert listed() == [("till.csv", n + 2, "touchpoint_id", str(n + 1), 2) for n in range(3)]
    still = replay(graph, tmp_path)
    assert (still.received, still.stored, still.duplicate, still.quarantined) == (3, 0, 0, 3)
    assert canonical_graph(graph) == before
    mapping = tmp_path / "till.yaml"
    mapping.write_text('columns: {touchpoint_id: {column: touchpoint_id, prefix: "till-"}}')
    mended = replay(graph, tmp_path, mapping=mapping)
    assert (mended.stored, mended.quarantined, listed()) == (3, 0, [])
    ids = execute(graph, "MATCH (:Customer {customer_id: 'x'})-[:MADE]->(t) RETURN t.touchpoint_id AS id")
    assert [row["id"] for row in ids] == ["till-1"]


def test_another_visitor_conflicts_and_a_row_that_names_less_does_not(graph: Graph, tmp_path: Path) -> None:
    one = {"touchpoint_id": "t", "customer_id": "ann", "anonymous_id": "a", "step": "v", "occurred_at": 1767225600}
    rows = [one, {**one, "anonymous_id": ""}, {**one, "customer_id": ""}, {**one, "anonymous_id": "b"}]
    rows += [{**one, "customer_id": "", "anonymous_id": "b"}, {**one, "step": "cart"}]
    assert counts(pipeline.load(graph, [rows_of(tmp_path / "x.csv", rows)], home=tmp_path)) == (6, 1, 3, 2)
    with Quarantine(tmp_path, "look") as quarantine:
        assert [entry.line for entry in quarantine.entries()] == [5, 6]
    sent = [{**one, "occurred_at": "2026-01-01T00:00:01Z"}, one]
    stored = documents.store(graph, tmp_path, sent)
    assert (stored.received, stored.stored, stored.duplicate, stored.quarantined) == (2, 0, 1, 1)
    other = generator.simulate(3, 1)[0]
    row = from_touchpoint(next(iter(other)))
    with pytest.raises(InputError, match="belongs already to another touchpoint"):
        pipeline.store(graph, [row, row._replace(occurred_at_us=row.occurred_at_us + 1)])


def test_the_whole_model_of_one_row(graph: Graph, tmp_path: Path) -> None:
    row = {
        "touchpoint_id": "t", "customer_id": "ann", "anonymous_id": "a", "step": "email_open", "channel": "EMAIL",
        "occurred_at": "2026-01-01T00:00:00.000001Z", "email": "Ann@Example.com", "product_id": "p", "value": 1.5,
        "product_category": "k", "campaign": "spring", "properties.device": "phone",
    }  # fmt: skip
    pipeline.load(graph, [rows_of(tmp_path / "x.csv", [row])], home=tmp_path, source="shop")
    found = execute(
        graph,
        "MATCH (k:Category)<-[:IN_CATEGORY]-(p:Product)<-[:ABOUT]-(t:Touchpoint)-[:CAME_FROM]->(g:Campaign), "
        "(c:Customer)-[:MADE]->(t) RETURN labels(t) AS labels, p.product_id AS p, k.name AS k, g.name AS g, "
        "c {.*} AS c, t {.*, occurred_at: toString(t.occurred_at), ingested_at: null, batch_id: null} AS t, "
        "[(i:Identifier)-[r:IDENTIFIES]->(c) | [i.kind, i.value, r.evidence, r.confidence, "
        "toString(r.valid_from)]] AS ids",
    )[0]
    assert sorted(found["labels"]) == ["EmailInteraction", "Touchpoint"]
    assert {name: value for name, value in found["t"].items() if value is not None} == {
        "touchpoint_id": "t", "step": "email_open", "channel": "email", "stage": "awareness", "source": "shop",
        "occurred_at": "2026-01-01T00:00:00.000001Z", "occurred_at_us": 1767225600000001, "known_customer_id": "ann",
        "anonymous_id": "a", "value": 1.5, "p_device": "phone", "file_number": 0, "line": 2,
    }  # fmt: skip
    assert (found["p"], found["k"], found["g"]) == ("p", "k", "spring")
    assert found["c"] == {"customer_id": "ann", "anonymous": False}
    at = "2026-01-01T00:00:00.000001Z"
    assert sorted(found["ids"]) == [
        ["anonymous_id", "a", "same_row", 1.0, at],
        ["email", "ann@example.com", "same_row", 1.0, at],
    ]


def test_quarantine_is_emptied_by_a_mended_mapping(graph: Graph, tmp_path: Path) -> None:
    rows = [{"customer_id": "c", "step": "view", "occurred_at": f"2026-01-01 0{n}:00"} for n in range(5)]
    rows += [{"customer_id": "c", "step": "", "occurred_at": "2026-01-01T00:00:00Z"}]
    rows += [{"customer_id": "c", "step": "view", "occurred_at": "2026-01-01T09:00:00Z"}]
    path = rows_of(tmp_path / "x.csv", rows)
    mapping = tmp_path / "m.yaml"
    mapping.write_text("channel: app\n")
    result = pipeline.load(graph, [path], home=tmp_path, mapping=mapping)
    assert counts(result) == (7, 1, 0, 6)
    still = replay(graph, tmp_path)
    assert (still.received, still.stored, still.quarantined) == (6, 0, 6)
    mapping.write_text("{channel: app, timezone: Europe/Berlin}")
    mended = replay(graph, tmp_path)
    assert (mended.received, mended.stored, mended.duplicate, mended.quarantined) == (6, 5, 0, 1)
    with Quarantine(tmp_path, "look") as quarantine:
        assert [(entry.line, entry.column) for entry in quarantine.entries()] == [(7, "step")]
    before = canonical_graph(graph)
    journeys = execute(graph, "MATCH (j:Journey) RETURN size(j.steps) AS steps, j.channels[0] AS channel")
    assert [dict(row) for row in journeys] == [{"steps": 6, "channel": "app"}]
    whole = pipeline.load(graph, [path], home=tmp_path, mapping=mapping)
    assert counts(whole) == (7, 0, 6, 1)
    assert canonical_graph(graph) == before


def test_a_mapping_is_replayed_on_the_files_that_it_fits(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "till.csv").write_bytes(b"wer,was,wann\nJ\xfcrgen,kauf,1767225600\nanna,kauf,gestern\n")
    (tmp_path / "web.csv").write_text("customer_id,step,occurred_at\nbob,view,2026-01-01 10:00\n")
    columns = "columns: {customer_id: wer, step: was, occurred_at: wann}"
    mapping = tmp_path / "till.yaml"
    mapping.write_text(columns)
    counted = counts(pipeline.load(graph, [tmp_path / "till.csv"], home=tmp_path, mapping=mapping))
    assert counted == (2, 0, 0, 2)
    pipeline.load(graph, [tmp_path / "web.csv"], home=tmp_path)
    mended = tmp_path / "mended.yaml"
    mended.write_text(f"encoding: windows-1252\ntimezone: Asia/Tokyo\n{columns}")
    said: list[str] = []

    def left() -> list[tuple[str, str]]:
        with Quarantine(tmp_path, "look") as quarantine:
            return [(Path(entry.file).name, entry.reason[:30]) for entry in quarantine.entries()]

    before = left()
    none = replay(graph, tmp_path, mapping=mended, which=Which(file="*.parquet"), say=said.append)
    assert (none.received, said, left()) == (0, ["No row in quarantine is of a file named *.parquet."], before)
    result = replay(graph, tmp_path, mapping=mended, say=said.append)
    assert (result.received, result.stored, result.quarantined) == (3, 1, 2)
    assert said[1:] == [f"The mapping does not fit {tmp_path / 'web.csv'}: 1 row of it stayed as it was."]
    assert left() == before[1:]
    assert execute(graph, "MATCH (c:Customer) RETURN c.customer_id AS c")[0]["c"] == "Jürgen"
    other = replay(graph, tmp_path, timezone="Europe/Berlin", which=Which(file="till*"))
    assert (other.received, other.stored) == (1, 0)
    again = replay(graph, tmp_path, timezone="Europe/Berlin", which=Which(file="web*"))
    assert (again.received, again.stored) == (1, 1)


def test_hostile_text_reaches_the_graph_as_typed_and_a_spreadsheet_unarmed(graph: Graph, tmp_path: Path) -> None:
    nasty = "'\"><script>alert(1)</script>`}) DETACH DELETE n //"
    path = tmp_path / "x.jsonl"
    good = {
        "customer_id": nasty,
        "step": nasty,
        "occurred_at": 1767225600,
        "channel": nasty,
        nasty: nasty,
        "campaign": nasty,
    }
    path.write_text(json.dumps(good) + "\n" + json.dumps({**good, "occurred_at": "=cmd|' /C calc'!A0"}) + "\n")
    assert counts(pipeline.load(graph, [path], home=tmp_path)) == (2, 1, 0, 1)
    row = execute(
        graph,
        "MATCH (c:Customer)-[:MADE]->(t)-[:CAME_FROM]->(g) RETURN c.customer_id AS c, t.step AS s, g.name AS g, "
        "labels(t) AS labels, [k IN keys(t) WHERE k STARTS WITH 'p_' | t[k]] AS p",
    )[0]
    assert (row["c"], row["s"], row["g"], row["p"]) == (nasty, nasty, nasty, [nasty])
    assert row["labels"] == ["Touchpoint"]
    out = tmp_path / "bad.csv"
    with Quarantine(tmp_path, "look") as quarantine, out.open("w", newline="") as file:
        assert export(quarantine.entries(), file) == 1
    cells = next(csv.DictReader(out.read_text().splitlines()))
    assert cells["value"].startswith("'=")
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells.values())


def test_a_file_that_turns_out_unusable_leaves_what_came_before_it_threaded(graph: Graph, tmp_path: Path) -> None:
    good = rows_of(tmp_path / "a.csv", [{"customer_id": "c", "step": "view", "occurred_at": 1767225600}])
    (tmp_path / "b.csv").write_text("name\nx\n")
    with pytest.raises(InputError, match=r"b.csv has no column .* is stored \(1 touchpoints\)"):
        pipeline.load(graph, [good, tmp_path / "b.csv"], home=tmp_path)
    assert execute(graph, "MATCH (j:Journey) RETURN count(j) AS n")[0]["n"] == 1


def test_a_transaction_that_the_driver_repeats_is_counted_once(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Graph.write_all

    def twice(self: Graph, statements: Any) -> Any:
        if statements[0][0] == "load/touchpoints":
            session = self._session("WRITE")
            with session, session.begin_transaction() as transaction:
                from journeygraph import queries

                for name, parameters in statements:
                    transaction.run(queries.get(name).cypher, dict(parameters)).consume()
                transaction.rollback()
        return original(self, statements)

    monkeypatch.setattr(Graph, "write_all", twice)
    rows = [{"customer_id": "c", "step": "view", "occurred_at": 1767225600 + n} for n in range(20)]
    result = pipeline.load(graph, [rows_of(tmp_path / "x.csv", rows)], home=tmp_path, batch_rows=7)
    assert counts(result) == (20, 20, 0, 0)


def test_goals_of_several_sources_stand_beside_each_other(graph: Graph, tmp_path: Path) -> None:
    path = rows_of(tmp_path / "x.csv", [{"customer_id": "c", "step": "pay", "occurred_at": 1767225600}])
    other = rows_of(tmp_path / "y.csv", [{"customer_id": "c", "step": "renew", "occurred_at": 1767225601}])
    pipeline.load(graph, [path], home=tmp_path, goals=["pay"])
    pipeline.load(graph, [other], home=tmp_path, goals=["renew"])
    pipeline.load(graph, [other], home=tmp_path)
    assert sorted(graph.read("journeys/rules")[0]["goals"]) == ["pay", "renew"]
    assert execute(graph, "MATCH (j:Journey {outcome: 'converted'}) RETURN count(j) AS n")[0]["n"] == 2


_CHILD = """
import sys
from pathlib import Path
from journeygraph.graph import Connection, Graph
from journeygraph.quality.waiting import Which
from journeygraph_loaders import pipeline
uri, user, password, home, *paths = sys.argv[1:]
with Graph(Connection(uri, user, password)) as graph:
    print("begun", flush=True)
    pipeline.load(graph, paths, home=Path(home), batch_rows=40)
"""


@pytest.mark.slow
def test_killed_at_any_moment_the_same_command_completes_the_load(
    graph: Graph, neo4j_server: Connection, shop: Path, tmp_path: Path
) -> None:
    started = time.monotonic()
    undisturbed = pipeline.load(graph, [shop], home=tmp_path / "one", batch_rows=40)
    seconds = time.monotonic() - started
    expected = canonical_graph(graph)
    with Quarantine(tmp_path / "one", "look") as quarantine:
        bad_rows = [(entry.file, entry.line, entry.reason) for entry in quarantine.entries()]
    empty(graph)
    command = [sys.executable, "-c", _CHILD, neo4j_server.uri, neo4j_server.username, neo4j_server.password]
    command += [str(tmp_path / "two"), str(shop)]
    random, killed = Random(11), 0
    for _ in range(20):  # some end before they are killed: how fast they are depends on what else the machine does
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(random.uniform(0.02, 0.5) * seconds)
            killed += child.poll() is None
            child.kill()
        if killed == 4:
            break
    assert killed == 4
    final = pipeline.load(graph, [shop], home=tmp_path / "two", batch_rows=40)
    assert final.received == undisturbed.received
    assert final.quarantined == undisturbed.quarantined
    assert canonical_graph(graph) == expected
    with Quarantine(tmp_path / "two", "look") as quarantine:
        assert [(entry.file, entry.line, entry.reason) for entry in quarantine.entries()] == bad_rows


@pytest.mark.slow
def test_several_processes_load_at_once(graph: Graph, neo4j_server: Connection, tmp_path: Path) -> None:
    """Customers are shared by all files, so each process finds marks that another one left."""
    paths = [
        rows_of(
            tmp_path / f"{file}.csv",
            [
                {"customer_id": f"c{n % 60}", "step": ("view", "pay")[n % 2], "occurred_at": 1767225600 + 60 * n + file}
                for n in range(600)
            ],
        )
        for file in range(3)
    ]
    command = [sys.executable, "-c", _CHILD, neo4j_server.uri, neo4j_server.username, neo4j_server.password]
    children = [
        subprocess.Popen([*command, str(tmp_path / path.stem), str(path)], stdout=subprocess.DEVNULL) for path in paths
    ]
    assert [child.wait() for child in children] == [0, 0, 0]
    together = canonical_graph(graph)
    empty(graph)
    pipeline.load(graph, paths, home=tmp_path, batch_rows=40)
    assert canonical_graph(graph) == together


def test_a_refused_file_changes_neither_the_rules_nor_the_list_of_loads(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(InputError, match="empty"):
        pipeline.load(graph, [tmp_path / "empty.csv"], home=tmp_path, goals=["pay"])
    assert graph.read("journeys/rules") == [] or "pay" not in graph.read("journeys/rules")[0]["goals"]
    assert execute(graph, "MATCH (l:Load) RETURN count(l) AS n") == [{"n": 0}]


def test_a_new_end_of_the_data_and_a_goal_that_never_occurs_are_told(graph: Graph, tmp_path: Path) -> None:
    path = rows_of(tmp_path / "x.csv", [{"customer_id": "c", "step": "view", "occurred_at": 1767225600}])
    late = rows_of(tmp_path / "y.csv", [{"customer_id": "d", "step": "view", "occurred_at": 1767225600 + 86_400 * 90}])
    said: list[str] = []
    pipeline.load(graph, [path], home=tmp_path, goals=["pay"], say=said.append)
    assert any("No touchpoint has the goal 'pay'" in sentence for sentence in said)
    assert not any("days later" in sentence for sentence in said)
    pipeline.load(graph, [late], home=tmp_path, say=said.append)
    assert any("ends 90 days later" in sentence for sentence in said)


def test_a_batch_that_repeats_an_id_counts_it_as_duplicate(graph: Graph) -> None:
    row = from_touchpoint(next(iter(generator.simulate(3, 1)[0])))
    writer = BatchWriter(graph, "b")
    writer.write([row, row])
    writer.write([row])
    assert (writer.stored, writer.duplicate) == (1, 2)
