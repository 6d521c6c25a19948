"""What is asked for: which patterns, towards which outcome, and how much computing it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from journeygraph.errors import UsageError
from journeygraph.intent.mining.sequences import Limits

#: More cannot be told from chance, read, or kept: whoever asks for them is told to ask for less.
MOST_PATTERNS = 50_000
#: What a journey can count, beside one: the value of its conversion.
WEIGHTS = ("value",)
#: Permutations of the outcome, and the seed of the random numbers, where nobody says otherwise.
PERMUTATIONS, SEED = 1_000, 1


@dataclass(frozen=True)
class Question:
    """Which patterns are looked for, and what is told of them.

    `minimum_support` is a number of journeys, or (a float) a share of them; `max_gap` counts touchpoints between
    neighbours.  `representatives` leaves out what another pattern stands for; `top` cuts what is told, not what is
    corrected for.  With `permutations=0` there are no family-wise p-values.  With `weight="value"` the minimum support
    is a value of conversions (or a share of it), with `together` steps that share an instant are sets.
    """

    minimum_support: int | float = 0.05
    max_length: int | None = 5
    max_gap: int | None = None
    max_gap_seconds: float | None = None
    max_span_seconds: float | None = None
    closed: bool = False
    maximal: bool = False
    required: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    top: int | None = 50
    outcome: str = "converted"
    representatives: bool = False
    permutations: int = PERMUTATIONS
    seed: int = SEED
    seconds: float | None = None  # how long the search may take
    megabytes: float | None = None  # what it may use
    weight: str | None = None
    together: bool = False

    def __post_init__(self) -> None:
        if self.permutations < 0:
            raise UsageError(f"There are no {self.permutations} permutations; 0 leaves the family-wise p-values out.")
        if self.weight not in (None, *WEIGHTS):
            raise UsageError(f"There is no weight {self.weight!r}; there is {', '.join(WEIGHTS)}.")

    @property
    def limits(self) -> Limits:
        """Which matches count."""
        return Limits(1, self.max_length, self.max_gap, self.max_gap_seconds, self.max_span_seconds)

    @property
    def search(self) -> dict[str, Any]:
        """What the miner is told, beside the support, the groups and the budget."""
        names = ("max_length", "max_gap", "max_gap_seconds", "max_span_seconds", "closed", "maximal")
        return {name: getattr(self, name) for name in (*names, "required", "excluded")}
