"""Simulations that several tests look at, each made once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from journeygraph.generator import Simulation, shop, simulate
from journeygraph.journeys.table import JourneyTable
from journeygraph.journeys.threading import build_rows

STAGES = {step.name: shop.STAGES[step.stage].value for step in shop.STEPS}


@lru_cache(maxsize=3)
def simulated(customers: int, seed: int, planted: bool) -> Simulation:
    return simulate(customers, seed, planted=planted)


@lru_cache(maxsize=3)
def journeys(customers: int, seed: int, planted: bool) -> list[dict[str, Any]]:
    """The journeys that the product makes of a simulation."""
    return build_rows(simulated(customers, seed, planted).touchpoints)


def table(customers: int, seed: int, planted: bool) -> JourneyTable:
    return JourneyTable.from_rows(journeys(customers, seed, planted), stages=STAGES)
