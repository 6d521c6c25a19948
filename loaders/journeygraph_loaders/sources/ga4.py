"""Google Analytics 4, exported to BigQuery: a row an event, with nested `event_params`, `user_properties` and `items`.

Documented in "[GA4] BigQuery Export schema".  Tables are exported from BigQuery as JSON Lines (whole numbers are text
there) or Parquet.

- A session is `user_pseudo_id` and the event parameter `ga_session_id`; neither alone names one.
- An event has no id.  Its `event_id` here is made of what the documentation says identifies it: stream, pseudonymous
  user, name, time, page, batch and place in the batch (parameters too in exports older than those fields).  So a day
  that was exported again, or first from `events_intraday_` and then from `events_`, brings its late events and repeats
  none.
- `event_date` is the day of the property's time zone, by which tables are replaced.  Where the export left it out it
  is taken from the table's name (`events_20260301`, `events_intraday_20260301`) in the path of the file; never from
  the event's time, which is UTC.
- Events of visitors who refused analytics cookies (`privacy_info.analytics_storage` is "No", and neither `user_id` nor
  `user_pseudo_id` is set) are nobody's, and are left out.
- Steps stay as Google's recommended events name them (`view_item`, `add_to_cart`, `purchase`, ...).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from journeygraph_loaders.sources.base import (
    Document,
    Flat,
    Refused,
    Sample,
    Source,
    listed,
    made_id,
    negative,
    part,
    present,
)

_VALUES: Final = ("string_value", "int_value", "float_value", "double_value")
#: A table's name: events_20260301, events_intraday_20260301, with what a bucket adds to it.
_TABLE: Final = re.compile(r"events_(?:intraday_)?(\d{8})(?!\d)", re.ASCII)
_PLACES: Final = ("batch_page_id", "batch_ordering_id", "batch_event_index")


def recognise(sample: Sample) -> str | None:
    """Why this is GA4's, or None."""
    parameters = "event_params" in sample.columns or any("event_params" in record for record in sample.records)
    if parameters and sample.has("event_name", "event_timestamp"):  # an export leaves out event_params that are empty
        return "the records have event_name, event_timestamp and event_params, as GA4's BigQuery export has"
    return None


@lru_cache(maxsize=64)
def named(place: str) -> Document:
    """The day that a table's name says, the last one in the path.

    >>> named("exports/events_intraday_20260301-000000000000.json.gz"), named("events_fresh_2026.json")
    ({'event_date': '20260301'}, {})
    """
    found = _TABLE.findall(place)
    return {"event_date": found[-1]} if found else {}


def rows(event: Document, around: Document) -> Iterator[Flat]:
    """The touchpoint of an event."""
    if _is_nobody(event):
        return
    parameters = unnested(event, "event_params")
    items = listed(event, "items")
    pseudonym, session = event.get("user_pseudo_id"), parameters.get("ga_session_id")
    yield present(
        {
            "event_id": identity(event, parameters, items),
            "event_name": event.get("event_name"),
            "event_timestamp": event.get("event_timestamp"),
            "event_date": day(event, around),
            "user_id": event.get("user_id"),
            "user_pseudo_id": pseudonym,
            "session": f"{pseudonym}.{session}" if pseudonym and session else None,
            "platform": event.get("platform"),
            "campaign": part(event, "collected_traffic_source", "manual_campaign_name") or parameters.get("campaign"),
            "value": value(event, parameters),
            "currency": parameters.get("currency"),
            "ecommerce.transaction_id": _meant(part(event, "ecommerce", "transaction_id")),
            "geo.country": part(event, "geo", "country"),
            "device.category": part(event, "device", "category"),
            "traffic_source.source": part(event, "traffic_source", "source"),
            "traffic_source.medium": part(event, "traffic_source", "medium"),
            **{f"event_params.{name}": found for name, found in parameters.items() if name not in _TAKEN},
            **_items(items or _bought(event, parameters)),
        }
    )


def _is_nobody(event: Document) -> bool:
    refused = str(part(event, "privacy_info", "analytics_storage")).lower() == "no"
    return refused and not event.get("user_id") and not event.get("user_pseudo_id")


def day(event: Document, around: Document) -> Any:
    """The day of the table that an event is in, as its documentation writes it, whatever it was exported to.

    >>> day({"event_date": "2026-03-01"}, {}), day({"event_date": 20260301}, {}), day({}, {"event_date": "20260301"})
    ('20260301', '20260301', '20260301')
    """
    found = event.get("event_date")
    if found is None or found == "":
        return around.get("event_date")
    text = str(found).strip().replace("-", "")
    return text if len(text) == 8 and text.isdecimal() else found


_TAKEN: Final = frozenset({"ga_session_id", "currency", "campaign"})


def unnested(event: Document, name: str) -> Flat:
    """Parameters by key, whichever of the typed values is set.

    >>> unnested({"event_params": [{"key": "a", "value": {"string_value": None, "int_value": "7"}}]}, "event_params")
    {'a': '7'}
    """
    found: Flat = {}
    for parameter in listed(event, name):
        key, values = parameter.get("key"), parameter.get("value")
        if not isinstance(key, str) or not (values is None or isinstance(values, dict)):
            raise Refused(name, dict(parameter), "is not a key and a value with string_value, int_value, ...")
        typed = [part(parameter, "value", kind) for kind in _VALUES]
        found[key] = next((one for one in typed if one is not None), None)
    return present(found)


def identity(event: Document, parameters: Flat, items: list[Document]) -> str:
    """What makes the event this one, however often its day is exported."""
    who = [event.get(name) for name in ("stream_id", "user_pseudo_id", "event_name", "event_timestamp")]
    place = [event.get(name) for name in _PLACES]
    if place == [None] * len(place):
        place = [event.get("event_bundle_sequence_id"), sorted(parameters.items()), items]
    return made_id(*(str(one) for one in (*who, *place)))


def value(event: Document, parameters: Flat) -> Any:
    """Revenue of purchases; refunds are negative.  The `value` of other events is what something is worth."""
    name = event.get("event_name")
    if name == "refund":
        refunded = part(event, "ecommerce", "refund_value")
        return negative(parameters.get("value") if refunded is None else refunded)
    if name not in ("purchase", "in_app_purchase", "ecommerce_purchase"):
        return None
    revenue = part(event, "ecommerce", "purchase_revenue")
    return parameters.get("value") if revenue is None else revenue


def _bought(event: Document, parameters: Flat) -> list[Document]:
    """A purchase in an app has no items: a parameter says what it was of."""
    product = parameters.get("product_id") if event.get("event_name") == "in_app_purchase" else None
    return [] if product is None else [{"item_id": product, "item_name": parameters.get("product_name")}]


def _items(items: list[Document]) -> Flat:
    """Of several items, the ids; of a single one also what it is."""
    if not items:
        return {}
    only = items[0] if len(items) == 1 else {}
    ids = [str(item.get("item_id") or item.get("item_name")) for item in items]
    single = {f"items.{name}": _meant(only.get(name)) for name in ("item_id", "item_name", "item_category")}
    return {**present(single), "items": "|".join(ids)}


def _meant(text: Any) -> Any:
    return None if text == "(not set)" else text


SOURCE: Final = Source("ga4", "Google Analytics 4 (BigQuery export)", recognise, rows, named=named)
