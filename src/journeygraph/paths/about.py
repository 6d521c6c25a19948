"""Which paths an answer is about: what a path is, whose it is, and what the denominator counts."""

from __future__ import annotations

from typing import Any

from journeygraph.answers import Answer
from journeygraph.journeys.grain import Belonging, counted
from journeygraph.journeys.table import JourneyTable, PathKind
from journeygraph.journeys.withheld import WithheldCustomers
from journeygraph.schema import Grain


class AboutPaths(Answer):
    """What every answer about paths says of them.

    `counted` names what the denominator counts ("customers", "journeys of accounts").  Of another `grain` than the
    customer, `customers` and `customer_id` mean its households, accounts or orders, and `belonging` says how many there
    are and how many touchpoints belong to none.  `withheld` says how many customers are left out because they withdrew
    consent to analytics; None where nobody did.
    """

    per: PathKind
    grain: Grain
    counted: str
    belonging: Belonging | None
    withheld: WithheldCustomers | None = None


def about(table: JourneyTable) -> dict[str, Any]:
    """The fields of `AboutPaths` for an answer about a table."""
    return {
        "per": table.per,
        "grain": table.grain,
        "counted": counted(table.grain, table.per),
        "belonging": table.belonging,
        "withheld": table.withheld,
    }
