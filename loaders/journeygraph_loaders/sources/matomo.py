"""Matomo: visits as the reporting API lists them (`Live.getLastVisitsDetails`, format JSON), an action a touchpoint.

Documented in "Reporting API: Live" and "Visitor log & profile" of Matomo; the names of actions are those of the
plugins that provide them (Actions, Events, Goals, Ecommerce, Contents).  An action's type is `action` (a page),
`event`, `search`, `outlink`, `download`, `goal`, `ecommerceOrder`, `ecommerceAbandonedCart` or `content`.

- An action's `timestamp` is the site's wall clock counted as if it were UTC (what `serverTimePretty` shows).  How far
  it is off is told by the visit's first action, whose `firstActionTimestamp` is UTC (else its last): the difference,
  to a quarter of an hour, is taken off.  The column is `happened`.
- A visitor is `visitorId`, a session `idVisit`, a customer `userId` where the site tells it.
- An action's id is made of the visit, its type, its time and what it is of (page view, order, goal).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from journeygraph_loaders.sources.base import Document, Flat, Refused, Sample, Source, listed, made_id, present

#: Zones differ by quarters of an hour, up to fourteen hours; a visit's edges are its actions' to the second.
_QUARTER: Final = 900
_TOLERANCE: Final = 120
_FURTHEST: Final = 14 * 3600
_IDENTITY: Final = ("type", "timestamp", "pageId", "idpageview", "url", "orderId", "goalId", "eventCategory",
                    "eventAction", "eventName", "revenue")  # fmt: skip


def recognise(sample: Sample) -> str | None:
    """Why this is Matomo's, or None."""
    if sample.has("idVisit", "visitorId", "actionDetails"):
        return "every record has idVisit, visitorId and actionDetails, as Matomo's visits have"
    return None


def rows(visit: Document, _: Document) -> Iterator[Flat]:
    """The touchpoints of a visit's actions; PHP writes what it has not as false, too."""
    visit = {name: None if value is False else value for name, value in visit.items()}
    common = {
        "idVisit": visit.get("idVisit"),
        "visitorId": visit.get("visitorId"),
        "userId": visit.get("userId"),
        "currency": visit.get("siteCurrency"),
        "deviceType": visit.get("deviceType"),
        "countryCode": visit.get("countryCode"),
        "referrerType": visit.get("referrerType"),
        "campaign": visit.get("referrerName") if visit.get("referrerType") == "campaign" else None,
        "referrerName": visit.get("referrerName"),
    }
    actions = listed(visit, "actionDetails")
    offset = offset_seconds(visit, [_seconds(action) for action in actions]) if actions else 0
    for action in actions:
        yield present({**common, **_action(visit, action), "happened": _seconds(action) - offset})


def _seconds(action: Document) -> int:
    try:
        return int(action.get("timestamp"))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError) as error:
        raise Refused("actionDetails.timestamp", action.get("timestamp"), "is not seconds since 1970") from error


def offset_seconds(visit: Document, shown: list[int]) -> int:
    """How far the actions' clock is from UTC, by the visit's first or last action.

    >>> offset_seconds({"firstActionTimestamp": 1000}, [4600, 4700])
    3600
    """
    for name, edge in (("firstActionTimestamp", min(shown)), ("lastActionTimestamp", max(shown))):
        try:
            difference = edge - int(visit[name])
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        if abs(difference) > _FURTHEST + _TOLERANCE:
            continue
        offset = round(difference / _QUARTER) * _QUARTER
        if abs(difference - offset) <= _TOLERANCE and abs(offset) <= _FURTHEST:
            return offset
    sentence = (
        "is the site's own clock, and neither firstActionTimestamp nor lastActionTimestamp says how far it is off UTC"
    )
    raise Refused("actionDetails.timestamp", shown[0], sentence)


def _action(visit: Document, action: Document) -> Flat:
    kind = action.get("type")
    items = listed(action, "itemDetails") if "itemDetails" in action else []
    only = items[0] if len(items) == 1 else {}
    return {
        "key": made_id(visit.get("idSite"), visit.get("idVisit"), *(_text(action.get(name)) for name in _IDENTITY)),
        "type": kind,
        "step": action.get("eventAction") if kind == "event" else action.get("goalName") if kind == "goal" else kind,
        "url": action.get("url"),
        "pageTitle": action.get("pageTitle"),
        "eventCategory": action.get("eventCategory"),
        "eventName": action.get("eventName"),
        "siteSearchKeyword": action.get("siteSearchKeyword"),
        "orderId": action.get("orderId"),
        "revenue": action.get("revenue") if kind in ("ecommerceOrder", "goal") else None,
        "abandoned_revenue": action.get("revenue") if kind == "ecommerceAbandonedCart" else None,
        "productId": only.get("itemSKU") or action.get("productViewSku"),
        "productName": only.get("itemName") or action.get("productViewName"),
        "productCategory": only.get("itemCategory"),
        "items": "|".join(str(item.get("itemSKU")) for item in items) or None,
    }


def _text(value: Any) -> str:
    """Numbers are text in some versions of Matomo and numbers in others."""
    return "" if value is None else str(value)


SOURCE: Final = Source("matomo", "Matomo", recognise, rows)
