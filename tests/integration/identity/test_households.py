"""Households are found, counted as a grain, and taken back without a trace; nobody is merged."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from journeygraph import identity, journeys
from journeygraph.errors import NotFound
from journeygraph.funnels import funnel
from journeygraph.graph import Graph
from journeygraph.identity import households, people
from journeygraph.journeys import filters
from journeygraph.journeys.settle import settle
from journeygraph.privacy.erase import erase
from journeygraph_loaders import pipeline
from tests.integration.identity.test_merging import at
from tests.support import canonical_graph, execute
from tests.unit.identity.people import families

pytestmark = pytest.mark.graph


def load(graph: Graph) -> tuple[dict[str, str], int]:
    """Families of the generator; whose household each record is, and the number of touchpoints."""
    rows = families(60, 5)
    names = {"given": "given_name", "family": "surname", "birthday": "dob", "street": "street", "town": "city"}
    touchpoints = [
        at(
            n,
            row["row_id"],
            phone=row["mobile"] or None,
            properties={told: row[k] for k, told in names.items() if row[k]},
        )
        for n, row in enumerate(rows)
    ]
    pipeline.store(graph, touchpoints)
    return {row["row_id"]: row["household"] for row in rows}, len(touchpoints)


def test_households_are_found_counted_and_taken_back(graph: Graph, tmp_path: Path) -> None:
    truth, touchpoints = load(graph)
    people.resolve(graph)
    settle(graph)
    before, then = canonical_graph(graph), datetime.now(UTC)
    planned = people.resolve(graph, households=True, dry_run=True)
    assert canonical_graph(graph) == before
    found = people.resolve(graph, households=True)
    assert found.merged == 0, "who lives together stays two people"
    assert planned.households_found == found.households_found
    assert found.households_found is not None
    assert found.households is not None
    assert found.households_found >= 10
    together = [len({truth[one] for one in home.customer_ids}) == 1 for home in found.households]
    assert sum(together) >= 0.95 * len(together)
    assert all(home.confidence >= 0.9 and "address" in home.evidence for home in found.households)
    listed = households.listed(graph)
    assert graph.run(listed.cypher, listed.parameters)
    assert {home.household_id for home in listed.households} == {home.household_id for home in found.households}
    again = people.resolve(graph, households=True)
    assert all(not home.joined for home in again.households or []), "a second run changes nothing"

    home = found.households[0]
    table = journeys.read_table(graph, grain="household")
    assert table.belonging is not None
    assert table.belonging.owners == found.households_found
    assert table.belonging.left_out == touchpoints - table.n_touchpoints
    assert set(table.customer_ids) == {one.household_id for one in found.households}
    own = journeys.read_table(graph, grain="household", selection=filters.parse([f"household_id={home.household_id}"]))
    members = execute(
        graph, "MATCH (c:Customer)-[:MADE]->(t) WHERE c.customer_id IN $ids RETURN count(t) AS n", ids=home.customer_ids
    )
    assert own.n_touchpoints == members[0]["n"]
    answer = funnel(own.by_customer(), ["view"])
    assert graph.run(answer.cypher, answer.parameters)[0]["count"] == answer.denominator == 1
    pipeline.store(graph, [at(9_000, home.customer_ids[0])])
    assert journeys.read_table(graph, grain="household").n_touchpoints == table.n_touchpoints + 1, "later ones as well"
    with pytest.raises(Exception, match="grain"):
        journeys.read_table(graph, grain="household", as_of=then)

    assert home.household_id is not None
    stood = datetime.now(UTC)
    households.leave(graph, home.household_id)
    with pytest.raises(NotFound, match="No household"):
        households.leave(graph, home.household_id)
    now = people.resolve(graph, households=True)
    assert home.customer_ids not in [one.customer_ids for one in now.households or []], "taken back is not found again"
    was = journeys.read_table(graph, grain="household", as_of=stood)
    assert home.household_id in was.customer_ids, "as of when it stood"
    other = found.households[1]
    gone = erase(graph, tmp_path, other.customer_ids[0])
    assert gone.remaining == 0
    left = households.listed(graph, other.household_id).households[0].residents
    assert other.customer_ids[0] not in [one.customer_id for one in left]


def test_households_merges_and_their_undoing_leave_nothing(graph: Graph) -> None:
    load(graph)
    before = canonical_graph(graph)
    found = people.resolve(graph, households=True, threshold=0.8)
    settle(graph)
    first = (found.households or [])[0]
    extra = identity.merge(graph, first.customer_ids[0], first.customer_ids[1])
    settle(graph)
    joined = journeys.read_table(graph, grain="household").n_touchpoints
    identity.unmerge(graph, extra.merge_id, forget=True)
    settle(graph)
    assert journeys.read_table(graph, grain="household").n_touchpoints == joined
    for home in households.listed(graph).households:
        households.leave(graph, home.household_id, forget=True)
    for merge in graph.run(found.cypher, found.parameters):
        identity.unmerge(graph, merge["merge_id"], forget=True)
    settle(graph)
    assert canonical_graph(graph) == before
