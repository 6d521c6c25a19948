"""A run in the graph that goes on from the last: it compares only customers who are new, and finds the same people."""

from __future__ import annotations

import pytest

from journeygraph.graph import Graph
from journeygraph.identity import people
from journeygraph.journeys.settle import settle
from journeygraph.schema import Touchpoint
from journeygraph_loaders import pipeline
from tests.integration.identity.test_merging import at
from tests.support import empty, execute
from tests.unit.identity.people import people as make

pytestmark = pytest.mark.graph


def touchpoints() -> list[Touchpoint]:
    names = {"given": "given_name", "family": "surname", "birthday": "dob"}
    return [
        at(n, row["row_id"], email=row["mail"], properties={told: row[k] for k, told in names.items() if row[k]})
        for n, row in enumerate(make(150, 21, copies=2, damage=0.08))
    ]


def partition(graph: Graph) -> set[frozenset[str]]:
    rows = execute(
        graph,
        "MATCH (c:Customer)<-[:MERGED_INTO*0..]-(self) RETURN c.customer_id AS c, collect(self.customer_id) AS members",
    )
    return {frozenset(row["members"]) for row in rows}


def test_runs_over_increments_find_the_people_of_one_run(graph: Graph) -> None:
    loaded = touchpoints()
    third = len(loaded) // 3
    compared, names = [], set()
    for part in (loaded[: 2 * third], loaded[2 * third : 2 * third + 5], loaded[2 * third + 5 :]):
        pipeline.store(graph, part)
        answer = people.resolve(graph, only_new=True)
        settle(graph)
        compared.append((answer.new_customers, answer.candidate_pairs))
        stay = {row["id"] for row in execute(graph, "MATCH (c:Customer) RETURN c.customer_id AS id")}
        assert names <= stay, "who stood before stands still, under the same id"
        names = stay
    assert [new for new, _ in compared] == [None, 5, len(loaded) - 2 * third - 5]
    assert compared[1][1] < compared[0][1] / 10, "the work is that of the new ones"
    assert people.resolve(graph, only_new=True).candidate_pairs == 0
    found = partition(graph)
    empty(graph)
    pipeline.store(graph, loaded)
    people.resolve(graph)
    settle(graph)
    whole = partition(graph)
    assert len(found & whole) >= 0.97 * len(whole)
