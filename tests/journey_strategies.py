"""Touchpoints for property tests: few names, many ties, all the ways in which a row can say whose it is."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from journeygraph.schema import EPOCH, Touchpoint

PEOPLE = (
    ("ann", None),
    ("bob", None),
    ("ann", "a1"),
    (None, "a1"),
    (None, "a2"),
    ("bob", "a3"),
    ("ann", "a3"),
    (None, "a3"),
)


def _touchpoint(
    number: int,
    step: str,
    at: int,
    who: tuple[str | None, str | None],
    session: str | None,
    source: str,
    value: float | None,
) -> Touchpoint:
    return Touchpoint(
        touchpoint_id=f"t{number}",
        step=step,
        channel={"shop": "web", "app": "app"}[source],
        occurred_at=EPOCH + timedelta(microseconds=at),
        source=source,
        session_id=session,
        value=value,
        customer_id=who[0],
        anonymous_id=who[1],
        product_id=None if number % 3 else f"p{number % 4}",
        product_category=None if number % 2 else f"c{number % 4}",
        product_name=None if number % 5 else f"name {number}",
        campaign=None if number % 4 else "spring, 'early'",
        email=None if number % 6 else f"{who[0]}@example.org",
        properties={} if number % 7 else {"store": 'a "quoted", name', "visit": number},
    )


touchpoint = st.builds(
    _touchpoint,
    st.integers(0, 40),
    st.sampled_from(["view", "cart", "buy", "renew"]),
    st.integers(0, 30),
    st.sampled_from(PEOPLE),
    st.sampled_from([None, None, "s1", "s2"]),
    st.sampled_from(["shop", "app"]),
    st.sampled_from([None, 1.5, 0.1, 0.2]),
)
touchpoints = st.lists(touchpoint, max_size=30)
distinct_touchpoints = st.lists(touchpoint, min_size=1, max_size=30, unique_by=lambda t: t.touchpoint_id)
