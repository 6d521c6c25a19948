"""What the API needs of the loaders, which it doesn't know: whoever composes the application hands it over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from journeygraph.graph import Graph
from journeygraph.quality.waiting import Which


class Ingest(Protocol):
    """Stores documents with the fields of the touchpoint table, or of the source that is named."""

    def __call__(
        self,
        graph: Graph,
        documents: Sequence[Mapping[str, Any]],
        idempotency_key: str | None,
        source: str | None = None,
        /,
    ) -> Mapping[str, Any]:
        """The counts of what became of them.  Raises `Conflict` for a key that came with other documents."""


class Replay(Protocol):
    """Loads rows in quarantine again: those that are chosen, as they are or as they stand corrected, by their id."""

    def __call__(
        self,
        graph: Graph,
        which: Which,
        corrections: Mapping[int, Mapping[str, Any]],
        mapping: str | None,
        timezone: str | None,
        actor: str,
        /,
    ) -> Mapping[str, Any]:
        """The counts of what became of them."""
