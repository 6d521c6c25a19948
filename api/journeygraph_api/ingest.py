"""What the API needs of the loaders, which it doesn't know: whoever composes the application hands it over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from journeygraph.graph import Graph


class Ingest(Protocol):
    """Stores documents with the fields of the touchpoint table."""

    def __call__(
        self, graph: Graph, documents: Sequence[Mapping[str, Any]], idempotency_key: str | None, /
    ) -> Mapping[str, Any]:
        """The counts of what became of them.  Raises `Conflict` for a key that came with other documents."""
