"""A home's privacy policy: what is on no list is kept nowhere, and addresses are pseudonyms that still identify."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeygraph.errors import UsageError
from journeygraph.graph import Graph
from journeygraph.privacy import policy
from journeygraph.privacy.erase import erase
from journeygraph.privacy.export import export
from journeygraph.privacy.purge import search
from journeygraph.privacy.rotation import rotate
from journeygraph_loaders import documents, pipeline
from journeygraph_loaders.quarantine import Quarantine
from tests.support import execute

pytestmark = pytest.mark.graph
POLICY = """\
sources:
  shop:
    keep: [email, value, visitor]
    pseudonymise: [email]
  "*": {pseudonymise: [email, phone]}
"""
SHOP = """\
customer_id,visitor,email,step,occurred_at,value,note
anna-1,phone-of-anna,Anna@Example.org,view,2026-01-01T10:00:00Z,5,likes tea at tea-house
anna-2,,anna@example.org ,view,2026-01-02T10:00:00Z,,calls herself ben-of-the-hill
anna-1,,anna@example.org,view,never,,secret-word-one
carl-1,,carl@example.org,view,2026-01-02T10:00:00Z,dear,secret-word-two
"""
SECRET = ("tea-house", "ben-of-the-hill", "secret-word-one", "secret-word-two", "anna@example.org", "carl@example.org")


def _load(graph: Graph, home: Path, source: str = "shop", rows: str = SHOP) -> pipeline.LoadResult:
    file = home.parent / "touchpoints.csv"
    file.write_text(rows, encoding="utf-8")
    return pipeline.load(graph, [file], home=home, source=source)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    policy.declare(home, tmp_path / "policy.yaml")
    return home


def _everything(graph: Graph) -> str:
    return repr(execute(graph, "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN properties(n), properties(r)"))


def test_what_is_on_no_list_is_kept_nowhere(graph: Graph, home: Path) -> None:
    loaded = _load(graph, home)
    assert (loaded.received, loaded.stored, loaded.quarantined) == (4, 2, 2)
    assert search(home, SECRET).holding == ()
    held = _everything(graph).lower()
    assert not [word for word in SECRET if word in held]
    with Quarantine(home, "look") as quarantine:
        entries = list(quarantine.entries())
    assert [entry.column for entry in entries] == ["occurred_at", "value"]
    assert {entry.raw["note"] for entry in entries} == {None}
    assert all(entry.raw["email"].startswith("pn1:") for entry in entries)


def test_pseudonyms_identify_as_the_values_did(graph: Graph, home: Path) -> None:
    _load(graph, home)
    shared = execute(
        graph,
        "MATCH (i:Identifier {kind: 'email'})-[:IDENTIFIES]->(c) RETURN i.value AS value, collect(c.customer_id) AS c",
    )
    assert [sorted(row["c"]) for row in shared] == [["anna-1", "anna-2"]]
    # What comes through the API and from another source leads to the same person.
    sent = {"customer_id": "anna-3", "email": "ANNA@example.org", "step": "view", "occurred_at": 1767225600}
    documents.store(graph, home, [sent])
    assert len(execute(graph, "MATCH (i:Identifier {kind: 'email'}) RETURN i")) == 1
    assert "anna@example.org" not in _everything(graph).lower()


def test_an_erased_person_is_recognised_by_the_pseudonym_and_by_the_value(graph: Graph, home: Path) -> None:
    one = "customer_id,email,step,occurred_at\ndora,dora@example.org,view,2026-01-01T10:00:00Z\n"
    _load(graph, home, rows=one)
    erase(graph, home, "dora")
    again = "anonymous_id,email,step,occurred_at\nnew-device,dora@example.org,view,2026-01-03T10:00:00Z\n"
    assert _load(graph, home, rows=again).quarantined == 1
    assert search(home, ["dora@example.org"]).holding == ()
    # Erased while addresses were not yet pseudonyms.
    (home / "privacy" / "policy.yaml").unlink()
    _load(graph, home, rows=one.replace("dora", "gerd"))
    erase(graph, home, "gerd")
    policy.declare(home, home.parent / "policy.yaml")
    assert _load(graph, home, rows=again.replace("dora", "gerd")).quarantined == 1


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("sources: {shop: {kep: [a]}}", "sources.shop.kep"),
        ("sources: {shop: {retention: [{older_than: soon}]}}", "older_than"),
        ("[1]", "names no `sources`"),
        ("", "names no `sources`"),
    ],
)
def test_what_is_no_policy_is_refused_with_its_place(home: Path, text: str, place: str) -> None:
    file = home.parent / "wrong.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=place):
        policy.declare(home, file)
    assert policy.read(home).of("shop").pseudonymise == ("email",)


def test_pseudonyms_rotate_with_the_key_and_go_on_identifying(graph: Graph, home: Path) -> None:
    _load(graph, home)
    her = {"customer_id": "dora", "email": "dora@example.org", "step": "view", "occurred_at": 1}
    documents.store(graph, home, [her])
    erase(graph, home, "dora")
    rotated = rotate(home, graph)
    assert rotated.pseudonyms == 1  # the identifier's; touchpoints of customers with a name keep no address
    assert "pn1:" not in _everything(graph)
    sent = [{"customer_id": "anna-3", "email": "anna@example.org", "step": "view", "occurred_at": 1767225600}]
    documents.store(graph, home, sent)
    assert len(execute(graph, "MATCH (i:Identifier {kind: 'email'}) RETURN i")) == 1
    back = [{"anonymous_id": "new", "email": "dora@example.org", "step": "view", "occurred_at": 1767225600}]
    assert documents.store(graph, home, back).quarantined == 1
    assert rotate(home, graph).generation == 3


def test_encrypted_values_are_handed_over_and_rotate(graph: Graph, home: Path) -> None:
    (home.parent / "policy.yaml").write_text("sources: {shop: {encrypt: [email]}}", encoding="utf-8")
    policy.declare(home, home.parent / "policy.yaml")
    _load(graph, home)
    assert _load(graph, home).duplicate == 2, "encrypted anew each time, and the same touchpoint"

    def tokens() -> list[str]:
        return [row["token"] for row in execute(graph, "MATCH (t:Touchpoint) RETURN t.p_email_sealed AS token")]

    assert "anna@example.org" not in _everything(graph).lower()
    before = tokens()
    rotate(home, graph)
    assert len({*before, *tokens()}) == 4
    held = {part.name: part.rows for part in export(graph, home, "anna-1").parts}
    assert [row["p_email"] for row in held["touchpoints"]] == ["anna@example.org"]
    assert search(home, ["anna@example.org"]).holding == ()
