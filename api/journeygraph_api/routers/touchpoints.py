"""Touchpoints come in."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header
from pydantic import BaseModel, Field

from journeygraph_api.dependencies import CanWrite, TheGraph, TheIngest
from journeygraph_api.problems import Refused

router = APIRouter(prefix="/v1/touchpoints", tags=["touchpoints"], dependencies=[CanWrite])
MAXIMUM_TOUCHPOINTS = 10_000
_EXAMPLE = {
    "customer_id": "c-17",
    "step": "add_to_cart",
    "channel": "web",
    "occurred_at": "2026-01-31T12:00:00Z",
    "product_id": "p-3",
}


class Received(BaseModel):
    """What became of the touchpoints: received = stored + duplicate + quarantined."""

    received: int
    stored: int
    duplicate: int
    quarantined: int
    customers: int = Field(description="customers in the graph now")
    touchpoints: int = Field(description="touchpoints in the graph now")
    seconds: float
    batch_id: str


@router.post("", status_code=202)
def touchpoints(
    graph: TheGraph,
    ingest: TheIngest,
    body: Annotated[
        dict[str, Any] | list[dict[str, Any]],
        Body(
            description="one touchpoint, a list of them, or {touchpoints: [...]}",
            openapi_examples={"one": {"value": _EXAMPLE}, "several": {"value": [_EXAMPLE]}},
        ),
    ],
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
) -> Received:
    """Take touchpoints (fields of the touchpoint table). Those that can't be used are quarantined and counted."""
    given = body.get("touchpoints", [body]) if isinstance(body, dict) else body
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise Refused(422, "invalid_request", "Send a touchpoint, a list of them, or {touchpoints: [...]}.")
    if len(given) > MAXIMUM_TOUCHPOINTS:
        raise Refused(413, "body_too_large", f"Send at most {MAXIMUM_TOUCHPOINTS} touchpoints at a time.")
    return Received.model_validate(ingest(graph, given, idempotency_key))
