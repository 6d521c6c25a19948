"""A run in the graph that goes on from the last: it compares only customers who are new, and finds the same people."""

from __future__ import annotations

from random import Random

import pytest

from journeygraph.graph import Graph
from journeygraph.identity import people, unmerge
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


def crowd() -> list[Touchpoint]:
    """People with damaged records, some of whom share a device, a mailbox, a number or an order with others."""
    rng, rows = Random(5), make(110, 22, copies=4, damage=0.12)
    names = {"given": "first_name", "family": "surname", "birthday": "dob", "town": "city"}
    found = []
    for n, row in enumerate(rows):
        told = {name: row[k] for k, name in names.items() if row[k]}
        mobile = row["mobile"] and (f"+44 {row['mobile'][1:]}" if rng.random() < 0.4 else row["mobile"])
        device = f"d{rng.randrange(60)}" if rng.random() < 0.4 else None
        order = (f"o{rng.randrange(40)}",) if rng.random() < 0.2 else ()
        mail = f"shared{rng.randrange(6)}@home.example" if rng.random() < 0.15 else row["mail"]
        given = {"email": mail, "phone": mobile, "order_id": order, "properties": told}
        who = None if device and rng.random() < 0.3 else row["row_id"]
        found.append(at(2 * n, who, device, **given))
        if device:
            found.append(at(2 * n + 1, None, device, email=row["mail"] if rng.random() < 0.2 else None))
    return found


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


def test_a_second_run_over_the_same_data_merges_nobody(graph: Graph) -> None:
    loaded = crowd()
    pipeline.store(graph, loaded)
    first = people.resolve(graph, threshold=0.7)
    settle(graph)
    assert first.merged > 50
    stands = partition(graph)
    for only_new in (False, True, False):
        again = people.resolve(graph, threshold=0.7, only_new=only_new)
        settle(graph)
        assert (again.merged, again.merges, again.customers) == (0, [], first.people)
    assert partition(graph) == stands
    for _ in range(2):
        # What is taken back stays so, and what hangs on it isn't merged in another way.
        undone = next(merge.merge_id for merge in first.merges[len(first.merges) // 2 :] if merge.merge_id)
        first.merges.remove(next(merge for merge in first.merges if merge.merge_id == undone))
        unmerge(graph, undone)
        settle(graph)
        people.resolve(graph, threshold=0.7)
        settle(graph)
        assert people.resolve(graph, threshold=0.7).merged == 0
