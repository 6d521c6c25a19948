"""Lists page by cursor: opaque, bound to the question that it pages through."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from journeygraph_api.problems import Refused

T = TypeVar("T")


def page(
    items: Sequence[T],
    *,
    limit: int,
    cursor: str | None,
    question: Mapping[str, Any],
    key: Callable[[T], str],
) -> tuple[list[T], str | None]:
    """The items after the cursor, at most `limit`, and the cursor of the next page (None at the end).

    The cursor holds the last item's key, not its position, so that an item which came or went between two pages is
    neither shown twice nor makes another one vanish.

    Raises `Refused` (422) for a cursor that is damaged, belongs to another question, or whose item is gone.

    >>> page("abc", limit=2, cursor=None, question={}, key=str)[0]
    ['a', 'b']
    """
    fingerprint = hashlib.sha256(json.dumps(question, sort_keys=True, default=str).encode()).hexdigest()[:12]
    start = 0
    if cursor is not None:
        after = _read(cursor, fingerprint)
        keys = [key(item) for item in items]
        if after not in keys:
            raise Refused(422, "cursor_stale", "What this cursor pointed at is gone: begin again without a cursor.")
        start = keys.index(after) + 1
    shown = list(items[start : start + limit])
    more = start + limit < len(items)
    return shown, _write(key(shown[-1]), fingerprint) if more and shown else None


def _write(after: str, fingerprint: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([fingerprint, after]).encode()).decode().rstrip("=")


def _read(cursor: str, fingerprint: str) -> str:
    try:
        written, after = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error) as error:
        raise Refused(422, "cursor_invalid", f"{cursor!r} is not a cursor that this API gave.") from error
    if written != fingerprint:
        raise Refused(422, "cursor_invalid", "This cursor belongs to a request with other parameters.")
    return str(after)
