"""Which touchpoints are set aside: a function of what is there, whatever the order in which it came."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.set_aside import NearDuplicates, Rate, Rules
from journeygraph.set_aside.apply import columns
from journeygraph.set_aside.decide import Decision, Touchpoints, decide


def rows_of(*given_rows: dict[str, Any]) -> Touchpoints:
    usual = {
        "customer_id": "anna", "step": "buy", "source": "web", "product": None, "has_value": False, "visitor": None,
        "traffic": None, "traffic_rule": None, "kept": False,
    }  # fmt: skip
    rows = [{**usual, "touchpoint_id": f"t{n}", **row} for n, row in enumerate(given_rows)]
    return columns(sorted(rows, key=lambda row: (row["customer_id"], row["time"], row["touchpoint_id"])))


def said(touchpoints: Touchpoints, found: Decision) -> dict[str, tuple[str | None, str | None]]:
    ids = touchpoints.ids
    return {
        ids[place]: (found.kinds[place], None if found.same_as[place] < 0 else ids[found.same_as[place]])
        for place in range(len(ids))
        if found.kinds[place] is not None
    }


NEAR = Rules(near=NearDuplicates(seconds=5))
SECOND = 1_000_000


def test_two_sources_within_seconds_are_one_event() -> None:
    seen = rows_of(
        {"time": 0}, {"time": 4 * SECOND, "source": "shop", "has_value": True},  # one event: that with a value stays
        {"time": 60 * SECOND}, {"time": 65 * SECOND + 1, "source": "shop"},  # too far apart
        {"time": 90 * SECOND}, {"time": 91 * SECOND},  # one source says it twice: two events
        {"time": 120 * SECOND, "product": "a"}, {"time": 120 * SECOND, "product": "b", "source": "shop"},
        {"time": 150 * SECOND}, {"time": 150 * SECOND, "customer_id": "bob", "source": "shop"},
    )  # fmt: skip
    assert said(seen, decide(seen, NEAR)) == {"t0": ("duplicate", "t1")}


def test_two_clicks_seen_by_two_sources_stay_two() -> None:
    seen = rows_of(
        {"time": 0}, {"time": SECOND}, {"time": 2 * SECOND, "source": "shop"}, {"time": 3 * SECOND, "source": "shop"}
    )
    assert said(seen, decide(seen, NEAR)) == {"t2": ("duplicate", "t0"), "t3": ("duplicate", "t1")}
    preferred = Rules(near=NearDuplicates(seconds=5, prefer=("shop",)))
    assert said(seen, decide(seen, preferred)) == {"t0": ("duplicate", "t2"), "t1": ("duplicate", "t3")}
    assert not said(seen, decide(seen, Rules(near=NearDuplicates(seconds=5, sources=("web", "till")))))


def test_what_is_kept_counts() -> None:
    seen = rows_of(
        {"time": 0}, {"time": 1, "source": "shop", "kept": True}, {"time": 2, "traffic": "bot", "kept": True}
    )
    assert not said(seen, decide(seen, NEAR))


def test_marks_and_rates() -> None:
    fast = Rules(rates=(Rate(name="fast", touchpoints=3, seconds=1),))
    clicks = [{"time": n * SECOND // 4, "visitor": "v"} for n in range(4)]
    person = [{"time": n * SECOND, "visitor": "w"} for n in range(4)]
    seen = rows_of(*clicks, {"time": 900 * SECOND, "visitor": "v"}, *person, {"time": 7, "traffic": "test"})
    found = decide(seen, fast)
    kinds = Counter(kind for kind in found.kinds)
    assert kinds == {"bot": 5, "test": 1, None: 4}
    assert Counter(found.rules)["fast"] == 5


row = st.fixed_dictionaries(
    {
        "time": st.integers(0, 12).map(lambda n: n * SECOND),
        "source": st.sampled_from(["web", "shop", "till"]),
        "customer_id": st.sampled_from(["anna", "bob"]),
        "step": st.sampled_from(["buy", "view"]),
        "has_value": st.booleans(),
        "visitor": st.sampled_from(["v", "w", None]),
    }
)


@given(st.lists(row, max_size=30), st.integers(1, 6), st.randoms(use_true_random=False))
def test_decisions(drawn: list[dict[str, Any]], seconds: int, random: Random) -> None:
    named = [{**one, "touchpoint_id": f"t{n:02}"} for n, one in enumerate(drawn)]
    rules = Rules(near=NearDuplicates(seconds=seconds), rates=(Rate(name="fast", touchpoints=4, seconds=3),))
    seen = rows_of(*named)
    found = decide(seen, rules)
    # Any order of arrival, and any other customer beside, gives the same.
    shuffled = random.sample(named, len(named))
    again = rows_of(*shuffled)
    assert said(again, decide(again, rules)) == said(seen, found)
    alone = [
        said(part, decide(part, rules))
        for who in ("anna", "bob")
        for part in [rows_of(*(one for one in named if one["customer_id"] == who))]
    ]
    assert {key: value for part in alone for key, value in part.items()} == said(seen, found)
    # Deciding again, of what counts only, finds no further near-duplicates within reach of those that stay.
    for place, stays in enumerate(found.same_as.tolist()):
        if stays >= 0:
            assert seen.customers[place] == seen.customers[stays]
            assert (seen.steps[place], seen.products[place]) == (seen.steps[stays], seen.products[stays])
            assert seen.sources[place] != seen.sources[stays]
            assert abs(seen.times_us[place] - seen.times_us[stays]) <= seconds * SECOND
            assert found.same_as[stays] < 0


def test_nothing_is_decided_of_nothing() -> None:
    empty = replace(rows_of(), times_us=np.array([], dtype=np.int64), customers=np.array([], dtype=np.int64))
    assert decide(empty, NEAR).kinds == []
