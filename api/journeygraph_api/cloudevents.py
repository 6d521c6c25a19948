"""CloudEvents over HTTP in the content modes structured, batched and binary.

Documented in "HTTP Protocol Binding for CloudEvents - Version 1.0.2".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from journeygraph_api.problems import Refused


def from_http(headers: Mapping[str, str], body: bytes) -> list[Any]:
    """The events of an HTTP message in any of the three content modes.

    >>> from_http({"content-type": "application/json", "ce-id": "1", "ce-source": "/shop%20a", "ce-type": "view",
    ...     "ce-specversion": "1.0"}, b'{"customer_id": "c"}')[0]["source"]
    '/shop a'

    Raises `Refused` where the body or a header is not what its mode asks for.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    kind = lower.get("content-type", "")
    if kind.lower().startswith("application/cloudevents"):
        found = _parsed(body)
        batch = kind.lower().startswith("application/cloudevents-batch")
        if isinstance(found, list) != batch:
            wanted = "a JSON array of events" if batch else "one JSON object"
            raise _refused(f"The Content-Type {kind!r} announces {wanted}, and the body is something else.")
        return found if isinstance(found, list) else [found]
    return [_binary(lower, kind, body)]


def _binary(headers: Mapping[str, str], kind: str, body: bytes) -> dict[str, Any]:
    event: dict[str, Any] = {name[3:]: _unescaped(name, text) for name, text in headers.items() if name[:3] == "ce-"}
    if not event:
        raise _refused("The message has no ce- headers, and its Content-Type is none of CloudEvents.")
    if kind:
        event["datacontenttype"] = kind
    if body:
        event["data"] = _parsed(body) if "json" in kind.lower() else body.decode("utf-8", "replace")
    return event


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _refused(f"The body is not JSON: {error}.") from error


def _unescaped(name: str, text: str) -> str:
    """A header's value: double quotes and their escapes first, then one round of percent-decoding, UTF-8 only."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError as error:
        raise _refused(f"The header {name} {text!r} is not percent-encoded UTF-8.") from error


def _refused(sentence: str) -> Refused:
    return Refused(422, "invalid_request", sentence)
