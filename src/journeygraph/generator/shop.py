"""The made-up shop: its steps, how customers move between stages, when they come, what it sells.

Every step belongs to a stage and is drawn with its weight whenever a customer makes a contact in that stage.  The
rates below are per contact and the same for all steps of a stage: without plants nothing else decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeygraph.schema import CHANNELS, Stage

GOAL: Final = "purchase"
TIME_ZONE: Final = "Europe/Berlin"
CURRENCY: Final = "EUR"
STAGES: Final = tuple(Stage)
AWARENESS, CONSIDERATION, PURCHASE, POST_PURCHASE = range(4)


@dataclass(frozen=True)
class Step:
    """A step of the shop: `weight` within its stage, and the share of each channel it happens in."""

    name: str
    stage: int
    weight: float
    channels: tuple[tuple[str, float], ...]
    product: bool = False


_ONLINE = (("web", 0.6), ("app", 0.4))
STEPS: Final = (
    Step("ad_impression", AWARENESS, 0.15, (("ad", 1.0),)),
    Step("ad_click", AWARENESS, 0.11, (("ad", 1.0),)),
    Step("social_post_view", AWARENESS, 0.13, (("social", 1.0),)),
    Step("email_open", AWARENESS, 0.14, (("email", 1.0),)),
    Step("email_click", AWARENESS, 0.24, (("email", 1.0),)),
    Step("visit_home", AWARENESS, 0.26, _ONLINE),
    Step("store_visit", AWARENESS, 0.12, (("store", 1.0),)),
    Step("search", CONSIDERATION, 0.15, _ONLINE),
    Step("view_category", CONSIDERATION, 0.09, _ONLINE),
    Step("view_product", CONSIDERATION, 0.18, _ONLINE, product=True),
    Step("compare_products", CONSIDERATION, 0.09, _ONLINE),
    Step("read_reviews", CONSIDERATION, 0.11, _ONLINE, product=True),
    Step("wishlist_add", CONSIDERATION, 0.08, _ONLINE, product=True),
    Step("price_alert_click", CONSIDERATION, 0.11, (("email", 1.0),), product=True),
    Step("ask_in_store", CONSIDERATION, 0.06, (("store", 1.0),)),
    Step("social_question", CONSIDERATION, 0.05, (("social", 1.0),)),
    Step("open_ticket", CONSIDERATION, 0.16, (("service", 1.0),)),
    Step("agent_reply", CONSIDERATION, 0.16, (("service", 1.0),)),
    Step("campaign_page", CONSIDERATION, 0.06, _ONLINE),
    Step("offer_page", CONSIDERATION, 0.05, _ONLINE),
    Step("legacy_form", CONSIDERATION, 0.018, (("web", 1.0),)),
    Step("financing_form", CONSIDERATION, 0.035, _ONLINE),
    Step("cart", PURCHASE, 0.25, _ONLINE, product=True),
    Step("choose_delivery", PURCHASE, 0.18, _ONLINE),
    Step("checkout", PURCHASE, 0.18, _ONLINE),
    Step("payment", PURCHASE, 0.14, _ONLINE),
    Step("payment_declined", PURCHASE, 0.10, _ONLINE),
    Step("cart_reminder_click", PURCHASE, 0.07, (("email", 1.0),), product=True),
    Step("order_by_phone", PURCHASE, 0.05, (("service", 1.0),)),
    Step("credit_check", PURCHASE, 0.04, _ONLINE),
    Step("delivery_update", POST_PURCHASE, 0.24, (("email", 1.0),)),
    Step("follow_up_email", POST_PURCHASE, 0.0, (("email", 1.0),)),
    Step("track_order", POST_PURCHASE, 0.20, _ONLINE),
    Step("return_request", POST_PURCHASE, 0.10, _ONLINE, product=True),
    Step("return_in_store", POST_PURCHASE, 0.08, (("store", 1.0),), product=True),
    Step("complaint", POST_PURCHASE, 0.14, (("service", 0.6), ("social", 0.25), ("store", 0.15))),
    Step("write_review", POST_PURCHASE, 0.10, _ONLINE, product=True),
    Step("social_mention", POST_PURCHASE, 0.09, (("social", 1.0),)),
    Step("how_to_guide", POST_PURCHASE, 0.08, (("app", 1.0),)),
    Step(GOAL, PURCHASE, 0.0, (("web", 0.5), ("app", 0.3), ("store", 0.2)), product=True),
)
CODE: Final = {step.name: code for code, step in enumerate(STEPS)}
STAGE_OF: Final[NDArray[np.int8]] = np.array([step.stage for step in STEPS], dtype=np.int8)
HAS_PRODUCT: Final[NDArray[np.bool_]] = np.array([step.product for step in STEPS])

#: Per contact, by stage: the customer leaves for good; else moves on to the next stage; else stays in the session.
EXIT: Final[NDArray[np.float64]] = np.array([0.12, 0.10, 0.18, 0.34])
ADVANCE: Final[NDArray[np.float64]] = np.array([0.30, 0.17, 0.38, 0.20])
SAME_SESSION: Final[NDArray[np.float64]] = np.array([0.45, 0.60, 0.72, 0.30])
#: A new journey starts in awareness with this probability, else in consideration.
STARTS_AWARE: Final = 0.6
#: A converted customer makes contacts after the purchase with this probability.
COMES_BACK: Final = 0.6

HOURS: Final = {  # weight of each local hour at which a session starts
    "online": [0, 0, 0, 0, 0, 0, 1, 3, 4, 4, 4, 5, 7, 6, 4, 4, 5, 7, 9, 11, 12, 9, 5, 0],
    "email": [0, 0, 0, 0, 0, 0, 2, 8, 12, 10, 6, 4, 5, 3, 2, 2, 3, 4, 4, 3, 3, 2, 1, 0],
    "store": [0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 5, 7, 7, 5, 5, 6, 8, 10, 7, 3, 0, 0, 0, 0],
    "service": [0, 0, 0, 0, 0, 0, 0, 0, 6, 10, 10, 8, 5, 6, 7, 7, 5, 2, 0, 0, 0, 0, 0, 0],
}
_RHYTHM = {"web": "online", "app": "online", "ad": "online", "social": "online"}
#: Rhythm of each channel, as a row of `HOUR_WEIGHTS`; channels with another rhythm are another place.
PLACE_OF: Final[NDArray[np.int8]] = np.array(
    [list(HOURS).index(_RHYTHM.get(channel, channel)) for channel in CHANNELS], dtype=np.int8
)
HOUR_WEIGHTS: Final[NDArray[np.float64]] = np.array([np.array(row) / sum(row) for row in HOURS.values()])
#: Of sessions that would start on a working day, the share that waits for the weekend.
WEEKEND_PULL: Final = 0.15
#: Newsletters go out on these days (Monday is 0); an e-mail session starts on such a day.
EMAIL_DAYS: Final = (1, 3)

CATEGORIES: Final = ("audio", "cameras", "coffee", "garden", "kitchen", "lighting", "outdoor", "toys")
PRODUCTS_PER_CATEGORY: Final = 15
N_PRODUCTS: Final = len(CATEGORIES) * PRODUCTS_PER_CATEGORY
CAMPAIGNS: Final = ("summer_sale", "back_to_school", "autumn_outdoor", "black_week", "gift_guide", "loyalty_club")
STORES: Final = ("Alexanderplatz", "Altona", "Isarvorstadt", "Suelz")
TOPICS: Final = ("delivery", "product advice", "invoice", "warranty")


def channel_thresholds() -> NDArray[np.float64]:
    """Cumulative share of the channels of each step (steps x channels), to compare a uniform draw with.

    >>> channel_thresholds()[CODE["purchase"]].tolist()
    [0.5, 0.8, 1.0, 1.0, 1.0, 1.0, 1.0]
    """
    shares = np.zeros((len(STEPS), len(CHANNELS)))
    for code, step in enumerate(STEPS):
        for channel, share in step.channels:
            shares[code, CHANNELS.index(channel)] = share
    return np.asarray(np.round(np.cumsum(shares, axis=1), 9), dtype=np.float64)


def step_thresholds() -> NDArray[np.float64]:
    """Cumulative weight of the steps of each stage (stages x steps); the goal is never drawn."""
    weights: NDArray[np.float64] = np.array(
        [[step.weight if step.stage == stage else 0.0 for step in STEPS] for stage in range(4)], dtype=np.float64
    )
    return np.asarray(np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1), dtype=np.float64)


def product_weights() -> NDArray[np.float64]:
    """Popularity of the products within a category: the k-th is chosen in proportion to 1 / k."""
    weights = 1.0 / np.arange(1, PRODUCTS_PER_CATEGORY + 1, dtype=np.float64)
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def prices() -> NDArray[np.float64]:
    """Price of each product in euros, spread evenly on a log scale from 9 to about 350."""
    rank = (np.arange(N_PRODUCTS) * 37) % N_PRODUCTS
    return np.asarray(np.round(9 * np.exp(rank / N_PRODUCTS * 3.66), 2), dtype=np.float64)


def product_id(code: int) -> str:
    """Id of a product, e.g. ``P017``."""
    return f"P{code:03d}"


def product_name(code: int) -> str:
    """Name of a product, e.g. ``Audio 3``."""
    return f"{CATEGORIES[code // PRODUCTS_PER_CATEGORY].capitalize()} {code % PRODUCTS_PER_CATEGORY + 1}"


def partner(code: int) -> int:
    """The product that goes with a product: the next one of its category, round the category."""
    category, rank = divmod(code, PRODUCTS_PER_CATEGORY)
    return category * PRODUCTS_PER_CATEGORY + (rank + 1) % PRODUCTS_PER_CATEGORY
