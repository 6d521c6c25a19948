"""The guide and the style sheet for Neo4j Browser."""

from __future__ import annotations

from html import escape
from pathlib import Path

from fastapi.testclient import TestClient

from journeygraph import cookbook
from journeygraph.settings import Settings
from journeygraph_api.app import create_app


def client(home: Path) -> TestClient:
    return TestClient(create_app(Settings(JOURNEYGRAPH_HOME=home), lambda *_: {}))


def test_the_guide_has_every_question_with_its_cypher(tmp_path: Path) -> None:
    answer = client(tmp_path).get("/browser/guide")
    assert answer.headers["access-control-allow-origin"] == "*"
    for _, questions in cookbook.rooms():
        for question in questions:
            assert escape(question.cypher).replace("&#x27;", "&#39;").replace("&quot;", "&#34;").strip() in answer.text
    assert ":style http://testserver/browser/style.grass" in answer.text


def test_nothing_in_the_cookbook_writes() -> None:
    for _, questions in cookbook.rooms():
        for question in questions:
            words = set(question.cypher.upper().split())
            assert not words & {"CREATE", "MERGE", "DELETE", "SET", "REMOVE"}, question.name


def test_the_style_has_a_rule_for_every_kind_of_node(tmp_path: Path) -> None:
    sheet = client(tmp_path).get("/browser/style.grass").text
    for label in ("Customer", "Journey", "Touchpoint", "Step", "Finding", "Product", "Campaign", "Identifier"):
        assert f"node.{label} {{" in sheet
    assert "&#" not in sheet
