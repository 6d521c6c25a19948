"""A validated touchpoint as the writers take it: flat, ready for the driver and for the import tool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from journeygraph.schema import BELONGS_TO, Touchpoint, to_microseconds
from journeygraph_loaders.stages import default_stage

ANONYMOUS: Final = "anonymous:"
Scalar = str | int | float | bool


class Row(NamedTuple):
    """One touchpoint; the driver sends it as a list, the statements in `cypher/load` read it by position.

    `customer_id` is the customer that the row is attached to: the one it declares (`known_customer_id`), else
    `anonymous:<anonymous_id>`.  `occurred_at_us` is microseconds since 1970, UTC.  `properties` has keys that start
    with `p_` and holds no nulls.  `belongs_to` are pairs such as `("account", "acme")`, sorted and each once.
    """

    touchpoint_id: str
    customer_id: str
    step: str
    channel: str
    stage: str
    occurred_at_us: int
    source: str
    known_customer_id: str | None
    anonymous_id: str | None
    session_id: str | None
    value: float | None
    currency: str | None
    product_id: str | None
    product_category: str | None
    product_name: str | None
    campaign: str | None
    email: str | None
    phone: str | None
    properties: Mapping[str, Scalar] | None
    belongs_to: Sequence[tuple[str, str]] | None


class Described(NamedTuple):
    """What a row of a table about customers, products or campaigns says of one of them; keys of properties as above.

    `product_id` is what a campaign offers, or the product itself.
    """

    key: str
    properties: dict[str, Scalar]
    name: str | None = None
    category: str | None = None
    product_id: str | None = None


def from_touchpoint(touchpoint: Touchpoint) -> Row:
    """The row of a touchpoint that was validated elsewhere (the API, the generator, a test).

    >>> from datetime import UTC, datetime
    >>> row = from_touchpoint(Touchpoint(touchpoint_id="t1", step="view", channel="web", source="shop",
    ...     occurred_at=datetime(2026, 1, 1, tzinfo=UTC), anonymous_id="a"))
    >>> row.customer_id, row.occurred_at_us, row.stage
    ('anonymous:a', 1767225600000000, 'consideration')
    """
    properties = {f"p_{name}": value for name, value in sorted(touchpoint.properties.items())}
    return Row(
        touchpoint_id=touchpoint.touchpoint_id,
        customer_id=touchpoint.customer_id or f"{ANONYMOUS}{touchpoint.anonymous_id}",
        step=touchpoint.step,
        channel=touchpoint.channel.lower(),
        stage=touchpoint.stage.value if touchpoint.stage else default_stage(touchpoint.step),
        occurred_at_us=to_microseconds(touchpoint.occurred_at),
        source=touchpoint.source,
        known_customer_id=touchpoint.customer_id,
        anonymous_id=touchpoint.anonymous_id,
        session_id=touchpoint.session_id,
        value=touchpoint.value,
        currency=touchpoint.currency,
        product_id=touchpoint.product_id,
        product_category=touchpoint.product_category,
        product_name=touchpoint.product_name,
        campaign=touchpoint.campaign,
        email=touchpoint.email,
        phone=touchpoint.phone,
        properties=properties or None,
        belongs_to=belongings({grain: getattr(touchpoint, f"{grain}_id") for grain in BELONGS_TO}),
    )


def belongings(ids: Mapping[str, Sequence[str]]) -> tuple[tuple[str, str], ...] | None:
    """What a touchpoint belongs to, from its ids at each grain; None for nothing, which is what most rows have.

    >>> belongings({"household": (), "order": ("o2", "o1", "o2")})
    (('order', 'o1'), ('order', 'o2'))
    """
    return tuple((grain, name) for grain, names in ids.items() for name in sorted(set(names))) or None
