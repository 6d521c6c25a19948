"""The walk: all customers side by side, contact after contact, until the data ends.

A contact has a step and a stage.  After it the customer leaves, moves on to the next stage, or stays in the stage, by
rates that depend on the stage alone; the next step is a fresh draw from the stage reached, and the wait a draw of
its own.  That is the null model; `rules.Plants` changes it where planted.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeygraph.generator import shop
from journeygraph.generator.calendar import Calendar, Floats, Integers, first_days, pick
from journeygraph.generator.plants import AFFINITY
from journeygraph.generator.rules import Plants

_PREFERS_CATEGORY = 0.7
_KEEPS_PRODUCT = 0.6
_LOST_FOR_DAYS = 32  # a lost customer's next journey starts well after the journey window of 30 days


@dataclass
class State:
    """Where each active customer is: one element a customer in every array."""

    person: Integers
    seconds: Integers  # instant of the contact that comes next
    step: Integers
    stage: NDArray[np.int8]
    channel: Integers
    channel_before: Integers  # -1 for none in this journey
    session: Integers
    taste: Floats  # uniform draw that decides web or app for a whole session
    product: Integers  # last product, -1 for none
    readiness: Floats  # multiplies the rate of moving on
    before: Integers  # step before, -1 for none in this journey
    before_that: Integers
    avoid: Integers  # step not to be drawn next, -1 for none
    progress: NDArray[np.int64]  # matched prefix of each intent's pattern (customers x intents)

    def select(self, mask: NDArray[np.bool_]) -> State:
        """The customers where the mask is true."""
        return State(**{field.name: getattr(self, field.name)[mask] for field in fields(self)})


@dataclass(frozen=True)
class Contacts:
    """All contacts of all customers, sorted by customer and instant; one element a contact in every array."""

    person: Integers
    seconds: Integers
    step: Integers
    channel: Integers
    session: Integers
    product: Integers


def walk(customers: int, rng: np.random.Generator, calendar: Calendar, plants: Plants) -> Contacts:
    """Walk `customers` people through the shop until the calendar ends."""
    homes = rng.integers(len(shop.CATEGORIES), size=customers)
    state = _beginning(customers, rng, calendar, plants)
    parts: list[Contacts] = []
    while len(state.person):
        state = state.select(state.seconds < calendar.end)
        state.product = _products(state, homes, rng, plants)
        shown = np.where(shop.HAS_PRODUCT[state.step], state.product, -1)
        parts.append(Contacts(state.person, state.seconds, state.step, state.channel, state.session, shown))
        state = _next(state, rng, calendar, plants)
    columns = {field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Contacts)}
    order = np.lexsort((columns["seconds"], columns["person"]))
    return Contacts(**{name: column[order] for name, column in columns.items()})


def _beginning(customers: int, rng: np.random.Generator, calendar: Calendar, plants: Plants) -> State:
    draws = rng.random((7, customers))
    nothing = np.full(customers, -1, dtype=np.int64)
    stage = np.where(draws[0] < shop.STARTS_AWARE, shop.AWARENESS, shop.CONSIDERATION).astype(np.int8)
    step = plants.first_steps(pick(plants.step_thresholds, stage, draws[1]), stage == shop.CONSIDERATION, rng)
    channel = pick(shop.channel_thresholds(), step.astype(np.int8), draws[2])
    days = first_days(draws[3], calendar.days)
    return State(
        person=np.arange(customers),
        seconds=calendar.session_start(days, shop.PLACE_OF[channel], draws[4:7]),
        step=step,
        stage=stage,
        channel=channel,
        channel_before=nothing,
        session=np.zeros(customers, dtype=np.int64),
        taste=draws[2],
        product=nothing,
        readiness=np.ones(customers),
        before=nothing,
        before_that=nothing,
        avoid=nothing,
        progress=np.zeros((customers, plants.n_intents), dtype=np.int64),
    )


def _next(now: State, rng: np.random.Generator, calendar: Calendar, plants: Plants) -> State:
    """The next contact of each customer."""
    count = len(now.person)
    draws = rng.random((14, count))
    readiness, progress = plants.intents(now.readiness, now.progress, now.step)
    done = now.step == shop.CODE[shop.GOAL]
    leaves = ~done & (draws[0] < plants.exit_rates(now))
    moves = ~done & ~leaves & (draws[1] < plants.advance_rates(now.step, now.stage, readiness))
    over = done | leaves

    mailed = plants.follow_up(done, rng)
    stage = _next_stage(now.stage, moves, done, leaves, draws[2:4])
    stage = np.where(mailed > 0, np.int8(shop.POST_PURCHASE), stage)
    enters = (stage == shop.CONSIDERATION) & (over | (now.stage != stage))
    step = plants.first_steps(pick(plants.step_thresholds, stage, draws[4]), enters, rng)
    step = np.where(moves & (now.stage == shop.PURCHASE), shop.CODE[shop.GOAL], step)
    step, avoid, loops = plants.steps(step, now, ~over & ~moves, draws[5], rng)
    step = np.where(mailed > 0, shop.CODE["follow_up_email"], plants.forced(step, now.step, over))

    long, short = plants.waits(now.step, step, over, draws[6])
    decided = plants.channels(now, step, over, draws[5])
    channel = np.where(decided < 0, pick(shop.channel_thresholds(), step.astype(np.int8), now.taste), decided)
    moved = shop.PLACE_OF[channel] != shop.PLACE_OF[now.channel]
    fresh = (over | moved | (draws[7] >= shop.SAME_SESSION[now.stage]) | (long > 0)) & (short == 0)
    taste = np.where(fresh, draws[8], now.taste)
    channel = np.where(fresh & (decided < 0), pick(shop.channel_thresholds(), step.astype(np.int8), taste), channel)

    gap = np.where(long > 0, long, _gap_days(done, leaves, stage, draws[9]))
    gap = np.where(mailed > 0, mailed, gap)
    later = calendar.session_start(calendar.day_of(now.seconds) + gap, shop.PLACE_OF[channel], draws[10:13])
    soon = now.seconds + np.where(short > 0, short, _pause_seconds(draws[13]))
    readiness = np.where(over, plants.fresh_readiness(done, mailed), readiness * plants.patience(long > 0, loops))
    return State(
        person=now.person,
        seconds=np.where(fresh, later, soon),
        step=step,
        stage=stage,
        channel=channel,
        channel_before=np.where(over, -1, now.channel),
        session=now.session + fresh,
        taste=taste,
        product=now.product,
        readiness=readiness,
        before=np.where(over, -1, now.step),
        before_that=np.where(over, -1, now.before),
        avoid=np.where(over, -1, avoid),
        progress=np.where(over[:, None], 0, progress),
    )


def _next_stage(
    stage: NDArray[np.int8], moves: NDArray[np.bool_], done: NDArray[np.bool_], leaves: NDArray[np.bool_], draws: Floats
) -> NDArray[np.int8]:
    anew = np.where(draws[0] < shop.STARTS_AWARE, shop.AWARENESS, shop.CONSIDERATION)
    onward = np.where(stage == shop.POST_PURCHASE, anew, np.minimum(stage + 1, shop.PURCHASE))
    after_goal = np.where(draws[1] < shop.COMES_BACK, shop.POST_PURCHASE, anew)
    choices: list[Any] = [onward, after_goal, anew]
    chosen: NDArray[np.int8] = np.select([moves, done, leaves], choices, default=stage).astype(np.int8)
    return chosen


def _gap_days(done: NDArray[np.bool_], leaves: NDArray[np.bool_], stage: NDArray[np.int8], uniform: Floats) -> Integers:
    """Days until the next session: a few within a journey, more than the journey window after a lost one."""
    exponential = -np.log1p(-uniform)
    few = 1 + np.minimum(exponential * 2.6, 11)
    return np.select(
        [leaves, done & (stage != shop.POST_PURCHASE)],
        [_LOST_FOR_DAYS + exponential * 20, 1 + exponential * 30],
        default=few,
    ).astype(np.int64)


def _pause_seconds(uniform: Floats) -> Integers:
    """Wait within a session: median one minute, from 3 seconds to 25 minutes."""
    odds = np.clip(uniform, 1e-9, 1 - 1e-9)
    return np.clip(60 * (odds / (1 - odds)) ** 0.75, 3, 1_500).astype(np.int64)


def _products(state: State, homes: Integers, rng: np.random.Generator, plants: Plants) -> Integers:
    """Product of each contact: kept, the partner of the last one, or a new one, often of the favourite category."""
    draws = rng.random((4, len(state.person)))
    likes = homes[state.person]
    category = np.where(draws[0] < _PREFERS_CATEGORY, likes, (draws[1] * len(shop.CATEGORIES)).astype(np.int64))
    rank = np.minimum(
        np.searchsorted(shop.product_weights().cumsum(), draws[2], side="right"), shop.PRODUCTS_PER_CATEGORY - 1
    )
    chosen = category * shop.PRODUCTS_PER_CATEGORY + rank
    if plants.planted:
        partners = np.array([shop.partner(code) for code in range(shop.N_PRODUCTS)])
        chosen = np.where((state.product >= 0) & (draws[3] < AFFINITY), partners[state.product], chosen)
    late = (state.stage == shop.PURCHASE) & ((state.step == shop.CODE[shop.GOAL]) | (draws[1] < _KEEPS_PRODUCT))
    keep = (state.product >= 0) & (late | (state.stage == shop.POST_PURCHASE))
    return np.where(shop.HAS_PRODUCT[state.step] & ~keep, chosen, state.product)
