"""Segment and RudderStack: the calls track, identify, page, screen, group and alias, alone or in a batch.

Documented in "Spec: Common fields", "Spec: Track" (and the other calls), "V2 Ecommerce Events Spec" and
"HTTP API Source" (batch) of Segment, and "Event Spec" of RudderStack, which has the same names.

- When a call happened: `receivedAt - (sentAt - originalTimestamp)`, in which the device's clock cancels out; else the
  `timestamp` that was corrected already; else `originalTimestamp`.  The time is in the column `corrected_timestamp`.
- What it is: `event` of a track call, the call's type of any other; the column is `step`.
- A row that has `userId` and `anonymousId` links the two; `alias` links `previousId` to `userId`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from journeygraph_loaders.sources.base import (
    Document,
    Flat,
    Refused,
    Sample,
    Source,
    listed,
    negative,
    part,
    present,
    whole,
)

CALLS: Final = ("track", "identify", "page", "screen", "group", "alias")
#: Events of the e-commerce spec whose `revenue` is that of an order which Order Completed tells of as well.
_NOT_PAID: Final = ("Checkout Started", "Order Updated", "Order Cancelled")


def recognise(sample: Sample) -> str | None:
    """Why this is Segment's, or None."""
    if sample.has("type") and sample.every(lambda call: call.get("type") in CALLS and _names_somebody(call)):
        if sample.has("messageId"):
            return "every record has a messageId, and a type of Segment's calls (track, identify, page, ...)"
        if sample.every(lambda call: "event" in call or "traits" in call or "context" in call or "properties" in call):
            return "every record has a type of Segment's calls (track, identify, page, ...) and userId or anonymousId"
    return None


def _names_somebody(call: Document) -> bool:
    return "userId" in call or "anonymousId" in call or "previousId" in call


def rows(call: Document, envelope: Document) -> Iterator[Flat]:
    """The touchpoint of a call."""
    kind = call.get("type")
    if kind not in CALLS:
        raise Refused("type", kind, f"is no call that Segment documents: there are {', '.join(CALLS)}")
    context = {**whole(envelope, "context"), **whole(call, "context")}
    properties, traits = whole(call, "properties"), {**whole(context, "traits"), **whole(call, "traits")}
    yield present(
        {
            "messageId": call.get("messageId"),
            "type": kind,
            "step": call.get("event") if kind == "track" else kind,
            "corrected_timestamp": happened({**envelope, **call}),
            "userId": call.get("userId"),
            "anonymousId": call.get("previousId") if kind == "alias" else call.get("anonymousId"),
            "groupId": call.get("groupId") or context.get("groupId"),
            "channel": call.get("channel"),
            "traits.email": traits.get("email") or properties.get("email"),
            "traits.phone": traits.get("phone"),
            "name": call.get("name"),
            "context.campaign.name": part(context, "campaign", "name"),
            "context.campaign.source": part(context, "campaign", "source"),
            "context.campaign.medium": part(context, "campaign", "medium"),
            "context.page.path": part(context, "page", "path"),
            "context.page.referrer": part(context, "page", "referrer"),
            "context.device.type": part(context, "device", "type"),
            **_properties(properties),
            "value": revenue(call.get("event"), properties) if kind == "track" else None,
            **_product(properties),
        }
    )


def happened(call: Document) -> Any:
    """The corrected time of a call, as ISO 8601.

    >>> happened({"originalTimestamp": "2026-01-01T10:00:00Z", "sentAt": "2026-01-01T10:00:05Z",
    ...     "receivedAt": "2026-01-01T09:00:06Z"})
    '2026-01-01T09:00:01+00:00'
    """
    received, sent, original = (_instant(call, name) for name in ("receivedAt", "sentAt", "originalTimestamp"))
    if received is not None and sent is not None and original is not None:
        try:
            return (received - (sent - original)).isoformat()
        except OverflowError as error:
            raise Refused("originalTimestamp", call["originalTimestamp"], "is no date of this calendar") from error
    return call.get("timestamp") or call.get("originalTimestamp")


def _instant(call: Document, name: str) -> datetime | None:
    value = call.get(name)
    if value is None or value == "":
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise Refused(name, value, "is not ISO 8601 such as 2026-01-31T12:00:00.000Z, which the spec has") from error


def revenue(event: Any, properties: Document) -> Any:
    """What a call of the e-commerce spec brought: revenue, else the total of an order; refunds are negative.

    >>> revenue("Order Completed", {"revenue": 25.0, "total": 30}), revenue("Order Refunded", {"total": "30.00"})
    (25.0, '-30.00')
    >>> revenue("Checkout Started", {"revenue": 25.0}), revenue("Subscription Renewed", {"revenue": 25.0})
    (None, 25.0)
    """
    if event in _NOT_PAID:
        return None
    found = present(properties)
    if event == "Order Refunded":
        return negative(found.get("total", found.get("revenue")))
    return found.get("revenue", found.get("total") if event == "Order Completed" else None)


def _properties(properties: Document) -> Flat:
    """Scalars only: of lists and objects the product is taken."""
    return {
        f"properties.{name}": value
        for name, value in properties.items()
        if isinstance(value, str | int | float | bool) and name not in ("email", "phone")
    }


def _product(properties: Document) -> Flat:
    """Of several products, the ids; of a single one also what it is."""
    if not (products := listed(properties, "products") if "products" in properties else []):
        return {}
    ids = [str(product.get("product_id") or product.get("sku")) for product in products]
    only = products[0] if len(products) == 1 else {}
    single = {f"properties.{name}": only.get(name) for name in ("product_id", "sku", "category", "name")}
    return {**present(single), "properties.products": "|".join(ids)}


SOURCE: Final = Source("segment", "Segment / RudderStack", recognise, rows, envelopes=("batch",))
