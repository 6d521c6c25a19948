"""Mastodon: the notifications of a company's account, which are the social interactions of others with it.

Documented in "Notification" and "Account" (entities) and "notifications API methods" of Mastodon.  Types that are
somebody's contact with the account: `mention`, `reblog`, `favourite`, `follow`, `follow_request`, `quote`; those that
are the server's own messages, or about what others did elsewhere (`poll`, `update`, `status`, `admin.report`, ...),
are left out. Who it was is `account.id`, as a visitor: a social account is nobody's customer number.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from journeygraph_loaders.sources.base import Document, Flat, Sample, Source, part, present, whole

CONTACTS: Final = ("mention", "reblog", "favourite", "follow", "follow_request", "quote")
TYPES: Final = (
    *CONTACTS, "status", "poll", "update", "admin.sign_up", "admin.report", "severed_relationships",
    "moderation_warning", "quoted_update", "added_to_collection", "collection_update",
)  # fmt: skip


def recognise(sample: Sample) -> str | None:
    """Why this is Mastodon's, or None."""
    if sample.has("id", "type", "created_at", "account") and sample.every(
        lambda one: one.get("type") in TYPES and part(one, "account", "acct") is not None
    ):
        return "every record has id, created_at, account.acct and a type of Mastodon's notifications (mention, ...)"
    return None


def rows(notification: Document, _: Document) -> Iterator[Flat]:
    """The touchpoint of a notification that is somebody's contact."""
    if notification.get("type") not in CONTACTS:
        return
    account = whole(notification, "account")
    yield present(
        {
            "id": notification.get("id"),
            "type": notification.get("type"),
            "created_at": notification.get("created_at"),
            "account.id": account.get("id"),
            "account.acct": account.get("acct"),
            "account.bot": account.get("bot"),
            "status.id": part(notification, "status", "id"),
            "status.in_reply_to_id": part(notification, "status", "in_reply_to_id"),
            "status.visibility": part(notification, "status", "visibility"),
        }
    )


SOURCE: Final = Source("mastodon", "Mastodon notifications", recognise, rows)
