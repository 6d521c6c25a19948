"""What it would cost to do without a channel, step, store or agent, and which journeys it would cost."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np

from journeygraph.attribution import bootstrap
from journeygraph.attribution.answers import Cost, Removal
from journeygraph.attribution.attribute import RESAMPLES
from journeygraph.attribution.chain import RESAMPLED_UP_TO, Chain
from journeygraph.attribution.model import Options, Sample, observed
from journeygraph.attribution.models.markov import MODEL as MARKOV
from journeygraph.attribution.paths import Floats, Paths
from journeygraph.errors import UsageError
from journeygraph.graph import Graph
from journeygraph.paths.evidence import statement


def remove(
    graph: Graph,
    paths: Paths,
    name: str,
    options: Options | None = None,
    *,
    limit: int = 100,
    resamples: int = RESAMPLES,
    seed: int = 0,
    currencies: Sequence[str] = (),
) -> Removal:
    """What removing `name` from the graph's paths would cost: journeys that hold it, and the chain's estimate.

    Raises `UsageError` for a name that these paths don't hold.
    """
    check(paths, name)
    options = options or Options(seed=seed)
    holds = paths.holds(name)
    effect, interval = _estimate(paths, name, options, resamples, seed)
    asked = statement("attribution/removed", paths, {"by": paths.by, "removed": name, "limit": limit})
    rows = graph.run(asked["cypher"], asked["parameters"], name="attribution/removed")
    chain = statement(MARKOV.query, paths, {"by": paths.by, **MARKOV.parameters(paths, options)})
    return Removal(
        by=paths.by,
        removed=name,
        conversions=round(paths.conversions[holds].sum()),
        value=float(paths.values[holds].sum()) if len(currencies) <= 1 else None,
        currency=currencies[0] if len(currencies) == 1 else None,
        lost=round(paths.losses[holds].sum()),
        all_conversions=round(paths.conversions.sum()),
        all_value=float(paths.values.sum()) if len(currencies) <= 1 else None,
        left_out=paths.left_out,
        withheld=paths.withheld,
        order=options.order,
        removal_effect=effect,
        expected_conversions=effect * float(paths.conversions.sum()),
        interval=interval,
        resamples=resamples if interval else 0,
        seed=seed,
        limit=limit,
        journeys=[Cost(**row) for row in rows],
        chain_cypher=chain["cypher"],
        chain_parameters=chain["parameters"],
        **asked,
    )


def check(paths: Paths, name: str) -> None:
    """Raise `UsageError`, with the nearest names, unless these paths hold the name."""
    if name in paths.names:
        return
    near = get_close_matches(name, paths.names, n=3)
    known = ", ".join(repr(each) for each in (near or paths.names[:12])) or "nothing: there are no decided journeys"
    raise UsageError(f"No decided journey holds the {paths.by} {name!r}; there is {known}.")


def _estimate(
    paths: Paths, name: str, options: Options, resamples: int, seed: int
) -> tuple[float, tuple[float, float] | None]:
    """The removal effect, and the interval of the conversions that it costs."""
    chain, place = Chain.of(paths, options.order), paths.names.index(name)

    def effects(sample: Sample) -> Floats:
        return np.array([effect[place, 0] for effect in chain.removal_effects(sample, [place])])

    effect = float(effects(observed(paths))[0])
    if not resamples or chain.n_states > RESAMPLED_UP_TO:
        return effect, None
    drawn = [effects(sample) * sample.conversions.sum(axis=0) for sample in bootstrap.draws(paths, resamples, seed)]
    low, high = np.quantile(np.concatenate(drawn), [0.025, 0.975])
    return effect, (float(low), float(high))
