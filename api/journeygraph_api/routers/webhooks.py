"""What other systems send by themselves: Shopify's webhooks, and CloudEvents."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request

from journeygraph_api.cloudevents import from_http
from journeygraph_api.dependencies import CanWrite, TheGraph, TheIngest, TheSettings
from journeygraph_api.problems import Refused
from journeygraph_api.routers.touchpoints import Received

router = APIRouter(prefix="/v1", tags=["touchpoints"])


async def _raw_body(request: Request) -> bytes:
    return await request.body()


RawBody = Annotated[bytes, Depends(_raw_body)]


def _signed_by_shopify(
    settings: TheSettings,
    body: RawBody,
    x_shopify_hmac_sha256: Annotated[str, Header(description="Base64 of the HMAC-SHA256 of the raw body")] = "",
) -> bytes:
    """The body, once its signature is right; asked before anything else is done for the request."""
    if settings.shopify_secret is None:
        sentence = "No secret is set for Shopify's webhooks: JOURNEYGRAPH_SHOPIFY_SECRET has to have the app's."
        raise Refused(404, "webhook_not_set_up", sentence)
    if not signed(body, settings.shopify_secret.get_secret_value(), x_shopify_hmac_sha256):
        sentence = "X-Shopify-Hmac-Sha256 is not the signature of this body with the secret that is set."
        raise Refused(401, "signature_wrong", sentence)
    return body


@router.post("/webhooks/shopify")
def shopify(
    body: Annotated[bytes, Depends(_signed_by_shopify)],
    graph: TheGraph,
    ingest: TheIngest,
    x_shopify_topic: Annotated[str, Header(description="What it is about, such as orders/create")] = "",
) -> Received:
    """Take an order or a refund from Shopify. The signature stands for a key; a wrong one is refused with 401."""
    if x_shopify_topic and not x_shopify_topic.startswith(("orders/", "refunds/")):
        # Not even quarantined: customers/redact names a person whose data are to go.
        sentence = f"Of Shopify's topics orders/... and refunds/... are taken; {x_shopify_topic!r} was not read."
        raise Refused(422, "topic_not_taken", sentence)
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(422, "invalid_request", f"The body is not JSON: {error}.") from error
    if not isinstance(document, dict):
        raise Refused(422, "invalid_request", "The body is not a JSON object: an order or a refund is needed.")
    return Received.model_validate(ingest(graph, [document], None, "shopify"))


def signed(body: bytes, secret: str, signature: str) -> bool:
    """Whether a body was signed with this secret, told in a time that does not depend on the signature.

    >>> signed(b"{}", "hush", "UFwgrGBPZilFtmKh8TqcovA78LGYb1BdWu9I4Q2oyRg=")
    True
    """
    digest = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
    return hmac.compare_digest(digest, signature.encode("utf-8", "surrogateescape"))


@router.post("/cloudevents", status_code=202, dependencies=[CanWrite])
def cloudevents(request: Request, graph: TheGraph, ingest: TheIngest, body: RawBody) -> Received:
    """Take CloudEvents 1.0: structured, batched, or binary with the attributes in `ce-` headers."""
    events = from_http(request.headers, body)
    if not all(isinstance(event, dict) for event in events):
        raise Refused(422, "invalid_request", "An event of the batch is not a JSON object.")
    return Received.model_validate(ingest(graph, events, None, "cloudevents"))
