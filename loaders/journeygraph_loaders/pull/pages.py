"""A page: records that were fetched together, and the state to keep once they are in the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Page(NamedTuple):
    """Records as the service or database gave them, the number of the first one in this pull (from 1), and the state.

    `around` is what stands around them in the answer, such as a batch's `sentAt`.
    """

    first: int
    records: Sequence[Any]
    state: dict[str, Any]
    around: Mapping[str, Any] = {}
