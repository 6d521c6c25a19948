"""What is shown of direct identifiers to whoever may look at customers, and not at these."""

from __future__ import annotations

from collections.abc import Iterable

from journeygraph.identity import Evidence


def masked(kind: str, value: str) -> str:
    """An e-mail address or a telephone number with only so much left that its owner would know it again.

    >>> masked("email", "anna@example.org"), masked("phone", "+4930123456"), masked("anonymous_id", "device-7")
    ('a***@example.org', '***56', 'device-7')
    """
    if kind == "email":
        name, at, domain = value.rpartition("@")
        return f"{name[:1]}***@{domain}" if at else "***"
    return f"***{value[-2:]}" if kind == "phone" and len(value) > 4 else "***" if kind == "phone" else value


def without_identifiers(found: Iterable[Evidence]) -> list[Evidence]:
    """The same evidence with masked values."""
    return [one.model_copy(update={"value": masked(one.kind, one.value)}) for one in found]
