"""Signed webhooks, and CloudEvents in the three content modes of HTTP; nothing here needs a graph."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from journeygraph.settings import Settings
from journeygraph_api import dependencies
from journeygraph_api.app import create_app
from journeygraph_api.cloudevents import from_http
from journeygraph_api.problems import Refused

SAMPLES = Path(__file__).parents[2] / "data" / "sources"
SECRET = "hush"
COUNTS = {"stored": 0, "duplicate": 0, "quarantined": 0, "customers": 0, "touchpoints": 0, "seconds": 0.0}


class Taken:
    """What the routes handed on."""

    def __init__(self) -> None:
        self.calls: list[tuple[Sequence[Mapping[str, Any]], str | None]] = []

    def __call__(self, graph: Any, given: Any, key: str | None, source: str | None = None) -> dict[str, Any]:
        self.calls.append((given, source))
        return {**COUNTS, "received": len(given), "batch_id": "b"}


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
def client(tmp_path: Path, taken: Taken) -> Iterator[TestClient]:
    app = create_app(Settings(JOURNEYGRAPH_HOME=tmp_path, JOURNEYGRAPH_SHOPIFY_SECRET=SECRET), taken)
    app.dependency_overrides[dependencies._graph] = lambda: None
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def signature(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def test_a_signed_webhook_is_taken(client: TestClient, taken: Taken) -> None:
    body = (SAMPLES / "shopify_refund_webhook.json").read_bytes()
    answer = client.post("/v1/webhooks/shopify", content=body, headers={"X-Shopify-Hmac-Sha256": signature(body)})
    assert (answer.status_code, answer.json()["received"]) == (200, 1)
    assert taken.calls == [([json.loads(body)], "shopify")]


@pytest.mark.parametrize("given", ["", "x", signature(b"{} "), signature(b"{}", "other"), "\u00e9"])
def test_a_wrong_signature_is_401_and_nothing_is_taken(client: TestClient, taken: Taken, given: str) -> None:
    headers = {"X-Shopify-Hmac-Sha256": given.encode("latin-1")}
    answer = client.post("/v1/webhooks/shopify", content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_wrong")
    assert answer.headers["content-type"] == "application/problem+json"
    assert not taken.calls


@pytest.mark.parametrize(
    ("topic", "status"),
    [("orders/updated", 200), ("refunds/create", 200), ("customers/redact", 422), ("shop/redact", 422), ("", 200)],
)
def test_a_topic_that_is_no_contact_is_refused_and_kept_nowhere(
    client: TestClient, taken: Taken, topic: str, status: int
) -> None:
    body = b'{"customer": {"id": 7, "email": "anna@example.com"}}'
    headers = {"X-Shopify-Hmac-Sha256": signature(body)} | ({"X-Shopify-Topic": topic} if topic else {})
    answer = client.post("/v1/webhooks/shopify", content=body, headers=headers)
    assert answer.status_code == status
    assert len(taken.calls) == (status == 200)
    if status == 422:
        assert answer.json()["code"] == "topic_not_taken"
        assert repr(topic) in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"[1]", b"{", b"\xff"])
def test_a_signed_body_that_is_no_object_is_422(client: TestClient, body: bytes) -> None:
    answer = client.post("/v1/webhooks/shopify", content=body, headers={"X-Shopify-Hmac-Sha256": signature(body)})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_without_a_secret_no_signature_is_right(tmp_path: Path, taken: Taken) -> None:
    client = TestClient(create_app(Settings(JOURNEYGRAPH_HOME=tmp_path), taken))
    answer = client.post("/v1/webhooks/shopify", content=b"{}", headers={"X-Shopify-Hmac-Sha256": signature(b"{}", "")})
    assert (answer.status_code, answer.json()["code"]) == (404, "webhook_not_set_up")
    assert "JOURNEYGRAPH_SHOPIFY_SECRET" in answer.json()["detail"]


def test_cloudevents_in_the_three_modes_of_http_are_the_same(client: TestClient, taken: Taken) -> None:
    event = json.loads((SAMPLES / "cloudevents.jsonl").read_text().splitlines()[0])
    left = ("data", "datacontenttype", "subject")
    headers = {f"ce-{name}": str(value) for name, value in event.items() if name not in left}
    headers |= {"Ce-Subject": '"p\\-7"', "Content-Type": "application/json"}
    modes = [
        (headers, event["data"]),
        ({"content-type": "application/cloudevents+json; charset=UTF-8"}, event),
        ({"content-type": "application/cloudevents-batch+json"}, [event]),
    ]
    for given, body in modes:
        answer = client.post("/v1/cloudevents", content=json.dumps(body), headers=given)
        assert answer.status_code == 202
    sent = [{name: value for name, value in call[0][0].items() if name in event} for call in taken.calls]
    assert sent == [event] * 3
    assert {call[1] for call in taken.calls} == {"cloudevents"}


@pytest.mark.parametrize(
    ("headers", "body", "sentence"),
    [
        ({"ce-id": "%C0%A0"}, b"", "is not percent-encoded UTF-8"),
        ({"content-type": "application/cloudevents+json"}, b"[]", "announces one JSON object"),
        ({"content-type": "application/cloudevents-batch+json"}, b"{}", "announces a JSON array of events"),
        ({"content-type": "application/json", "ce-id": "1"}, b"{", "is not JSON"),
        ({"content-type": "application/json"}, b"{}", "has no ce- headers"),
    ],
)
def test_a_message_that_breaks_the_binding_is_refused(headers: dict[str, str], body: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        from_http(headers, body)
