"""Merges in a real graph: each carries its evidence, and undoing it leaves nothing behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeygraph import identity
from journeygraph.errors import NotFound, UsageError
from journeygraph.graph import Graph
from journeygraph.identity import people
from journeygraph.identity.blocked import parse
from journeygraph.journeys.timeline import timeline
from journeygraph.schema import Touchpoint
from journeygraph_loaders import pipeline
from tests.support import canonical_graph, empty, execute

pytestmark = pytest.mark.graph
START = datetime(2026, 1, 1, tzinfo=UTC)


def at(minutes: int, customer_id: str | None = None, anonymous_id: str | None = None, **given: Any) -> Touchpoint:
    """A visit to the shop."""
    return Touchpoint(
        touchpoint_id=f"t{minutes}",
        step="view",
        channel="web",
        source="shop",
        occurred_at=START + timedelta(minutes=minutes),
        customer_id=customer_id,
        anonymous_id=anonymous_id,
        **given,
    )


def ids(graph: Graph, customer_id: str, **given: Any) -> list[str]:
    journeys = timeline(graph, customer_id, **given).journeys
    return [touchpoint.touchpoint_id for journey in journeys for touchpoint in journey.touchpoints]


_visits = st.lists(
    st.tuples(st.sampled_from(["ann", "bob", "cat", None]), st.sampled_from(["x", "y", None])).filter(any),
    min_size=3,
    max_size=12,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_visits, st.integers(0, 1_000), st.booleans())
def test_merging_and_unmerging_in_any_order_is_nothing(
    graph: Graph, visits: list[tuple[str | None, str | None]], seed: int, late: bool
) -> None:
    """Whatever is merged, and whatever is loaded meanwhile, the graph is in the end as if nothing had been merged."""
    empty(graph)
    rng = Random(seed)
    touchpoints = [at(number, customer, visitor) for number, (customer, visitor) in enumerate(visits)]
    pipeline.store(graph, touchpoints)
    before = canonical_graph(graph)
    customers = [row["id"] for row in execute(graph, "MATCH (c:Customer) RETURN c.customer_id AS id ORDER BY id")]
    made = []
    for _ in range(2):
        keep, absorb = rng.choice(customers), rng.choice(customers)
        try:
            made.append(identity.merge(graph, keep, absorb).merge_id)
        except (UsageError, NotFound):  # one already, or a visitor who became known
            continue
        pipeline.finish(graph)
    if late:
        touchpoints.append(at(100, rng.choice(["ann", "bob"]), "x"))
        pipeline.store(graph, touchpoints[-1:])
    for merge_id in rng.sample(made, len(made)):
        identity.unmerge(graph, merge_id, forget=True)
        pipeline.finish(graph)
    after = canonical_graph(graph)
    if late:
        empty(graph)
        pipeline.store(graph, touchpoints)
        before = canonical_graph(graph)
    assert after == before


def test_a_merge_says_why_and_answers_as_of_before_it_stay(graph: Graph) -> None:
    pipeline.store(graph, [at(1, "ann", "x"), at(2, "bob", "x"), at(3, None, "x"), at(4, "bob")])
    then = datetime.now(UTC)
    assert ids(graph, "anonymous:x") == ["t3"], "a device of two customers"
    made = identity.merge(graph, "ann", "bob", evidence="they said so", confidence=0.8)
    pipeline.finish(graph)
    assert (made.kept, made.merged, made.touchpoints_moved) == ("ann", "bob", 2)
    assert ids(graph, "ann") == ids(graph, "bob") == ["t1", "t2", "t3", "t4"], "a device of one, and the id leads on"
    assert [ids(graph, who, as_of=then) for who in ("ann", "bob")] == [["t1"], ["t2", "t4"]]
    merged = datetime.now(UTC)
    assert ids(graph, "ann", as_of=merged) == ["t1", "t2", "t3", "t4"]
    for name in ("journeys/table", "journeys/sessions"):
        assert len(graph.read(name, as_of=then)) == 3
        assert len(graph.read(name, as_of=merged)) == len(graph.read(name)) == 1
    explained = identity.explain(graph, "bob")
    [merge] = explained.merges
    assert (merge.kept, merge.merged, merge.evidence, merge.confidence) == ("ann", "bob", "they said so", 0.8)
    assert graph.run(made.cypher, made.parameters)[0]["merge_id"] == merge.merge_id == made.merge_id
    [alias] = [one for one in explained.identifiers if one.kind == "customer_id"]
    assert (alias.value, alias.evidence, alias.confidence) == ("bob", "they said so", 0.8)
    pipeline.store(graph, [at(5, "bob")])
    assert ids(graph, "ann") == ["t1", "t2", "t3", "t4", "t5"], "later rows of the merged id follow it"
    identity.unmerge(graph, made.merge_id)
    pipeline.finish(graph)
    assert [ids(graph, who) for who in ("ann", "bob", "anonymous:x")] == [["t1"], ["t2", "t4", "t5"], ["t3"]]
    assert ids(graph, "ann", as_of=merged) == ["t1", "t2", "t3", "t4"], "as it was known then"
    assert identity.explain(graph, "ann").merges[0].undone_at is not None
    with pytest.raises(NotFound, match="No merge"):
        identity.unmerge(graph, made.merge_id)
    with pytest.raises(UsageError, match="one customer already"):
        identity.merge(graph, "ann", "ann")


def test_rules_merge_what_they_may(graph: Graph) -> None:
    pipeline.store(
        graph,
        [
            at(1, "ann", email="ann@home.example", properties={"first_name": "Ann"}),
            at(2, "ann-2", email="ann@home.example", properties={"first_name": "Ann"}),
            at(3, None, "phone-1", email="ann@home.example"),
            at(4, "dan", phone="0301234567", properties={"first_name": "Daniel"}),
            at(5, "eva", phone="0301234567", properties={"first_name": "Eva"}),
            at(6, "old", "tablet"),
            at(7, "new", "old"),
            *(at(10 + n, f"k{n}", email="kiosk@shop.example") for n in range(5)),
            *(at(20 + n, f"t{n}", email="test@test.com") for n in range(2)),
            at(30, "o1", order_id="A-1"),
            at(31, "o2", order_id="A-1"),
        ],
    )
    planned = people.resolve(graph, dry_run=True)
    assert (planned.merged, planned.cypher, planned.parameters) == (4, "", {}), "no query finds what was not done"
    assert execute(graph, "MATCH (m:MergedCustomer) RETURN m") == []
    answer = people.resolve(graph, blocked=parse([]))
    pipeline.finish(graph)
    made = {(one.kept, one.merged, one.evidence) for one in answer.merges}
    assert made == {(one.kept, one.merged, one.evidence) for one in planned.merges}
    assert made == {
        ("ann", "ann-2", "same email"),
        ("ann", "anonymous:phone-1", "same email"),
        ("old", "new", "same alias"),
        ("o1", "o2", "same order"),
    }
    assert {(one.value, one.why) for one in answer.shared} == {
        ("kiosk@shop.example", "shared by more than 3"),
        ("test@test.com", "blocked"),
    }
    assert [(one.customer_id, one.other) for one in answer.bridges] == [("dan", "eva")]
    assert len(graph.run(answer.cypher, answer.parameters)) == answer.merged == 4
    assert ids(graph, "ann") == ["t1", "t2", "t3"]
    again = people.resolve(graph)
    assert again.merged == 0, "who is merged stays merged, under the same id"
    undone = next(one.merge_id for one in answer.merges if one.merged == "ann-2")
    assert undone is not None
    identity.unmerge(graph, undone)
    pipeline.finish(graph)
    assert people.resolve(graph).merged == 0, "what was taken back is not merged again"
    pipeline.store(graph, [at(40, "ann-3", email="ann@home.example")])
    assert [(one.kept, one.merged) for one in people.resolve(graph).merges] == [("ann", "ann-3")]


def test_placeholders_and_numbers_of_two_countries_merge_nobody(graph: Graph) -> None:
    values: list[tuple[str, list[str]]] = [
        ("order_id", ["-", "0", "n/a", "XXX", "unknown"]),
        ("email", ["noemail@firm.example", "noemail@example.com", "info@firm.example", "none@none.com"]),
        ("phone", ["0000000", "unknown"]),
    ]
    strangers = [{kind: value} for kind, several in values for value in several for _ in range(2)]
    numbers = ["+49 30 79460958", "+44 20 7946 0958", "030 79460958", "+43 1 55501772", "01 55501772"]
    given = [*strangers, *({"phone": number} for number in numbers)]
    pipeline.store(graph, [at(n, f"c{n:02}", **one) for n, one in enumerate(given)])
    answer = people.resolve(graph, dry_run=True)
    # 030 79460958 may be either of two, 01 55501772 only one.
    assert [(one.kept, one.merged) for one in answer.merges] == [(f"c{len(given) - 2}", f"c{len(given) - 1}")]
    assert {(one.kind, one.value) for one in answer.shared} >= {("order", "n/a"), ("email", "info@firm.example")}
    assert {one.why for one in answer.shared} == {"blocked"}
    less = people.resolve(graph, dry_run=True, blocked=parse(["phone: 01 55501772", "order: z"]))
    assert less.merged == 0


def test_probability_merges_people_whose_data_agree(graph: Graph) -> None:
    from tests.unit.identity.people import people as make

    rows = make(80, 11, copies=2, damage=0.1)
    for row in rows:
        row["properties"] = {
            name: value
            for name, value in (("given_name", row["given"]), ("surname", row["family"]), ("dob", row["birthday"]))
            if value is not None
        }
    pipeline.store(graph, [at(n, row["row_id"], properties=row["properties"]) for n, row in enumerate(rows)])
    person = {row["row_id"]: row["person"] for row in rows}
    answer = people.resolve(graph)
    assert answer.columns == {"given_name": "first_name", "surname": "surname", "dob": "dob"}
    right = [person[one.kept] == person[one.merged] for one in answer.merges]
    twice = len(rows) - len(set(person.values()))
    assert sum(right) >= 0.6 * twice
    assert sum(right) >= 0.95 * len(right)
    assert all(one.method == "probability" and one.confidence >= 0.9 for one in answer.merges)
