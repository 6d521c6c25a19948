"""Rows in quarantine from end to end: mended, corrected, dropped; and reconciliation accounts for each of them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from journeygraph.errors import InputError, NotFound
from journeygraph.graph import Connection, Graph
from journeygraph.keys import KeyStore
from journeygraph.privacy import audit
from journeygraph.privacy.erase import erase
from journeygraph.quality import waiting
from journeygraph.quality.stages import Check, stages
from journeygraph.quality.waiting import Which
from journeygraph.settings import Settings
from journeygraph_cli.serve import application
from journeygraph_loaders import corrections
from journeygraph_loaders.pipeline import load
from journeygraph_loaders.quarantine import Quarantine, export
from journeygraph_loaders.replay import replay
from tests.support import execute

pytestmark = pytest.mark.graph

TILL = "customer_id,step,occurred_at,value\nanna,purchase,2026-01-01T10:00:00Z,5\nben,purchase,tomorrow,7\n"
TILL += "carl,purchase,2026-01-01T12:00:00Z,seven\ndora,purchase,never,8\n"


@pytest.fixture
def till(graph: Graph, tmp_path: Path) -> Path:
    """A file with three bad rows, loaded."""
    path = tmp_path / "till.csv"
    path.write_text(TILL)
    result = load(graph, [path], home=tmp_path)
    assert (result.stored, result.quarantined) == (1, 3)
    return path


def settled(graph: Graph, home: Path) -> Check:
    """What reconciliation says of the quarantine."""
    return next(check for check in stages(graph, home).checks if check.stage == "quarantined to settled")


def test_corrected_rows_are_stored_and_others_stay_as_they_were(graph: Graph, till: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "mended.csv"
    with Quarantine(tmp_path, "export") as quarantine, sheet.open("w", newline="") as out:
        assert export(quarantine.entries(), out) == 3
    with sheet.open(newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0]["raw"] = rows[0]["raw"].replace("tomorrow", "2026-01-02T10:00:00Z")
    rows[1]["raw"] = rows[1]["raw"].replace("seven", "siebzehn")
    with sheet.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows[:2])
    done = replay(graph, tmp_path, corrections=corrections.read(sheet))
    assert (done.received, done.stored, done.duplicate, done.quarantined) == (2, 1, 0, 1)
    assert [(one.id, one.column) for one in done.refused] == [(2, "value")]
    assert [(entry.id, entry.value) for entry in waiting.entries(tmp_path)] == [(2, "seven"), (3, "never")]
    assert execute(graph, "MATCH (t:Touchpoint) RETURN sum(t.value) AS value, count(t) AS n") == [
        {"value": 12.0, "n": 2}
    ]
    check = settled(graph, tmp_path)
    assert (check.left_count, check.right_count, check.note) == (3, 3, "2 waiting, 1 replayed")
    found = stages(graph, tmp_path)
    assert (found.checks[0].left, found.checks[0].left_count, found.checks[0].right_count) == ("rows received", 4, 4)
    (rows,) = graph.run(found.statements["received"].cypher, {})
    assert rows == {"received": 4, "stored": 1, "duplicate": 0, "quarantined": 3}
    with pytest.raises(NotFound, match="No row 1 waits"):
        replay(graph, tmp_path, corrections={1: {"customer_id": "x"}})
    (tmp_path / "none.jsonl").write_text('{"id": "one", "raw": {}}\n')
    with pytest.raises(InputError, match=r"none\.jsonl, line 1: the id 'one' is none"):
        corrections.read(tmp_path / "none.jsonl")


def test_a_dropped_row_stays_dropped_and_a_lost_one_is_told(graph: Graph, till: Path, tmp_path: Path) -> None:
    waiting.drop(tmp_path, Which(column="occurred_at"), "no time, no touchpoint")
    assert load(graph, [till], home=tmp_path).quarantined == 3
    assert [entry.line for entry in waiting.entries(tmp_path)] == [4]
    check = settled(graph, tmp_path)
    assert (check.agrees, check.left_count, check.note) == (True, 6, "2 waiting, 4 dropped")
    till.write_text(TILL.replace("seven", "7"))
    load(graph, [till], home=tmp_path)
    assert waiting.entries(tmp_path)[0].state == "outdated"
    assert waiting.drop(tmp_path, Which(state="outdated"), "mended in its file").rows == 1
    assert stages(graph, tmp_path).agrees
    (tmp_path / "quarantine" / "bad_rows.sqlite").unlink()
    assert "are in no quarantine of this home" in str(settled(graph, tmp_path).note)
    assert not stages(graph, tmp_path).agrees


def test_tables_about_products_and_campaigns_and_a_replay_of_their_rows(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(
        "files:\n  clicks.csv: {source: web}\n"
        "  products.csv: {describes: product, columns: {product_id: sku, product_category: kind}}\n"
        "  campaigns.csv: {describes: campaign, columns: {campaign: id}}\n"
        "  coupons.csv: {describes: campaign, columns: {campaign: id, product_id: sku}, properties: {coupon: upc}}\n"
    )
    tables = {
        "clicks.csv": "customer_id,step,occurred_at,product_id,campaign\na,buy,2026-01-01T00:00:00Z,p1,c1\n",
        "products.csv": "sku,kind,brand\np1,shoes,own\np2,hats,\n,hats,lost\n",
        "campaigns.csv": "id,type\nc1,mail\n",
        "coupons.csv": "upc,sku,id\n77,p1,c1\n77,p2,c1\n78,p2,c1\n78,p2,c1\n",
    }
    for name, text in tables.items():
        (tmp_path / name).write_text(text)
    paths = [tmp_path / name for name in tables]
    result = load(graph, paths, home=tmp_path, mapping=tmp_path / "m.yaml")
    assert (result.received, result.stored, result.duplicate, result.quarantined) == (9, 7, 1, 1)
    offers = execute(
        graph,
        "MATCH (t:Touchpoint)-[:CAME_FROM]->(k {p_type: 'mail'})-[o:OFFERS]->(p) "
        "RETURN o.p_coupon AS coupon, p.product_id AS product, p.p_brand AS brand ORDER BY coupon, product",
    )
    assert [tuple(row.values()) for row in offers] == [("77", "p1", "own"), ("77", "p2", None), ("78", "p2", None)]
    again = load(graph, paths, home=tmp_path, mapping=tmp_path / "m.yaml")
    assert (again.stored, again.duplicate, again.quarantined) == (0, 8, 1)
    (entry,) = waiting.entries(tmp_path)
    mended = replay(graph, tmp_path, corrections={entry.id: {**entry.raw, "sku": "p3"}})
    assert (mended.stored, mended.quarantined) == (1, 0)
    assert execute(graph, "MATCH (p:Product {product_id: 'p3'})-[:IN_CATEGORY]->(k) RETURN k.name AS k") == [
        {"k": "hats"}
    ]
    assert stages(graph, tmp_path).agrees
    erase(graph, tmp_path, "a")  # whom nothing else is about: what tables tell stays
    assert execute(graph, "MATCH (:Campaign)-[o:OFFERS]->(:Product) RETURN count(o) AS n") == [{"n": 3}]
    assert execute(graph, "MATCH (p:Product) RETURN count(p) AS n") == [{"n": 3}]


def test_over_http(graph: Graph, till: Path, neo4j_server: Connection, tmp_path: Path) -> None:
    settings = Settings(
        JOURNEYGRAPH_HOME=tmp_path, NEO4J_URI=neo4j_server.uri, NEO4J_USERNAME=neo4j_server.username,
        NEO4J_PASSWORD=neo4j_server.password,
    )  # fmt: skip
    with TestClient(application(settings), base_url="http://localhost") as api:
        page = api.get("/v1/quarantine", params={"limit": 2}).json()
        assert (page["count"], [row["id"] for row in page["rows"]], page["next_cursor"]) == (3, [1, 2], "2")
        assert [row["id"] for row in api.get("/v1/quarantine", params={"cursor": "2"}).json()["rows"]] == [3]
        counted = api.get("/v1/quarantine/counts", params={"column": "value"}).json()
        assert [(one["column"], one["rows"]) for one in counted["counts"]] == [("value", 1)]
        assert api.get("/v1/quarantine/9").status_code == 404
        assert api.get("/v1/quarantine", params={"cursor": "x"}).json()["code"] == "cursor_invalid"
        raw = api.get("/v1/quarantine/1").json()["raw"]
        mended = {"id": 1, "raw": {**raw, "occurred_at": "2026-01-02T10:00:00Z"}}
        done = api.post("/v1/quarantine/replay", json={"rows": [mended]}).json()
        assert (done["received"], done["stored"]) == (1, 1)
        assert api.post("/v1/quarantine/replay", json={"mapping": "/etc/passwd"}).status_code == 422
        assert api.post("/v1/quarantine/replay", json={"mapping": "nonesuch"}).status_code == 422
        assert api.post("/v1/quarantine/drop", json={"because": "x"}).status_code == 422
        dropped = api.post("/v1/quarantine/drop", json={"ids": [2], "because": "a test"}).json()
        assert (dropped["rows"], dropped["left"], dropped["done"]) == (1, 1, True)
        history = api.get("/v1/quarantine/history").json()
        assert [(row["id"], row["outcome"], row["by"]) for row in history["rows"]] == [
            (1, "replayed", "api: no key"), (2, "dropped", "api: no key"),
        ]  # fmt: skip
        store = KeyStore(tmp_path)
        some, key = store.create("some", ["read", "customers"])[0], store.create("read", ["read"])[0]
        masked = api.get("/v1/quarantine/3", headers={"Authorization": f"Bearer {some}"}).json()
        assert set(masked["raw"].values()) == {None}
        assert "never" not in json.dumps(masked)
        asked = {"Authorization": f"Bearer {key}"}
        assert api.get("/v1/quarantine", headers=asked).status_code == 403
        assert api.post("/v1/quarantine/drop", json={"ids": [3], "because": "x"}, headers=asked).status_code == 403
        assert api.get("/v1/quarantine/counts", headers=asked).json()["count"] == 1
    noted = {entry.action for entry in audit.entries(tmp_path)}
    assert {
        "read /v1/quarantine/{entry}", "quarantine: 1 rows replayed", "quarantine: 1 rows dropped"
    } <= noted  # fmt: skip
