"""The id of a report."""

from __future__ import annotations

import hashlib


def identity(text: str) -> str:
    """Id of a report.json: a hash of what is in it, so the same figures have the same id.

    >>> identity("{}")
    '44136fa355b3678a'
    """
    return hashlib.sha256(text.encode()).hexdigest()[:16]
