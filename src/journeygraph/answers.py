"""What every answer has in common: it carries the Cypher that reproduces its numbers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from journeygraph import queries


class Answer(BaseModel):
    """Part of an answer: frozen, and nothing in it that its model doesn't name."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Reproducible(Answer):
    """An answer, or a part of one, with the statement and parameters that give the same figures.

    `parameters` are plain JSON values, so that what a report or the API shows can be run as it stands.
    """

    cypher: str
    parameters: dict[str, Any] = Field(default_factory=dict)

    @property
    def browser_text(self) -> str:
        """The statement with its parameters as one text to paste into Neo4j Browser."""
        return queries.for_browser(self.cypher, self.parameters)
