"""What a model of attribution is: a frozen value in a file of its own, checked when it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from journeygraph.attribution.paths import NOTHING, Floats, Matrix, Paths
from journeygraph.errors import JourneyGraphError, UsageError

#: What a model's Cypher gives: the credits themselves, or the counts that they are solved from.
Reproduces = Literal["credits", "transition counts", "coalition counts"]
DIRECT = ("direct", "(direct)", "none")


@dataclass(frozen=True)
class Options:
    """What a person may choose.

    `order`: touchpoints that a state of the Markov chain remembers.  `half_life_days`: after which a touchpoint counts
    half.  `direct`: names, in any case, that last non-direct passes over.  `seed`: of everything that is drawn.
    """

    order: int = 1
    half_life_days: float = 7.0
    direct: tuple[str, ...] = DIRECT
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.order <= 10:
            raise UsageError(f"The order {self.order} of the Markov chain must be between 1 and 10.")
        if not 0 < self.half_life_days < float("inf"):
            raise UsageError(f"The half-life of {self.half_life_days:g} days must be more than 0.")

    def direct_names(self, paths: Paths) -> list[str]:
        """The names of these paths that count as direct, as they are written."""
        wanted = {name.casefold() for name in self.direct} | {NOTHING}
        return [name for name in paths.names if name.casefold() in wanted]


@dataclass(frozen=True)
class Sample:
    """Conversions, their value, and losses of each path in each of B resamples: three arrays P x B."""

    conversions: Floats
    values: Floats
    losses: Floats


@dataclass(frozen=True)
class Credits:
    """What each name gets in each resample (C x B): conversions, value, and what else the model knows (C).

    `resampled` is False where hundreds of resamples would take too long.
    """

    credit: Floats
    value: Floats
    removal_effect: Floats | None = None
    error_bound: Floats | None = None
    method: str = ""
    resampled: bool = True


#: A model, prepared for some paths: resamples in, credits out.
Rule = Callable[[Sample], Credits]


@dataclass(frozen=True)
class Model:
    """A model of attribution.

    `prepare` does once what depends on the paths only.  `query` names the Cypher file, and `parameters` what it is
    asked with beside `$by`.  `needs_times`: not to be had for a table without instants.
    `usual`: used where no model is named.
    """

    name: str
    title: str
    definition: str
    query: str
    prepare: Callable[[Paths, Options], Rule] = field(repr=False)
    parameters: Callable[[Paths, Options], dict[str, Any]] = field(default=lambda _paths, _options: {}, repr=False)
    reproduces: Reproduces = "credits"
    usual: bool = True
    needs_times: bool = False

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or not self.query or not self.definition:
            raise JourneyGraphError(f"A model needs a name, a definition and a query, unlike {self.name!r}.")


def linear(shares: Matrix) -> Rule:
    """The rule of a model whose credit is a fixed share of each conversion (shares: C x P)."""
    return lambda sample: Credits(shares @ sample.conversions, shares @ sample.values)


def observed(paths: Paths) -> Sample:
    """The paths as they are: one "resample"."""
    return Sample(paths.conversions[:, None], paths.values[:, None], paths.losses[:, None])


def per_path(paths: Paths, weights: Floats) -> Floats:
    """Weights (N) divided by their sum in each path, so that every conversion is shared out whole."""
    totals = np.add.reduceat(weights, paths.first) if paths.n_paths else np.zeros(0)
    shares: Floats = weights / np.repeat(totals, paths.lengths)
    return shares
