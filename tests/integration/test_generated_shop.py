"""The generated shop, loaded from its files with one call, is the graph that its truth describes."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeygraph.generator import Simulation, simulate, write
from journeygraph.graph import Graph
from journeygraph.journeys.table import CONVERTED, LOST, OPEN, read_table
from journeygraph_loaders import pipeline
from tests.support import execute

pytestmark = pytest.mark.graph


@pytest.fixture
def shop(graph: Graph, tmp_path: Path) -> Simulation:
    """300 customers in the graph, with some unusable rows."""
    simulation = simulate(300, 8)
    written = write(simulation, tmp_path / "shop", bad_rows=0.01)
    result = pipeline.load(graph, [tmp_path / "shop"], home=tmp_path / "home")
    assert result.received == written.rows
    assert result.quarantined == written.rows - len(simulation.touchpoints) > 0
    assert (result.stored, result.duplicate) == (len(simulation.touchpoints), 0)
    return simulation


def test_the_graph_holds_what_the_truth_says(graph: Graph, shop: Simulation) -> None:
    totals, table = shop.truth.totals, read_table(graph)
    assert (table.n_touchpoints, len(table.customer_ids), table.n_paths) == (
        totals.touchpoints,
        totals.customers,
        totals.journeys,
    )
    outcomes = [int((table.outcomes == outcome).sum()) for outcome in (CONVERTED, LOST, OPEN)]
    assert outcomes == [totals.converted, totals.lost, totals.open]
    assert table.values.sum() == pytest.approx(totals.value)
    assert all(table.stages[touchpoint.step] == touchpoint.stage for touchpoint in shop.touchpoints)
    along_a_way = {"drop_off", "silence", "loop", "unreachable"}  # the others span journeys, times or sources
    for item in shop.truth.planted:
        if item.kind not in along_a_way or item.group:
            continue
        way = item.steps[:1] if item.kind == "unreachable" else item.steps
        sequences = [table.sequence(path) for path in range(table.n_paths)]
        assert item.occurrences == sum(
            tuple(steps[at : at + len(way)]) == way for steps in sequences for at in range(len(steps))
        )


def test_devices_lead_to_their_customers_and_shared_ones_do_not(graph: Graph, shop: Simulation) -> None:
    owners = execute(
        graph,
        "MATCH (c:Customer)-[:MADE]->(t:Touchpoint) WHERE t.anonymous_id IS NOT NULL AND t.known_customer_id IS NULL "
        "RETURN t.anonymous_id AS device, collect(DISTINCT c.customer_id) AS customers",
    )
    found = {row["device"]: row["customers"] for row in owners}
    assert len(found) > 200
    for device, customers in found.items():
        assert customers == [shop.truth.devices.get(device, f"anonymous:{device}")]
    assert all(device.anonymous_id in found for device in shop.truth.shared_devices)
