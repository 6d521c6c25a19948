"""Simulations that several tests look at, each made once."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

import numpy as np

from journeygraph.generator import Simulation, shop, simulate
from journeygraph.journeys.table import JourneyTable
from journeygraph.journeys.threading import build_rows

STAGES = {step.name: shop.STAGES[step.stage].value for step in shop.STEPS}


#: Mean days from a touchpoint to its arrival, one of these for each source; and of the rows that come much later.
_DELAYS_DAYS, _MUCH_LATER, _MUCH_LATER_DAYS = (0.01, 0.2, 1.5), 0.01, 120
_DAY_SECONDS = 86_400


@lru_cache(maxsize=3)
def simulated(customers: int, seed: int, planted: bool, late: bool = False) -> Simulation:
    """A shop; where `late` only the rows that have arrived by the last touchpoint, in any order."""
    simulation = simulate(customers, seed, planted=planted)
    return simulation._replace(touchpoints=_arrived(simulation, seed)) if late else simulation


def _arrived(simulation: Simulation, seed: int) -> Any:
    """Each source has its delay, one row in a hundred comes up to four months later; nothing is in order."""
    rng, columns = np.random.default_rng([seed, 1]), simulation.touchpoints
    source = np.unique(columns.source.astype(str), return_inverse=True)[1]
    days = rng.exponential(rng.choice(_DELAYS_DAYS, size=source.max() + 1)[source])
    days += np.where(rng.random(len(days)) < _MUCH_LATER, rng.random(len(days)) * _MUCH_LATER_DAYS, 0.0)
    here = rng.permutation(np.flatnonzero(columns.seconds + days * _DAY_SECONDS <= columns.seconds.max()))
    return replace(columns, **{one.name: getattr(columns, one.name)[here] for one in fields(columns)})


@lru_cache(maxsize=3)
def journeys(customers: int, seed: int, planted: bool, late: bool = False) -> list[dict[str, Any]]:
    """The journeys that the product makes of a simulation."""
    return build_rows(simulated(customers, seed, planted, late).touchpoints)


def table(customers: int, seed: int, planted: bool, late: bool = False) -> JourneyTable:
    return JourneyTable.from_rows(journeys(customers, seed, planted, late), stages=STAGES)
