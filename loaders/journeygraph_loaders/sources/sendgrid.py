"""SendGrid: the event webhook, an array of events or one a line.

Documented in "Event Webhook Reference" of Twilio SendGrid.  Events are `processed`, `dropped`, `delivered`,
`deferred`, `bounce`, `open`, `click`, `spamreport`, `unsubscribe`, `group_unsubscribe` and `group_resubscribe`;
`sg_event_id` is unique, `timestamp` is seconds since 1970.  The customer is the address that was written to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from journeygraph_loaders.sources.base import Document, Flat, Sample, Source, present

EVENTS: Final = frozenset(
    {"processed", "dropped", "delivered", "deferred", "bounce", "open", "click", "spamreport", "unsubscribe",
     "group_unsubscribe", "group_resubscribe"}
)  # fmt: skip
_KEPT: Final = (
    "sg_event_id", "sg_message_id", "event", "timestamp", "url", "reason", "status", "type", "bounce_classification",
    "asm_group_id", "sg_machine_open", "attempt", "marketing_campaign_id", "marketing_campaign_name", "singlesend_id",
)  # fmt: skip


def recognise(sample: Sample) -> str | None:
    """Why this is SendGrid's, or None."""
    if sample.has("email", "event", "timestamp", "sg_event_id"):
        return "every record has email, event, timestamp and sg_event_id, as SendGrid's webhook has"
    return None


def rows(event: Document, _: Document) -> Iterator[Flat]:
    """The touchpoint of an event."""
    email, category = event.get("email"), event.get("category")
    yield present(
        {
            **{name: event.get(name) for name in _KEPT},
            "email": email.strip().lower() if isinstance(email, str) else email,
            "category": "|".join(map(str, category)) if isinstance(category, list) else category,
            "campaign": event.get("marketing_campaign_name") or event.get("marketing_campaign_id"),
        }
    )


SOURCE: Final = Source("sendgrid", "SendGrid event webhook", recognise, rows)
