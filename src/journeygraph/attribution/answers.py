"""What attribution answers; the fields of a credit are the columns of its query."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from journeygraph.answers import Answer, Reproducible
from journeygraph.attribution.model import Reproduces
from journeygraph.journeys.grain import Belonging
from journeygraph.journeys.withheld import WithheldCustomers
from journeygraph.schema import Grain


class Credit(Answer):
    """What one model gives one name (`channel`, whatever the credit is by), with 95 % bootstrap intervals.

    Values are None where several currencies are mixed.  `removal_effect` is the share of conversions that would be lost
    (Markov only); `error_bound` how far a Shapley value may be off because it was sampled, 0 where it is exact.
    """

    channel: str
    model: str
    credit: float
    share: float | None = Field(description="of all conversions; None where there are none")
    value_credit: float | None
    interval: tuple[float, float] | None
    value_interval: tuple[float, float] | None
    removal_effect: float | None = None
    error_bound: float | None = None


class ModelAnswer(Answer):
    """A model that was used, and the Cypher of its credits.

    `reproduces` says what the Cypher gives: the credits themselves, or the counts that they are solved from, as
    `method` says.  `cypher` is None for a table of paths, which no graph holds.
    """

    name: str
    title: str
    definition: str
    method: str
    reproduces: Reproduces
    cypher: str | None
    parameters: dict[str, Any]


class Attribution(Answer):
    """Credits of every model for every name; each model's sum to `conversions` and to `value`.

    `left_out` counts open journeys, of which nobody knows yet whether they convert; `without_touchpoint` the
    conversions before which nothing could be credited: they are `(none)`'s.
    """

    by: str
    grain: Grain
    belonging: Belonging | None
    withheld: WithheldCustomers | None = Field(None, description="customers left out: consent was withdrawn")
    conversions: int
    value: float | None
    currency: str | None
    lost: int
    left_out: int
    without_touchpoint: int
    resamples: int
    seed: int
    models: list[ModelAnswer]
    channels: list[Credit]
    notes: list[str]
    cypher: str | None
    parameters: dict[str, Any]


class Cost(Answer):
    """A converted journey that holds what is removed."""

    journey_id: str
    customer_id: str
    value: float | None
    path: list[str]


class Removal(Reproducible):
    """What removing one name would cost.

    `conversions` and `value` are those of converted journeys that hold it (of `all_conversions`, `all_value`), and
    `lost` counts lost journeys that do: the most that could go with it.  `removal_effect` is the Markov chain's
    estimate of the share of conversions that really would, since others may find their way without it;
    `expected_conversions` is that share of all conversions, with its 95 % bootstrap interval.
    The Cypher lists the journeys, the most valuable first, at most `limit`.
    """

    by: str
    removed: str
    conversions: int
    value: float | None
    currency: str | None
    lost: int
    all_conversions: int
    all_value: float | None
    left_out: int
    withheld: WithheldCustomers | None = Field(None, description="customers left out: consent was withdrawn")
    order: int
    removal_effect: float
    expected_conversions: float
    interval: tuple[float, float] | None
    resamples: int
    seed: int
    limit: int
    journeys: list[Cost]
    chain_cypher: str
    chain_parameters: dict[str, Any]
