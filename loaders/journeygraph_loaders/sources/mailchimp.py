"""Mailchimp: the reports of a campaign that say what somebody did and when, an action a touchpoint.

Documented in the Marketing API's Reports, each below `/reports/{campaign_id}`; `campaign_id`, `list_id`, `email_id` and
`email_address` are in all of them:

- `email-activity`: `emails`, each with `activity`, a list of `action` (open, click, bounce), `timestamp`, `url`
  (clicks), `type` (hard or soft bounces) and `ip`;
- `open-details`: `members`, each with `opens`, a list of `timestamp` and `is_proxy_open` (a mail program opened it);
- `unsubscribed`: `unsubscribes`, each with `timestamp` and `reason`;
- `abuse-reports`: `abuse_reports`, each with `date`;
- `sent-to`: `sent_to`, each with `status` (sent, or a hard or soft bounce).  It has no time: a campaign's is its
  report's `send_time`, which a mapping looks up.

An action has no id; one is made of campaign, address, action, time and link, so that an opening that two reports tell
of is one touchpoint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from journeygraph_loaders.sources.base import Document, Flat, Refused, Sample, Source, listed, made_id, present

_ADDRESSED: Final = frozenset({"email_id", "email_address"})
#: What a record of each report has beside the address.
_REPORTS: Final[Mapping[str, frozenset[str]]] = {
    "email-activity": frozenset({"activity"}),
    "open-details": frozenset({"opens"}),
    "sent-to": frozenset({"status", "open_count"}),
    "unsubscribed": frozenset({"timestamp", "reason"}),
    "abuse-reports": frozenset({"date", "list_id"}),
}


def recognise(sample: Sample) -> str | None:
    """Why this is Mailchimp's, or None."""
    kinds = {_kind(record) for record in sample.records}
    if sample.has(*_ADDRESSED) and len(kinds) == 1 and (kind := kinds.pop()):
        fields = " and ".join(sorted(_ADDRESSED | _REPORTS[kind]))
        return f"every record has {fields}, as Mailchimp's report {kind} has"
    return None


def _kind(record: Document) -> str | None:
    return next((kind for kind, fields in _REPORTS.items() if _ADDRESSED | fields <= set(record)), None)


def rows(record: Document, envelope: Document) -> Iterator[Flat]:
    """The touchpoints of what one address did with one campaign."""
    kind = _kind(record)
    if kind is None:
        raise Refused("email_id", record.get("email_id"), "stands in no report of Mailchimp's: its fields are of none")
    address = record.get("email_address")
    common = {
        "campaign_id": record.get("campaign_id") or envelope.get("campaign_id"),
        "list_id": record.get("list_id"),
        "email_address": address.strip().lower() if isinstance(address, str) else address,
    }
    for action in _actions(kind, record):
        identity = [action.get(name) for name in ("action", "timestamp", "url", "type")]
        yield present(
            {"key": made_id(*map(str, (common["campaign_id"], record.get("email_id"), *identity))), **action, **common}
        )


def _actions(kind: str, record: Document) -> Iterator[dict[str, Any]]:
    if kind == "email-activity":
        for action in listed(record, "activity"):
            yield {name: action.get(name) for name in ("action", "timestamp", "url", "type")}
    elif kind == "open-details":
        for opening in listed(record, "opens"):
            yield {
                "action": "open",
                "timestamp": opening.get("timestamp"),
                "is_proxy_open": opening.get("is_proxy_open") or None,
            }
    elif kind == "sent-to":
        status = record.get("status")
        yield {"action": "sent" if status == "sent" else "bounce", "type": None if status == "sent" else status}
    elif kind == "unsubscribed":
        yield {"action": "unsub", "timestamp": record.get("timestamp")}
    else:
        yield {"action": "abuse", "timestamp": record.get("date")}


ENVELOPES: Final = ("emails", "members", "sent_to", "unsubscribes", "abuse_reports")
SOURCE: Final = Source("mailchimp", "Mailchimp reports", recognise, rows, envelopes=ENVELOPES)
