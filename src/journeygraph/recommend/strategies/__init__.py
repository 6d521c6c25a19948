"""The strategies by name; each is learned from sequences with one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from journeygraph.errors import UsageError
from journeygraph.recommend.sequences import Sequences
from journeygraph.recommend.strategies.base import Strategy
from journeygraph.recommend.strategies.item_knn import ItemKnn
from journeygraph.recommend.strategies.journeys import Journeys
from journeygraph.recommend.strategies.markov import Markov
from journeygraph.recommend.strategies.pagerank import PageRank
from journeygraph.recommend.strategies.popularity import Popularity, SessionPopularity

STRATEGIES: Mapping[str, Callable[[Sequences], Strategy]] = MappingProxyType(
    {
        "popularity": Popularity,
        "session_popularity": SessionPopularity,
        "item_knn": ItemKnn,
        "markov": Markov,
        "journeys": Journeys,
        "pagerank": PageRank,
    }
)
#: Always among those that are measured.
BASELINES = ("popularity", "session_popularity", "item_knn", "markov")
DEFAULT = "journeys"


def learn(name: str, sequences: Sequences) -> Strategy:
    """The strategy of that name, learned from the sequences.

    Raises `UsageError` for a name that there isn't.
    """
    if name not in STRATEGIES:
        raise UsageError(f"There is no strategy {name!r}; there are: {', '.join(STRATEGIES)}.")
    return STRATEGIES[name](sequences)
