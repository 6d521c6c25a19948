"""What a comparison with a declared journey says."""

from __future__ import annotations

from pydantic import Field

from journeygraph.answers import Reproducible
from journeygraph.journeys.grain import Belonging
from journeygraph.journeys.withheld import WithheldCustomers
from journeygraph.schema import Grain

Interval = tuple[float, float]


class Deviation(Reproducible):
    """A way in which journeys deviate from what was declared.

    `cypher` with `parameters` gives one row with the counts under these names; `listed` gives the customers behind it.
    """

    kind: str = Field(description="missing, late, out_of_order, wrong_channel, repeated or forbidden")
    step: str = Field(description="the step, or the first steps of a choice's ways joined by ' | '")
    title: str
    cases: int
    denominator: int = Field(description="cases that can be judged")
    customers: int
    denominator_customers: int
    share: float
    interval: Interval = Field(description="95 % interval of `share` (Wilson)")
    known_with: int = Field(description="deviating cases where it is known whether a conversion followed")
    converted_with: int
    known_without: int
    converted_without: int
    conversion_difference: float | None = Field(description="share converted with it minus without; an association")
    conversion_interval: Interval | None = Field(description="95 % interval of the difference (Newcombe)")
    examples: tuple[str, ...] = Field(description="some of the customers, by id")
    listed: Reproducible = Field(description="one row for each customer and journey behind it")


class Conformance(Reproducible):
    """How journeys fit a declared journey; `cypher` gives `cases`, `customers`, `perfect` and `fitness`."""

    blueprint: str
    starts: str
    cases: int = Field(description="cases that can be judged")
    not_yet_judged: int = Field(description="cases whose time has not passed at the end of the data")
    customers: int
    perfect: int
    fitness: float | None = Field(description="mean share of what was asked that went as declared; None without cases")
    interval: Interval | None = Field(description="95 % interval of the mean, cases of a customer clustered")
    deviations: tuple[Deviation, ...]
    unknown_steps: tuple[str, ...] = Field(description="declared steps that never happened to anybody")
    as_of: str | None = None
    grain: Grain = "customer"
    belonging: Belonging | None = None
    withheld: WithheldCustomers | None = Field(None, description="customers left out: consent was withdrawn")
