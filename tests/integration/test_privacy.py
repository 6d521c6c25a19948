"""One person: everything handed over, everything erased, and the rest as if they had never been there.

On the file of test_grains: anna, ben and carl; identifiers, an anonymous visitor and a bad row are added here.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from journeygraph.errors import NotFound, UsageError
from journeygraph.graph import Connection, Graph
from journeygraph.identity import merge
from journeygraph.intent.models import training
from journeygraph.keys import KeyStore
from journeygraph.privacy import audit, consent, proof
from journeygraph.privacy.erase import erase
from journeygraph.privacy.export import archive, export
from journeygraph.privacy.needles import written
from journeygraph.recommend.customer import recommend
from journeygraph.schema import Touchpoint
from journeygraph.settings import Settings
from journeygraph_cli.main import app
from journeygraph_cli.serve import application
from journeygraph_loaders import documents, pipeline
from tests.privacy_sample import BAD, DEVICE, DORA, EMAIL, HEADER, HERS, KIOSK, OTHERS
from tests.support import canonical_graph, empty, execute

pytestmark = pytest.mark.graph


@pytest.fixture
def home(graph: Graph, tmp_path: Path) -> Path:
    home = tmp_path / "home"
    _load(graph, home, OTHERS + HERS + BAD)
    return home


def _load(graph: Graph, home: Path, rows: str) -> pipeline.LoadResult:
    home.mkdir(exist_ok=True)
    file = home.parent / "touchpoints.csv"
    file.write_text(HEADER + rows, encoding="utf-8")
    return pipeline.load(graph, [file], home=home)


def _report(home: Path) -> Path:
    """A report as `journeygraph report` leaves it: a card in the home, and files that show one of her journeys."""
    folder = home.parent / "report"
    folder.mkdir()
    (folder / "report.html").write_text("<p>For example j:d1</p>", encoding="utf-8")
    (folder / "report.json").write_text(json.dumps({"examples": ["j:d1", "j:t1"], "count": 5}), encoding="utf-8")
    (folder / "other.csv").write_text("step,count\nview,5\n", encoding="utf-8")
    card = {"folder": str(folder), "files": ["report.html", "report.json", "other.csv"]}
    (home / "reports").mkdir()
    (home / "reports" / "r1.json").write_text(json.dumps(card), encoding="utf-8")
    return folder


def test_an_export_holds_everything_with_its_cypher(graph: Graph, home: Path) -> None:
    found = export(graph, home, DORA)
    assert found.counts == {
        "customer": 1, "identifiers": 3, "merges": 0, "touchpoints": 5, "journeys": 3, "sessions": 4, "households": 0,
        "segments": 0, "findings": 0,
        "consent": 0, "quarantine": 1, "files": 0,
    }  # fmt: skip
    for part in found.parts:
        if part.cypher:
            assert len(graph.run(part.cypher, part.parameters)) == part.count  # type: ignore[arg-type]
    shared = {row["value"]: row["shared"] for part in found.parts if part.name == "identifiers" for row in part.rows}
    assert shared == {EMAIL: False, DEVICE: False, KIOSK: True}
    with zipfile.ZipFile(io.BytesIO(archive(found))) as packed:
        assert json.loads(packed.read("person.json"))["counts"] == found.counts
        rows = list(csv.DictReader(io.StringIO(packed.read("touchpoints.csv").decode())))
    assert [row["touchpoint_id"] for row in rows] == ["d1", "d2", "d3", "d4", "d5"]
    with pytest.raises(NotFound, match="no customer 'nobody'"):
        export(graph, home, "nobody")


def test_an_erasure_leaves_the_graph_of_a_load_without_the_person(graph: Graph, home: Path) -> None:
    folder = _report(home)
    erasure = erase(graph, home, DORA)
    left = canonical_graph(graph)
    assert erasure.remaining == 0
    assert {name: erasure.removed[name] for name in ("touchpoints", "journeys", "customers", "quarantine")} == {
        "touchpoints": 5, "journeys": 3, "customers": 1, "quarantine": 1,
    }  # fmt: skip
    assert {Path(file.file).name: file.became for file in erasure.files} == {
        "report.html": "deleted", "report.json": "rewritten",
    }  # fmt: skip
    assert json.loads((folder / "report.json").read_text()) == {"examples": ["j:t1"], "count": 5}
    empty(graph)
    fresh = home.parent / "fresh"
    _load(graph, fresh, OTHERS)
    assert left == canonical_graph(graph)


def test_nothing_names_the_person_any_more(graph: Graph, home: Path) -> None:
    folder = _report(home)
    erasure = erase(graph, home, DORA)
    sought = {form for value in (DORA, EMAIL, DEVICE) for form in written(value)}
    files = [path for root in (home, folder) for path in root.rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        content = path.read_bytes()
        assert not [form for form in sought if form in content], path
    everything = repr(execute(graph, "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN properties(n), properties(r)"))
    assert not any(value in everything for value in (DORA, EMAIL, DEVICE))
    assert not any(value in erasure.model_dump_json() for value in (DORA, EMAIL, DEVICE))


def test_whoever_was_erased_does_not_come_back(graph: Graph, home: Path) -> None:
    erase(graph, home, DORA)
    before = canonical_graph(graph)
    again = _load(graph, home, OTHERS + HERS + BAD)
    assert canonical_graph(graph) == before
    # Her five rows and her bad one are counted, and kept nowhere; emil's bad row is in quarantine as it was.
    assert (again.received, again.stored, again.duplicate, again.quarantined) == (13, 0, 6, 7)
    assert DORA.encode() not in (home / "quarantine" / "bad_rows.sqlite").read_bytes()
    sent = documents.store(
        graph, home, [{"email": EMAIL.upper(), "anonymous_id": "new", "step": "view", "occurred_at": 1767225600}]
    )
    assert (sent.received, sent.stored, sent.quarantined) == (1, 0, 1)
    fresh = documents.store(graph, home, [{"customer_id": "gerd", "step": "view", "occurred_at": 1767225600}])
    assert fresh.stored == 1


def test_whoever_is_known_by_bad_rows_alone_is_handed_over_and_erased(graph: Graph, home: Path) -> None:
    other = "g0,greta-9-2,,,,view,2026-01-02T10:00:00Z,p1,,,\ng2,greta-9-2,,,,view,not a time,p1,,,\n"
    rows = other + "g1,greta-9,,,,view,not a time,p1,,,\n"
    _load(graph, home, rows)
    before = canonical_graph(graph)
    assert {name: count for name, count in export(graph, home, "greta-9").counts.items() if count} == {"quarantine": 1}
    with pytest.raises(NotFound):
        erase(graph, home, "greta-9", mode="anonymise")
    erasure = erase(graph, home, "greta-9")
    assert (erasure.removed["quarantine"], erasure.remaining) == (1, 0)
    assert canonical_graph(graph) == before
    assert _load(graph, home, rows).quarantined == 2
    kept = (home / "quarantine" / "bad_rows.sqlite").read_bytes()
    assert (b"greta-9-2" in kept, b"greta-9" in kept.replace(b"greta-9-2", b"")) == (True, False)
    for nobody in ("greta-9", "not", "nobody-1"):
        with pytest.raises(NotFound):
            erase(graph, home, nobody)


def test_a_file_that_is_named_after_the_person_is_told_without_the_name(graph: Graph, home: Path) -> None:
    folder = home.parent / f"of {EMAIL}"
    folder.mkdir()
    file = folder / f"export_{DORA}_2026.csv"
    mapping = folder / f"{DORA}.yaml"
    mapping.write_text("source: till\n", encoding="utf-8")
    file.write_text(HEADER + OTHERS + HERS + BAD, encoding="utf-8")

    def held() -> str:
        files = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
        graphed = execute(graph, "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN properties(n) AS n, properties(r) AS r")
        return files.decode("latin-1") + repr(graphed)

    pipeline.load(graph, [file], home=home, mapping=mapping)
    assert all(value in held() for value in (DORA, EMAIL, file.name))
    erase(graph, home, DORA)
    assert not any(value in held() for value in (DORA, EMAIL))
    again = pipeline.load(graph, [file], home=home, mapping=mapping)
    assert (again.stored, again.duplicate, again.quarantined) == (0, 6, 7)
    assert not any(value in held() for value in (DORA, EMAIL))
    (read,) = execute(
        graph, "MATCH (l:Load {batch_id: $id})-[:READ]->(f) RETURN l.files AS l, f.name AS f", id=again.batch_id
    )
    assert read == {"l": ["export_(erased)_2026.csv"], "f": "export_(erased)_2026.csv"}


def test_why_others_were_merged_names_the_person_no_more(graph: Graph, home: Path) -> None:
    merge(graph, "emil-1", "fritz-1", evidence=f"so said {EMAIL.upper()} on the phone")
    pipeline.finish(graph)
    erasure = erase(graph, home, DORA)
    assert (erasure.remaining, erasure.removed["mentions"]) == (0, 2)  # the merge, and whom it has led the id to
    told = execute(
        graph, "MATCH ()-[m:MERGED_INTO|IDENTIFIES]->() WHERE m.merge_id IS NOT NULL RETURN m.evidence AS evidence"
    )
    assert {row["evidence"] for row in told} == {"so said (erased) on the phone"}


def test_touchpoints_of_other_ways_in_ask_the_list_too(graph: Graph, home: Path) -> None:
    erase(graph, home, DORA)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    hers = Touchpoint(touchpoint_id="n1", step="view", channel="web", source="s", customer_id=DORA, occurred_at=at)
    other = hers.model_copy(update={"touchpoint_id": "n2", "customer_id": "gerd"})
    stored = pipeline.store(graph, [hers, other], home=home)
    assert (stored.received, stored.stored, stored.quarantined) == (2, 1, 1)


def test_a_merged_customer_is_erased_with_every_former_name(graph: Graph, home: Path) -> None:
    merge(graph, DORA, "fritz-1")
    pipeline.finish(graph)
    erasure = erase(graph, home, "fritz-1")  # either name leads to the person
    assert (erasure.removed["touchpoints"], erasure.remaining) == (7, 0)
    everything = repr(execute(graph, "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN properties(n), properties(r)"))
    assert not any(value in everything for value in (DORA, EMAIL, DEVICE, "fritz-1"))
    left = canonical_graph(graph)
    again = _load(graph, home, OTHERS + HERS)
    assert (again.stored, again.duplicate, again.quarantined) == (0, 4, 7)
    assert canonical_graph(graph) == left
    empty(graph)
    others = OTHERS.splitlines(keepends=True)
    _load(graph, home.parent / "fresh", "".join([*others[:3], others[5]]))
    assert left == canonical_graph(graph)


def test_a_list_of_customers_is_written_down_without_a_subject(
    graph: Graph, home: Path, neo4j_server: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in vars(neo4j_server).items():
        monkeypatch.setenv(f"NEO4J_{name.upper()}", value)
    monkeypatch.setenv("JOURNEYGRAPH_HOME", str(home))
    with TestClient(application(Settings())) as api:
        api.get("/v1/segments/nobody/members")
        api.get("/v1/paths")
    found = audit.entries(home)
    assert [(entry.action, entry.subject) for entry in found] == [("read /v1/segments/{name}/members", None)]


def test_anonymised_counts_stay_as_they_were(graph: Graph, home: Path) -> None:
    transitions = "MATCH (a)-[l:LEADS_TO]->(b) RETURN a.name AS a, b.name AS b, properties(l) AS p ORDER BY a, b"
    totals = "MATCH (n:Touchpoint|Journey|Session|Customer) RETURN labels(n)[0] AS label, count(*) AS n ORDER BY label"
    before = [execute(graph, text) for text in (transitions, totals)]
    erasure = erase(graph, home, DORA, mode="anonymise")
    assert erasure.remaining == 0
    assert [execute(graph, text) for text in (transitions, totals)] == before
    everything = repr(execute(graph, "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN properties(n), properties(r)"))
    assert not any(value in everything for value in (DORA, EMAIL, DEVICE, "'d1'", "j:d1", "'o2'"))
    # Threaded anew, the journeys and sessions are the same.
    shape = "MATCH (j:Journey|Session) RETURN properties(j) AS p ORDER BY coalesce(j.journey_id, ''), j.session_id"
    stored = execute(graph, shape)
    execute(graph, "MATCH (c:Customer) SET c:Unthreaded")
    pipeline.finish(graph)
    assert execute(graph, shape) == stored


def test_everybody_may_be_erased(graph: Graph, home: Path) -> None:
    # With emil gone the kiosk was dora's alone, and so are its visits.
    for customer in ("emil-1", DORA, "fritz-1"):
        erase(graph, home, customer)
    assert not execute(graph, "MATCH (n) WHERE NOT n:Load|File|Migration|Configuration RETURN n")


def test_a_proof_is_signed_and_every_access_is_written_down(graph: Graph, home: Path, tmp_path: Path) -> None:
    export(graph, home, DORA, actor="key:crm")
    erasure = erase(graph, home, DORA)
    file = tmp_path / "proof.json"
    file.write_text(erasure.proof.model_dump_json(), encoding="utf-8")
    assert proof.check(home, file).valid
    assert proof.check(home, file).of_this_home
    changed = erasure.proof.model_dump()
    changed["statement"]["removed"]["touchpoints"] = 6
    file.write_text(json.dumps(changed), encoding="utf-8")
    assert not proof.check(home, file).valid
    entries = audit.entries(home)
    assert [entry.action for entry in entries] == ["export", "erase begun", "erase done"]
    assert entries[0].actor == "key:crm"
    assert {entry.subject for entry in entries} == {erasure.proof.statement["subject"]}
    assert audit.verify(home, at_least=erasure.proof.statement["audit"]["entries"]).intact


def test_consent_stands_as_last_given_and_goes_with_the_person(graph: Graph, home: Path) -> None:
    assert set(consent.show(graph, DORA).stands.values()) == {None}
    consent.note(graph, home, DORA, "marketing", "withdrawn", at=datetime(2026, 2, 1, tzinfo=UTC), source="letter")
    # What was said earlier and is noted later changes nothing; of one instant the withdrawal stands.
    consent.note(graph, home, DORA, "marketing", "granted", at=datetime(2026, 1, 1, tzinfo=UTC))
    given = consent.note(graph, home, DORA, "marketing", "granted", at=datetime(2026, 2, 1, tzinfo=UTC))
    assert given.stands == {"analytics": None, "personalisation": None, "marketing": "withdrawn"}
    assert [said.status for said in given.history] == ["granted", "granted", "withdrawn"]
    assert len(graph.run(given.cypher, given.parameters)) == 3  # type: ignore[arg-type]
    assert consent.withdrawn(graph, ["marketing"]) == [DORA]
    assert not consent.allows(graph, DORA, "marketing")
    assert consent.note(graph, home, DORA, "marketing", "granted").stands["marketing"] == "granted"
    assert consent.allows(graph, DORA, "marketing")
    with pytest.raises(UsageError, match="visitor without a name"):
        consent.note(graph, home, "anonymous:kiosk-1", "marketing", "granted")
    with pytest.raises(UsageError, match="not come yet"):
        consent.note(graph, home, DORA, "marketing", "granted", at=datetime(2126, 1, 1, tzinfo=UTC))
    with pytest.raises(NotFound):
        consent.note(graph, home, "nobody", "marketing", "granted")
    assert export(graph, home, DORA).counts["consent"] == 4
    erase(graph, home, DORA)
    assert not execute(graph, "MATCH (n:Consent) RETURN n")


def test_whoever_withdrew_gets_what_is_common_and_trains_no_model(
    graph: Graph, home: Path, neo4j_server: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = recommend(graph, "fritz-1")
    assert {item.strategy for item in before.items} != {"popularity"}
    consent.note(graph, home, "fritz-1", "personalisation", "withdrawn")
    for name, value in vars(neo4j_server).items():
        monkeypatch.setenv(f"NEO4J_{name.upper()}", value)
    monkeypatch.setenv("JOURNEYGRAPH_HOME", str(home))
    common = recommend(graph, "fritz-1")
    assert {item.strategy for item in common.items} == {"popularity"}
    common_to_all = recommend(graph, "fritz-1", strategy="popularity", include_bought=True)
    assert [item.id for item in common.items] == [item.id for item in common_to_all.items]
    for item in common.items:
        assert "withdrew consent to personalisation" in item.because.words
        assert graph.run(item.because.cypher, item.because.parameters)  # type: ignore[arg-type]
    with TestClient(application(Settings())) as api:
        assert api.get("/v1/recommendations/fritz-1").json()["items"] == common.model_dump(mode="json")["items"]
        word = {"purpose": "analytics", "status": "withdrawn", "source": "web form"}
        assert api.post(f"/v1/privacy/{DORA}/consent", json=word).json()["stands"]["analytics"] == "withdrawn"
        assert api.get(f"/v1/privacy/{DORA}/consent").json()["history"][0]["source"] == "web form"
    given: list[Any] = []
    monkeypatch.setattr(training, "train", lambda *arguments: given.append(arguments))
    training.train_graph(graph, training.Training(horizon_seconds=86_400.0))
    table, _, _, about, groups = given[0]
    assert table.customer_ids == ["anonymous:kiosk-1", "emil-1"]
    assert (sorted(table.ids), np.unique(table.customers).tolist()) == (["j:t1", "j:t6"], [0, 1])
    assert len(about["product"].codes) == table.n_touchpoints == 4
    assert {row["customer_id"] for row in groups} == {"anonymous:kiosk-1", "emil-1"}


def test_whoever_reads_is_written_down(
    graph: Graph, home: Path, neo4j_server: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in vars(neo4j_server).items():
        monkeypatch.setenv(f"NEO4J_{name.upper()}", value)
    monkeypatch.setenv("JOURNEYGRAPH_HOME", str(home))
    presented, key = KeyStore(home).create("crm", ["customers", "read"])
    with TestClient(application(Settings())) as api:
        headers = {"Authorization": f"Bearer {presented}"}
        assert api.get(f"/v1/journeys/{DORA}").status_code == 401
        assert api.get(f"/v1/journeys/{DORA}", headers=headers).status_code == 200
        assert api.get("/v1/recommendations/fritz-1", headers=headers).status_code == 200
        assert api.get("/v1/paths", headers=headers).status_code == 200
        assert api.delete(f"/v1/privacy/{DORA}", headers=headers).status_code == 403
    for words in (["journey", EMAIL], ["recommend", DORA], ["identity", "explain", DORA], ["next", DORA]):
        assert CliRunner().invoke(app, [*words, "--json"]).exit_code == 0
    found = audit.entries(home)
    assert [(entry.actor, entry.action) for entry in found] == [
        (f"key:crm ({key.key_id})", "read /v1/journeys/..."),
        (f"key:crm ({key.key_id})", "read /v1/recommendations/..."),
        (audit.os_user(), "read journey"),
        (audit.os_user(), "read recommendations"),
        (audit.os_user(), "read identity"),
        (audit.os_user(), "read next steps"),
    ]
    assert len({entry.subject for entry in found}) == 2
    assert audit.verify(home).intact


def test_commands_and_routes(
    graph: Graph, home: Path, neo4j_server: Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NEO4J_URI", neo4j_server.uri)
    monkeypatch.setenv("NEO4J_USERNAME", neo4j_server.username)
    monkeypatch.setenv("NEO4J_PASSWORD", neo4j_server.password)
    monkeypatch.setenv("JOURNEYGRAPH_HOME", str(home))
    out = tmp_path / "person.zip"
    run = CliRunner().invoke(app, ["privacy", "export", DORA, "--out", str(out), "--json"])
    assert (run.exit_code, json.loads(run.stdout)["counts"]["touchpoints"]) == (0, 5)
    assert out.stat().st_mode & 0o777 == 0o600
    assert isinstance(CliRunner().invoke(app, ["privacy", "erase", DORA]).exception, Exception)
    with TestClient(application(Settings())) as api:
        # The archive that was written is one more file that names her.
        counts = json.loads(run.stdout)["counts"] | {"files": 1}
        assert api.get(f"/v1/privacy/{DORA}/export").json()["counts"] == counts
        packed = api.get(f"/v1/privacy/{DORA}/export", params={"format": "zip"})
        assert zipfile.ZipFile(io.BytesIO(packed.content)).namelist()[0] == "person.json"
        assert api.delete(f"/v1/privacy/{DORA}").json()["remaining"] == 0
        assert not out.exists()
        assert api.delete(f"/v1/privacy/{DORA}").status_code == 404
    words = ["privacy", "consent", "set", "emil-1", "marketing", "granted", "--at", "2026-01-01T00:00:00Z", "--json"]
    run = CliRunner().invoke(app, words)
    assert (run.exit_code, json.loads(run.stdout)["stands"]["marketing"]) == (0, "granted")
    shown = CliRunner().invoke(app, ["privacy", "consent", "show", "emil-1", "--json"])
    assert json.loads(shown.stdout) == json.loads(run.stdout)
    run = CliRunner().invoke(app, ["privacy", "erase", "fritz-1", "--yes", "--json"])
    assert (run.exit_code, json.loads(run.stdout)["removed"]["touchpoints"]) == (0, 2)
    run = CliRunner().invoke(app, ["privacy", "audit", "verify", "--json"])
    assert (run.exit_code, json.loads(run.stdout)["entries"]) == (0, 8)
    run = CliRunner().invoke(app, ["privacy", "audit", "list", "--subject", "fritz-1", "--json"])
    assert [entry["action"] for entry in json.loads(run.stdout)["entries"]] == ["erase begun", "erase done"]


def test_a_key_without_the_scope_sees_masked_addresses(
    graph: Graph, home: Path, neo4j_server: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in vars(neo4j_server).items():
        monkeypatch.setenv(f"NEO4J_{name.upper()}", value)
    monkeypatch.setenv("JOURNEYGRAPH_HOME", str(home))
    routes = (f"/v1/customers/{DORA}", f"/v1/identity/{DORA}/explain")
    with TestClient(application(Settings())) as api:
        unkeyed = [api.get(route).json() for route in routes]
        for scopes, shown in ((["customers"], "d***@example.org"), (["customers", "identifiers"], EMAIL)):
            presented, _ = KeyStore(home).create("crm", scopes)
            for route, whole in zip(routes, unkeyed, strict=True):
                found = api.get(route, headers={"Authorization": f"Bearer {presented}"}).json()
                values = {one["kind"]: one["value"] for one in found["identifiers"] if one["value"] != KIOSK}
                assert values == {"email": shown, "anonymous_id": DEVICE}
                assert len(found["identifiers"]) == len(whole["identifiers"]) == 3
