"""The published figures of the `simple_shop` log, straight from its file.

They are counted per user, whose whole log is one path, without a time limit: grain `customer`, no window.
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise

import pytest

from journeygraph.funnels import dropped, funnel
from journeygraph.intent.mining.miner import mine
from journeygraph.intent.mining.sequences import Sequences
from journeygraph.journeys.table import JourneyTable
from journeygraph.paths import path_view, step_matrix, transition_matrix, transitions, variants
from journeygraph.schema import to_microseconds
from tests.support import shared_data

HALF_AN_HOUR = 1_800_000_000


@cache
def shop() -> JourneyTable:
    """One path per user; instants without a zone are read as UTC."""
    users: dict[str, list[tuple[int, str]]] = {}
    with (shared_data("simple_shop") / "simple_shop.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            instant = to_microseconds(datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC))
            users.setdefault(row["client_id"], []).append((instant, row["event"]))
    return JourneyTable.from_rows(
        (
            {
                "id": user,
                "customer_id": user,
                "outcome": "open",
                "value": None,
                "steps": [step for _, step in events],
                "channels": ["web"] * len(events),
                "occurred_at_us": [instant for instant, _ in events],
            }
            for user, events in ((user, sorted(events, key=lambda event: event[0])) for user, events in users.items())
        ),
        per="customer",
    )


def sessions() -> list[list[str]]:
    """Split where a user is idle for more than half an hour."""
    table, found = shop(), []
    for path in range(table.n_paths):
        start, end = table.offsets[path : path + 2].tolist()
        times, steps = table.occurred_at_us[start:end].tolist(), table.sequence(path)
        cuts = [0, *(k + 1 for k, (a, b) in enumerate(pairwise(times)) if b - a > HALF_AN_HOUR), len(steps)]
        found += [steps[a:b] for a, b in pairwise(cuts)]
    return found


def test_totals() -> None:
    nodes = {node.name: (node.count, node.customers) for node in transitions(shop()).nodes}
    assert (shop().n_touchpoints, shop().n_paths, len(sessions())) == (32283, 3751, 6454)
    assert nodes["catalog"] == (14518, 3611)
    assert nodes["product2"] == (2172, 1430)
    assert nodes["payment_card"] == (565, 521)


@pytest.mark.parametrize(
    ("steps", "counts"),
    [
        (["catalog", "cart", "payment_done"], [3611, 1924, 653]),
        (["catalog", "product1|product2", "cart", "payment_done"], [3611, 2010, 1257, 429]),
    ],
)
def test_published_funnels(steps: list[str], counts: list[int]) -> None:
    """Their "closed funnel" counts users that do the steps, each after the one before."""
    answer = funnel(shop(), steps, window_seconds=None)
    assert [step.count for step in answer.steps] == counts
    assert answer.population == 3751


def test_first_steps() -> None:
    view = path_view(shop(), levels=1)
    shares = {link.target: round(link.journeys / view.denominator, 6) for link in view.links}
    assert shares == {"catalog": 0.716076, "main": 0.283924}


def test_users_with_a_transition() -> None:
    users = {(link.source, link.target): link.customers for link in transitions(shop()).links}
    assert users["catalog", "cart"] == 1324
    assert users["main", "main"] == 603
    assert ("product1", "payment_done") not in users
    for (source, target), count in users.items():
        if source != "(start)" and target != "(end)":
            strict = funnel(shop(), [source, target], mode="strict", window_seconds=None)
            assert strict.steps[1].count == count


@pytest.mark.parametrize(("month", "counts"), [(1, [226, 130, 86, 28]), (2, [246, 128, 80, 20])])
def test_funnels_of_users_who_came_in_a_month(month: int, counts: list[int]) -> None:
    since, until = (to_microseconds(datetime(2020, number, 1, tzinfo=UTC)) for number in (month, month + 1))
    first = shop().occurred_at_us[shop().offsets[:-1]]
    users = shop().select((since <= first) & (first < until))
    steps = ["catalog", "product1|product2", "cart", "payment_done"]
    assert [step.count for step in funnel(users, steps, window_seconds=None).steps] == counts


def test_those_who_stop() -> None:
    answer = dropped(shop(), ["catalog", "cart", "payment_done"], window_seconds=None)
    assert [step.count for step in answer.steps] == [3611 - 1924, 1924 - 653]


def test_first_touchpoints_and_the_reach_of_steps() -> None:
    shares = {row.step: row.shares[0] for row in step_matrix(shop(), positions=1).rows}
    assert {step: round(share, 6) for step, share in shares.items()} == {"catalog": 0.716076, "main": 0.283924}
    reach = {node.name: node.customers / 3751 for node in transitions(shop()).nodes}
    assert (round(reach["cart"], 3), round(reach["payment_done"], 3)) == (0.513, 0.174)


def test_what_follows_the_cart() -> None:
    cells = [cell for cell in transition_matrix(shop()).cells if cell.source == "cart" and cell.target != "(end)"]
    going_on = sum(cell.share for cell in cells)
    assert {cell.target: round(cell.share / going_on, 4) for cell in cells} == {
        "delivery_choice": 0.6768,
        "catalog": 0.2292,
        "main": 0.0935,
        "cart": 0.0004,
    }


def test_variants_of_users_add_up() -> None:
    answer = variants(shop(), top=20)
    assert sum(row.journeys for row in answer.variants) == 3751
    assert answer.distinct == len({tuple(shop().sequence(path)) for path in range(3751)})


def test_patterns_in_sessions() -> None:
    log = Sequences.of(sessions())
    found = {tuple(log.names(p.codes)): p.support for p in mine(log, minimum_support=322)}
    assert sorted(Counter(map(len, found)).items()) == [(1, 11), (2, 50), (3, 109), (4, 128), (5, 79), (6, 21), (7, 2)]
    assert found["catalog", "catalog"] == 3408
    assert found["main", "catalog"] == 3319
    assert found["catalog", "cart"] == 2457


def test_patterns_of_users() -> None:
    log = Sequences(shop().step_codes.astype(int), shop().offsets, shop().steps)
    found = {tuple(log.names(p.codes)): p.support for p in mine(log, minimum_support=375, max_length=4)}
    assert sorted(Counter(map(len, found)).items()) == [(1, 11), (2, 53), (3, 130), (4, 183)]
    assert found["catalog", "catalog"] == 2624
    assert found["main", "catalog"] == 2015
    assert found["catalog", "cart"] == 1924
