"""What questions about segments answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from journeygraph.answers import Answer, Reproducible
from journeygraph.journeys.withheld import WithheldCustomers


class Quality(Answer):
    """How members convert, against all other customers with a known outcome; Fisher's exact test.

    `q_value` is corrected over the segments (Benjamini-Hochberg).  A segment whose members convert as all others do
    (q > 0.05) is `over_segmented`: telling it apart tells nothing about conversion.
    """

    decided: int
    converted: int
    others_decided: int
    others_converted: int
    p_value: float
    q_value: float
    over_segmented: bool


class Segment(Reproducible):
    """A segment: `size` customers, `share` of all; its statement lists them.

    `quality` is None where nobody in it, or nobody else, has a known outcome, and as of an instant.
    """

    name: str
    kind: str
    size: int
    share: float | None
    definition: dict[str, Any] = Field(description="conditions (where), or how many customers the list has (listed)")
    built_at: datetime | None = Field(description="None: nobody is in it before it is built")
    quality: Quality | None


class Segments(Reproducible):
    """All segments by name."""

    segments: list[Segment]
    withheld: WithheldCustomers | None = Field(None, description="customers in none: consent was withdrawn")


class Member(Answer):
    """A customer in a segment; `since` is when a build found them in it, None for what is only looked at."""

    customer_id: str
    since: datetime | None


class Members(Reproducible):
    """The customers in a segment, by id; of `size`, those that were asked for."""

    name: str
    size: int
    withheld: WithheldCustomers | None = Field(None, description="customers in none: consent was withdrawn")
    members: list[Member]
