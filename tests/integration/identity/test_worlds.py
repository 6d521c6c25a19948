"""Whatever is done to who is who and what counts, in any order: figures are those of a rebuild, and nothing is left.

Small worlds by lot: merges, unmerges, households, rules that set touchpoints aside, touchpoints that are kept, consent,
later rows and rows that come again.  JOURNEYGRAPH_WORLDS says how many worlds there are.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from journeygraph import identity, journeys, set_aside
from journeygraph.errors import NotFound, UsageError
from journeygraph.graph import Graph
from journeygraph.identity import households
from journeygraph.identity.merging import Merged, root
from journeygraph.journeys.settle import settle
from journeygraph.privacy import consent
from journeygraph.schema import Touchpoint
from journeygraph.set_aside import NearDuplicates, Rate, Rules
from journeygraph_loaders import pipeline
from tests.integration.identity.test_merging import START
from tests.support import canonical_graph, empty, execute

pytestmark = pytest.mark.graph

WORLDS = int(os.environ.get("JOURNEYGRAPH_WORLDS", "6"))
CUSTOMERS = ("ann", "bob", "cat", "dan")
FUTURE = datetime.now(UTC) + timedelta(days=1)
WHO = (*CUSTOMERS, "anonymous:x", "anonymous:y")
RULES = (
    Rules(),
    Rules(near=NearDuplicates(seconds=4, prefer=("till",))),
    Rules(near=NearDuplicates(seconds=2), rates=(Rate(name="fast", touchpoints=2, seconds=3),)),
)


@dataclass
class World:
    """A graph, and what was done to it that stands."""

    graph: Graph
    home: Path
    merges: list[Merged] = field(default_factory=list)
    houses: list[str] = field(default_factory=list)
    rules: Rules = RULES[0]
    kept: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)


def touchpoints(drawn: list[tuple[Any, ...]]) -> list[Touchpoint]:
    return [
        Touchpoint(
            touchpoint_id=f"t{number:02}",
            step=step,
            channel="web",
            source=source,
            occurred_at=START + timedelta(seconds=seconds),
            customer_id=customer,
            anonymous_id=visitor,
            value=9.5 if step == "purchase" else None,
            currency="EUR" if step == "purchase" else None,
        )
        for number, (seconds, source, step, (customer, visitor)) in enumerate(drawn)
    ]


def _merge(world: World, one: str, other: str) -> None:
    world.merges.append(identity.merge(world.graph, one, other, evidence="said", confidence=0.9, run="r"))


def _unmerge(world: World, number: int, forget: bool) -> None:
    if world.merges:
        identity.unmerge(world.graph, world.merges.pop(number % len(world.merges)).merge_id, forget=forget)


def _rules(world: World, number: int) -> None:
    world.rules = set_aside.declare(world.graph, RULES[number])


def _keep(world: World, number: int, kept: bool) -> None:
    touchpoint = f"t{number:02}"
    set_aside.keep(world.graph, touchpoint, kept=kept)
    (world.kept.add if kept else world.kept.discard)(touchpoint)


def _say(world: World, who: str, status: consent.Status) -> None:
    consent.note(world.graph, world.home, who, "analytics", status)
    (world.withdrawn.add if status == "withdrawn" else world.withdrawn.discard)(who)


def _house(world: World, one: str, other: str) -> None:
    people = sorted({root(world.graph, who) for who in (one, other)})
    if len(people) < 2:
        raise UsageError("One customer is no household.")
    found = households.FoundHousehold(
        household_id=None, customer_ids=people, joined=[], confidence=0.9, evidence="same house"
    )
    [written] = households.write(world.graph, [found], "r")
    assert written.household_id is not None
    if written.household_id not in world.houses:
        world.houses.append(written.household_id)


def _leave(world: World, number: int, forget: bool) -> None:
    if world.houses:
        households.leave(world.graph, world.houses.pop(number % len(world.houses)), forget=forget)


def _settle(world: World) -> None:
    settle(world.graph)


_who, _number = st.sampled_from(WHO), st.integers(0, 9)
_operation: st.SearchStrategy[tuple[Callable[..., None], tuple[Any, ...]]] = st.one_of(
    st.tuples(st.just(_merge), st.tuples(_who, _who)),
    st.tuples(st.just(_merge), st.tuples(_who, _who)),
    st.tuples(st.just(_unmerge), st.tuples(_number, st.booleans())),
    st.tuples(st.just(_rules), st.tuples(st.integers(0, len(RULES) - 1))),
    st.tuples(st.just(_keep), st.tuples(_number, st.booleans())),
    st.tuples(st.just(_say), st.tuples(st.sampled_from(CUSTOMERS), st.sampled_from(["withdrawn", "granted"]))),
    st.tuples(st.just(_house), st.tuples(st.sampled_from(CUSTOMERS), st.sampled_from(CUSTOMERS))),
    st.tuples(st.just(_leave), st.tuples(_number, st.booleans())),
    st.tuples(st.just(_settle), st.just(())),
)
_touchpoint = st.tuples(
    st.integers(0, 12),
    st.sampled_from(["web", "shop", "till"]),
    st.sampled_from(["view", "purchase"]),
    st.sampled_from(
        [*((who, None) for who in CUSTOMERS), ("ann", "x"), ("bob", "x"), ("cat", "y"), (None, "x"), (None, "y")]
    ),
)


@settings(
    max_examples=WORLDS,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(_touchpoint, min_size=4, max_size=12), st.lists(_operation, min_size=4, max_size=14), _number, _number)
def test_any_order_of_changes_is_a_rebuild_and_leaves_nothing(
    graph: Graph, tmp_path: Path, drawn: list[tuple[Any, ...]], operations: list[Any], late: int, when: int
) -> None:
    rows = touchpoints(drawn)
    first, rest = rows[: max(len(rows) - late, 1)], rows
    empty(graph)
    world = World(graph, tmp_path)
    pipeline.store(graph, first)
    for place, (do, told) in enumerate(operations):
        if place == when:
            pipeline.store(graph, rest)  # the first ones again, and the late ones
        try:
            do(world, *told)
        except (UsageError, NotFound):  # one already, not there (yet), or a visitor who became known
            continue
    pipeline.store(graph, rest)
    settle(graph)
    found = figures(graph)
    assert journeys_of(graph, as_of=FUTURE) == found["journeys"], "what is known now is known as of later"
    lived = residents(graph)
    undo(world)
    left = canonical_graph(graph)

    empty(graph)
    pipeline.store(graph, first)
    again = World(graph, tmp_path)
    house(again, lived)
    postponed = merged_again(again, world.merges)
    pipeline.store(graph, rest)
    house(again, lived)
    assert not merged_again(again, postponed)
    _rules_again(again, world)
    settle(graph)
    assert figures(graph) == found, "as a rebuild with all that stands"

    empty(graph)
    pipeline.store(graph, rest)
    assert canonical_graph(graph) == left, "as if nothing had ever been done"


def journeys_of(graph: Graph, **asked: Any) -> list[tuple[object, ...]]:
    table = journeys.read_table(graph, **asked)
    owners = [table.customer_ids[code] for code in table.customers.tolist()]
    times = [table.occurred_at_us[start:end].tolist() for start, end in pairwise(table.offsets.tolist())]
    return [
        (table.ids[k], owners[k], int(table.outcomes[k]), float(table.values[k]), table.sequence(k), times[k])
        for k in range(table.n_paths)
    ]


def figures(graph: Graph) -> dict[str, object]:
    """Everything that analyses read, by name."""
    return {
        "journeys": journeys_of(graph),
        "sessions": journeys_of(graph, per="session"),
        "households": journeys_of(graph, grain="household") if any(residents(graph).values()) else [],
        "steps": [
            [*row.values()]
            for row in execute(
                graph,
                "MATCH (a:Step)-[l:LEADS_TO]->(b:Step) "
                "RETURN a.name AS a, b.name AS b, l.count AS n, l.customers AS c, l.median_seconds AS s ORDER BY a, b",
            )
        ],
        "set aside": [
            [*row.values()]
            for row in execute(
                graph,
                "MATCH (c)-[:MADE]->(t:SetAside) OPTIONAL MATCH (t)-[:SAME_EVENT_AS]->(same) "
                "RETURN t.touchpoint_id AS t, t.set_aside_as AS kind, c.customer_id AS c, same.touchpoint_id AS s "
                "ORDER BY t",
            )
        ],
        "withdrawn": consent.summary(graph).withdrawn,
        "customers": [
            [*row.values()]
            for row in execute(graph, "MATCH (c:Customer) WHERE (c)-[:MADE]->() RETURN c.customer_id AS id ORDER BY id")
        ],
    }


def residents(graph: Graph) -> dict[str, list[str]]:
    """Households that stand, with the ids that live there."""
    return {
        home.household_id: [one.named for one in home.residents if one.undone_at is None]
        for home in households.listed(graph).households
    }


def house(world: World, lived: dict[str, list[str]]) -> None:
    for household_id, named in lived.items():
        members = [{"customer_id": who, "confidence": 0.9, "evidence": "same house"} for who in named]
        if members:
            world.graph.write(
                "identity/house", household_id=household_id, members=members, run="r", at=datetime.now(UTC)
            )


def merged_again(world: World, merges: list[Merged]) -> list[Merged]:
    """Make the merges that stand; those whose customers aren't there yet."""
    postponed = []
    for one in merges:
        try:
            _merge(world, one.kept, one.merged)
        except NotFound:
            postponed.append(one)
    return postponed


def _rules_again(world: World, as_in: World) -> None:
    world.rules = set_aside.declare(world.graph, as_in.rules)
    for touchpoint in sorted(as_in.kept):
        set_aside.keep(world.graph, touchpoint)
    for who in sorted(as_in.withdrawn):
        _say(world, who, "withdrawn")


def undo(world: World) -> None:
    """Take everything back, and the record of what was taken back before."""
    for merge in world.merges[::2] + world.merges[1::2]:
        identity.unmerge(world.graph, merge.merge_id, forget=True)
    for household_id in world.houses:
        households.leave(world.graph, household_id, forget=True)
    set_aside.declare(world.graph, Rules())
    for touchpoint in world.kept:
        set_aside.keep(world.graph, touchpoint, kept=False)
    for who in sorted(world.withdrawn):
        consent.note(world.graph, world.home, who, "analytics", "granted")
    settle(world.graph)
    execute(world.graph, "MATCH ()-[r:WAS_MERGED_INTO|LIVED_IN]->() DELETE r")
    execute(world.graph, "MATCH (n:Consent|Household) DETACH DELETE n")
    execute(world.graph, "MATCH (c:Configuration {name: 'set aside'}) DELETE c")
