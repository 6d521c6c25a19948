"""Shapley value of the game whose worth is the conversion rate, so that losses count too."""

from __future__ import annotations

from journeygraph.attribution.game import EXACT_UP_TO, Game
from journeygraph.attribution.model import Model, Options, Rule, observed
from journeygraph.attribution.paths import Paths


def _prepare(paths: Paths, options: Options) -> Rule:
    game = Game.of(paths)
    return game.exact if len(paths.names) <= EXACT_UP_TO else game.sampler(observed(paths), options.seed)


MODEL = Model(
    name="shapley_rate",
    title="Shapley value of the conversion rate",
    definition=(
        "A coalition is worth the conversion rate of journeys that touched nothing outside it, times all journeys; "
        "each name gets its Shapley value, below 0 where it lowers the rate. Exact for up to 15 names, sampled beyond."
    ),
    query="attribution/shapley_rate",
    prepare=_prepare,
    reproduces="coalition counts",
    usual=False,
)
