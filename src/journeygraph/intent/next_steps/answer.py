"""What is told of the next step, and of how well it is foretold."""

from __future__ import annotations

from pydantic import Field

from journeygraph.answers import Answer, Reproducible
from journeygraph.identity import OfCustomer


class NextStep(Answer):
    """A step that may come next, or `(end)`: nothing follows before the journey's window has passed."""

    step: str
    probability: float
    counts: list[int] = Field(description="how often it followed each of `contexts`")
    median_seconds: float | None = Field(description="wait until it, where it came next; null for (end)")
    p90_seconds: float | None
    timed: int = Field(description="waits behind the two")


class Context(Answer):
    """The last symbols of a journey, and how often they were followed by anything."""

    steps: list[str]
    count: int
    kinds: int = Field(description="different steps that followed")
    weight: float = Field(description="of the shorter context, for each of these kinds")


class NextSteps(OfCustomer, Reproducible):
    """The likeliest next steps of a customer, or of a running session, the likeliest first.

    `contexts` go from none to the longest that was seen: step by step, P = (count + weight * kinds * P before) /
    (context's count + weight * kinds), from 1 / `symbols`; behind `(start)` there is no `(end)`.
    """

    customer_id: str | None
    journey_id: str | None = Field(description="the running journey; null where the next touchpoint begins one")
    next: list[NextStep]
    other: float = Field(description="probability of everything that is not listed")
    contexts: list[Context]
    symbols: int = Field(description="steps there are, and (end)")
    journeys: int = Field(description="that this was learnt from")
    touchpoints: int


class ManyNextSteps(Answer):
    """The answers for several customers, in the order in which they were asked for."""

    customers: list[NextSteps]


class Measured(Answer):
    """How often what came next was among the likeliest k, the mean surprise (nats), and the calibration error."""

    name: str
    order: int = Field(description="symbols of context, at most")
    top_1: float
    top_3: float
    top_10: float
    log_loss: float
    ece: float = Field(description="of the likeliest step's probability, ten bins")


class NextEvaluation(Answer):
    """Learnt from what was known at an instant, measured on journeys that began after it."""

    split_at: str
    train_journeys: int
    test_journeys: int
    cases: int
    weights: list[float]
    models: list[Measured]
    chosen: str
