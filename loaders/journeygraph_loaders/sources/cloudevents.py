"""CloudEvents 1.0: structured or in a batch; the API takes them out of HTTP messages in all three modes.

Documented in "CloudEvents - Version 1.0.2", "JSON Event Format" and "HTTP Protocol Binding" of the CloudEvents
specification.  `source` and `id` together name an event, so they make its id.  The data's fields are columns
`data.<name>`; the specification says nothing of customers, so the mapping takes `data.customer_id` and
`data.anonymous_id`, and another mapping may take `subject`.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from journeygraph_loaders.jsonl_file import flat
from journeygraph_loaders.sources.base import Document, Flat, Refused, Sample, Source, present

_REQUIRED: Final = ("id", "source", "specversion", "type")


def recognise(sample: Sample) -> str | None:
    """Why these are CloudEvents, or None."""
    if sample.has(*_REQUIRED) and sample.every(lambda event: event.get("specversion") == "1.0"):
        return "every record has specversion 1.0, id, source and type, as CloudEvents have"
    return None


def rows(event: Document, _: Document) -> Iterator[Flat]:
    """The touchpoint of an event."""
    for name in _REQUIRED:
        if not isinstance(event.get(name), str) or not event[name]:
            raise Refused(name, event.get(name), "is required of every CloudEvent, as text that is not empty")
    if event["specversion"] != "1.0":
        raise Refused("specversion", event["specversion"], "is not read: 1.0 is")
    attributes = {name: value for name, value in event.items() if isinstance(value, str | int | bool)}
    attributes = {name: value for name, value in attributes.items() if name not in ("data", "data_base64")}
    yield present({**attributes, "key": f"{event['source']}#{event['id']}", **_data(event)})


def _data(event: Document) -> Flat:
    data = event.get("data")
    if "data_base64" in event:
        data = _decoded(event["data_base64"], str(event.get("datacontenttype", "application/json")))
    if isinstance(data, Mapping):
        return {f"data.{name}": value for name, value in flat(data).items() if not isinstance(value, list | dict)}
    return {"data": data} if isinstance(data, str | int | float) else {}


def _decoded(text: Any, kind: str) -> Any:
    try:
        content = base64.b64decode(text, validate=True)
        return json.loads(content) if "json" in kind else None
    except (TypeError, ValueError, binascii.Error, RecursionError) as error:
        raise Refused("data_base64", text, f"is not the Base64 of {kind}") from error


SOURCE: Final = Source("cloudevents", "CloudEvents 1.0", recognise, rows)
