"""PostHog: events of a batch export (JSON Lines or Parquet) and of the events API.

Documented in "S3 destination for batch exports" (events model), "Events" (API: List all events) and "Identifying
users".

- `distinct_id` is a customer's where the event says so (`$is_identified`, `$identify`, `$create_alias`), else a
  visitor's.
- `$identify` links `$anon_distinct_id`, and `$create_alias` and `$merge_dangerously` link `alias`, to `distinct_id`;
  `$device_id` is the visitor of an identified event.
- `properties` is an object in JSON Lines and its text in Parquet.  Its own names keep theirs, as `properties.<name>`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from journeygraph_loaders.sources.base import Document, Flat, Refused, Sample, Source, present, whole, zoned

_ALIASING: Final = ("$create_alias", "$merge_dangerously")
_KEPT: Final = (
    "$current_url", "$pathname", "$host", "$referring_domain", "$device_type", "$browser", "$os", "$screen_name",
    "$event_type", "$geoip_country_code", "$lib", "utm_source", "utm_medium", "utm_content", "utm_term",
)  # fmt: skip


def recognise(sample: Sample) -> str | None:
    """Why this is PostHog's, or None."""
    if sample.has("event", "distinct_id", "properties", "timestamp"):
        return "every record has event, distinct_id, properties and timestamp, as PostHog's events have"
    return None


def rows(event: Document, _: Document) -> Iterator[Flat]:
    """The touchpoint of an event."""
    properties = object_of(event, "properties")
    person = object_of(event, "person_properties") or whole(whole(event, "person"), "properties")
    person = {**person, **whole(properties, "$set")}
    name, distinct = event.get("event"), event.get("distinct_id")
    known = name in ("$identify", *_ALIASING) or properties.get("$is_identified") is True
    visitor = properties.get("alias") if name in _ALIASING else properties.get("$anon_distinct_id")
    yield present(
        {
            "uuid": event.get("uuid") or event.get("id"),
            "event": name,
            "timestamp": zoned(event.get("timestamp")),
            "customer": distinct if known else None,
            "visitor": (visitor or properties.get("$device_id")) if known else distinct,
            "$session_id": properties.get("$session_id"),
            "$lib": properties.get("$lib"),
            "email": person.get("email") if known else None,
            "phone": person.get("phone") if known else None,
            **{f"properties.{key}": value for key, value in properties.items() if _plain(key, value)},
        }
    )


def _plain(name: str, value: Any) -> bool:
    return isinstance(value, str | int | float | bool) and (not name.startswith("$") or name in _KEPT)


def object_of(event: Document, name: str) -> Document:
    """An object, or the text of one."""
    value = event.get(name)
    if not isinstance(value, str):
        return whole(event, name)
    try:
        return whole({name: json.loads(value or "{}")}, name)
    except (ValueError, RecursionError) as error:
        raise Refused(name, value, "is neither a JSON object nor the text of one") from error


SOURCE: Final = Source("posthog", "PostHog", recognise, rows, envelopes=("results",))
