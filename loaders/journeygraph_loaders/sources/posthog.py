"""PostHog: events of a batch export (JSON Lines or Parquet) and of the events API.

Documented in "S3 destination for batch exports" (events model), "Events" (API: List all events) and "Identifying
users".

- `distinct_id` is a customer's where the event says so (`$is_identified`, `$identify`, `$create_alias`), and in events
  of a server's library (`$lib`), which names the user it acts for, unless the id is one that libraries make up for
  visitors (a UUID of version 7) or the event is about nobody (`$process_person_profile` is false); else a visitor's.
- `$identify` links `$anon_distinct_id`, and `$create_alias` and `$merge_dangerously` link `alias`, to `distinct_id`;
  `$device_id` is the visitor of an identified event.
- `properties` is an object in JSON Lines and its text in Parquet.  Its own names keep theirs, as `properties.<name>`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from journeygraph_loaders.sources.base import Document, Flat, Refused, Sample, Source, present, whole, zoned

_ALIASING: Final = ("$create_alias", "$merge_dangerously")
#: Libraries that run in a browser or an app, where somebody may be a visitor still.
_CLIENTS: Final = frozenset(
    {"web", "js", "posthog-js", "posthog-js-lite", "posthog-ios", "posthog-android", "posthog-flutter", "posthog-unity",
     "posthog-react-native"}
)  # fmt: skip
_MADE_UP: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
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
    known = known or _of_server(event, properties)
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


def _of_server(event: Document, properties: Document) -> bool:
    """Whether a server sent it about a user whom it knows.

    >>> _of_server({"distinct_id": "user_123"}, {"$lib": "posthog-python"})
    True
    >>> _of_server({"distinct_id": "0190a1c2-7b3e-7c4d-9e5f-000000000001"}, {"$lib": "posthog-node"})
    False
    """
    library = properties.get("$lib")
    if not isinstance(library, str) or library in _CLIENTS or properties.get("$process_person_profile") is False:
        return False
    return library.startswith("posthog-") and _MADE_UP.fullmatch(str(event.get("distinct_id"))) is None


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
