"""Values in several currencies are never added up."""

from __future__ import annotations

from dataclasses import replace

from journeygraph.journeys.table import JourneyTable
from journeygraph.paths import variants
from journeygraph.paths.routes import routes_to

TABLE = JourneyTable.from_rows(
    {
        "id": f"j{value}",
        "customer_id": f"c{value}",
        "outcome": "converted",
        "value": value,
        "steps": ["view", "purchase"],
        "channels": ["web", "web"],
        "occurred_at_us": [0, 1_000_000],
    }
    for value in (10.0, 20.0)
)


def test_values_of_one_currency_are_added_up() -> None:
    table = replace(TABLE, currencies=("EUR",))
    assert [row.value for row in variants(table).variants] == [30.0]
    assert [route.value for route in routes_to(table, "purchase").routes] == [30.0] * 4


def test_values_of_several_are_left_out_and_weigh_nothing() -> None:
    table = replace(TABLE, currencies=("EUR", "JPY"))
    answer, ways = variants(table), routes_to(table, "purchase")
    assert [row.value for row in answer.variants] == [None]
    assert (answer.currencies, answer.parameters["with_value"]) == (["EUR", "JPY"], False)
    assert {route.best for route in ways.routes} == {"fewest_steps", "fastest", "most_likely"}
    assert {leg.value for route in ways.routes for leg in route.legs} == {None}
    assert {leg.value_share for route in ways.routes for leg in route.legs} == {None}
