"""An id that was merged leads to the customer who stays, and the answer says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import Field

from journeygraph.answers import Answer
from journeygraph.graph import Graph


class OfCustomer(Answer):
    """An answer about a customer who may have been asked for under an id that is part of theirs now."""

    asked_for: str | None = Field(None, description="the id of the question, where that is part of this customer")


_About = TypeVar("_About", bound=OfCustomer)


@dataclass(frozen=True)
class Lead:
    """Who an id stands for; `asked_for` is the id where it isn't theirs."""

    customer_id: str
    asked_for: str | None

    def told(self, answer: _About) -> _About:
        """The answer, which says which id it was asked for."""
        return answer if self.asked_for is None else answer.model_copy(update={"asked_for": self.asked_for})


def lead(graph: Graph, customer_id: str, as_of: datetime | None = None) -> Lead:
    """The customer whom an id stands for, now or as of an instant.

    An id that the graph does not hold stands for itself: whoever looks it up says that there is none.
    """
    found = graph.read("identity/root", customer_id=customer_id, known_at=None if as_of is None else as_of.isoformat())
    stays = str(found[0]["customer_id"]) if found else customer_id
    return Lead(stays, None if stays == customer_id else customer_id)
