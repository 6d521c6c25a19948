"""One call for a whole shop: walk, identities, rows and the truth about them."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import UsageError
from journeygraph.generator import confined, plants, recount, recount_detours, shop
from journeygraph.generator.calendar import Calendar
from journeygraph.generator.columns import TouchpointColumns, record, recorded
from journeygraph.generator.people import People, customer_id, identify, platforms
from journeygraph.generator.rules import Plants
from journeygraph.generator.truth import Affinity, Planted, SharedDevice, Truth
from journeygraph.generator.walk import Contacts, walk

FIRST_DAY = dt.date(2025, 7, 1)


class Simulation(NamedTuple):
    """Touchpoints (columns; iterating gives `Touchpoint` values) and the truth about them."""

    touchpoints: TouchpointColumns
    truth: Truth


def simulate(
    customers: int, seed: int, *, planted: bool = True, start: dt.date = FIRST_DAY, days: int = 180
) -> Simulation:
    """A synthetic shop of so many people; the same arguments give the same touchpoints.

    Without `planted`, chance alone decides who leaves, when and after which step: the null model of
    docs/generator.md.

    Raises `UsageError` for no customers or fewer than 31 days.

    >>> touchpoints, truth = simulate(50, seed=1)
    >>> len(touchpoints) == truth.totals.touchpoints == len(list(touchpoints)), truth.synthetic
    (True, True)
    """
    if customers < 1:
        raise UsageError(f"{customers} customers cannot be simulated: 1 or more.")
    if days < 31:
        raise UsageError(f"{days} days are too few: 31 or more, as a journey is lost only after 30.")
    rng = np.random.default_rng(seed)
    calendar = Calendar.of(start, days)
    ios = platforms(customers, seed)
    happened = walk(customers, rng, calendar, Plants(planted, calendar, ios))
    contacts = recorded(happened, calendar) if planted else happened
    people = identify(contacts, ios, rng, seed)
    columns = record(contacts, people, calendar, rng, planted=planted)
    journeys = recount.Journeys(contacts)
    value = sum(value for value in columns.value.tolist() if value is not None)
    truth = Truth(
        seed=seed,
        customers=customers,
        start=start.isoformat(),
        days=days,
        time_zone=shop.TIME_ZONE,
        goals=(shop.GOAL,),
        totals=recount.totals(journeys, people.known, value),
        exit_rate_by_stage={stage.value: float(rate) for stage, rate in zip(shop.STAGES, shop.EXIT, strict=True)},
        planted=_planted(journeys, happened, ios, calendar) if planted else (),
        intents=recount.intents(journeys) if planted else (),
        affinities=_affinities() if planted else (),
        devices=_owners(columns),
        shared_devices=_shared(people),
    )
    return Simulation(columns, truth)


def _planted(
    journeys: recount.Journeys, happened: Contacts, ios: NDArray[np.bool_], calendar: Calendar
) -> tuple[Planted, ...]:
    confined_ones = confined.planted(journeys, happened, ios, calendar)
    return (*recount.planted(journeys), *recount_detours.planted(journeys), *confined_ones)


def _affinities() -> tuple[Affinity, ...]:
    return tuple(
        Affinity(
            product_id=shop.product_id(code),
            partner_id=shop.product_id(shop.partner(code)),
            probability=plants.AFFINITY,
        )
        for code in range(shop.N_PRODUCTS)
    )


def _owners(columns: TouchpointColumns) -> dict[str, str]:
    """Customer of every device that was seen with exactly one."""
    pairs = sorted(
        {
            (device, customer)
            for device, customer in zip(columns.anonymous_id.tolist(), columns.customer_id.tolist(), strict=True)
            if device is not None and customer is not None
        }
    )
    owners = dict(pairs)
    several = {device for (device, _), (other, _) in pairwise(pairs) if device == other}
    return {device: customer for device, customer in owners.items() if device not in several}


def _shared(people: People) -> tuple[SharedDevice, ...]:
    return tuple(
        SharedDevice(
            anonymous_id=str(people.device_ids[device]),
            customer_ids=(customer_id(first, people.seed), customer_id(second, people.seed)),
        )
        for device, first, second in people.shared
    )
