"""Segments: who is in them, since when, and every analysis of their journeys; counts by hand on the four-grain file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from journeygraph import segments
from journeygraph.attribution import attribute, read_paths
from journeygraph.errors import UsageError
from journeygraph.funnels import funnel
from journeygraph.gaps import analyse
from journeygraph.generator.simulate import simulate
from journeygraph.graph import Connection, Graph
from journeygraph.journeys.filters import parse
from journeygraph.journeys.table import read_table
from journeygraph.paths import transitions
from journeygraph.segments import Definition
from journeygraph.settings import Settings
from journeygraph_cli.serve import application
from journeygraph_loaders import pipeline
from tests.integration.test_grains import FILE
from tests.integration.test_paths_cypher import dump, funnel_rows, same
from tests.integration.test_selected_paths import everything_agrees

pytestmark = pytest.mark.graph

#: ben alone used the app; ben and carl opened a ticket; of the list only anna is known.
HELPED = Definition(name="helped", where=("step=open_ticket",))
LISTED = Definition(name="v|p", customers=("anna", "nobody"))


@pytest.fixture
def loaded(graph: Graph, tmp_path: Path) -> Graph:
    pipeline.load(graph, [FILE], home=tmp_path)
    return graph


def test_members_by_rule_and_by_list(loaded: Graph) -> None:
    found = segments.define(loaded, [HELPED, LISTED])
    assert [(one.name, one.kind, one.size, one.definition) for one in found.segments] == [
        ("helped", "rule", 2, {"where": ["step=open_ticket"]}),
        ("v|p", "list", 1, {"listed": 2}),
    ]
    assert [member.customer_id for member in segments.members(loaded, "helped").members] == ["ben", "carl"]
    quality = found.segments[0].quality
    assert quality is not None
    # ben converted, carl did not; anna, who is all the others, did: nothing that two against one could show.
    assert (quality.decided, quality.converted, quality.others_decided, quality.others_converted) == (2, 1, 1, 1)
    assert quality.over_segmented
    for one in found.segments:
        assert len(loaded.run(one.cypher, one.parameters)) == one.size  # type: ignore[arg-type]


def test_analyses_of_a_segment(loaded: Graph) -> None:
    segments.define(loaded, [HELPED, LISTED])
    # ben: view>cart>purchase, open_ticket; carl: view>cart>open_ticket, view.
    table = read_table(loaded, selection=parse([], segment="helped"))
    assert table.ids == ["j:t02", "j:t12", "j:t08", "j:t13"]
    answer = transitions(table)
    same(loaded, answer, dump(answer.links, {"level"}))
    counted = funnel(read_table(loaded, per="customer", selection=parse([], segment="helped")), ["cart", "purchase"])
    assert [step.count for step in counted.steps] == [2, 1]
    same(loaded, counted, funnel_rows(counted))
    assert read_table(loaded, selection=parse(["segment!=helped"])).customer_ids == ["anna"]
    # Of the orders those that anna had a part in: her own, and her parcel with ben's.
    of_orders = read_table(loaded, grain="order", selection=parse([], segment="v|p"))
    assert of_orders.ids == ["order:o1:t03", "order:o1:t07", "order:o2:t07"]
    # In the order of the customers anna, ben, carl: nobody's, ben is helped, carl as well.
    by = read_table(loaded, per="customer", selection=parse(["segment=helped|v\\|p"], by="segment"))
    assert by.group_codes is not None
    assert [by.groups[code] for code in by.group_codes] == ["v|p", "helped", "helped"]
    assert attribute(read_paths(loaded, selection=parse([], segment="v|p")), ["last"], resamples=0).conversions == 1
    report = analyse(loaded, minimum_journeys=2, selection=parse([], segment="helped"))
    assert (report.journeys, report.converted, report.selection) == (4, 1, "segment=helped")
    assert loaded.run(report.cypher, report.parameters)[0]["journeys"] == 4  # type: ignore[arg-type]


def test_an_unknown_segment_names_those_that_there_are(loaded: Graph) -> None:
    with pytest.raises(UsageError, match="none is defined yet"):
        read_table(loaded, selection=parse([], segment="helper"))
    segments.define(loaded, [HELPED, LISTED])
    with pytest.raises(
        UsageError, match=r"There is no segment 'helper'; there are helped, v\|p. Did you mean 'helped'"
    ):
        read_table(loaded, selection=parse([], segment="helper"))
    with pytest.raises(UsageError, match="Did you mean"):
        segments.build(loaded, ["helped "])
    with pytest.raises(UsageError, match="There is no segment 'lost'"):
        segments.define(loaded, [Definition(name="new", where=("segment=lost",))])


def test_memberships_have_a_past(loaded: Graph, tmp_path: Path) -> None:
    before = datetime.now(UTC)
    segments.define(loaded, [HELPED])
    built = datetime.now(UTC)
    late = tmp_path / "late.csv"
    late.write_text("customer_id,step,occurred_at\nanna,open_ticket,2026-03-21T11:00:00Z\n")
    pipeline.load(loaded, [late], home=tmp_path)
    assert segments.members(loaded, "helped").size == 2  # until it is built again
    assert segments.build(loaded).segments[0].size == 3
    segments.define(loaded, [Definition(name="helped", customers=("anna", "carl"))])
    changed = datetime.now(UTC)

    def ids(as_of: datetime | None) -> list[str]:
        return [member.customer_id for member in segments.members(loaded, "helped", as_of=as_of).members]

    assert (ids(before), ids(built), ids(changed), ids(None)) == (
        [],
        ["ben", "carl"],
        ["anna", "carl"],
        ["anna", "carl"],
    )
    # Journeys as of that instant, of those who were in it then.
    then = read_table(loaded, as_of=built, selection=parse([], segment="helped"))
    assert then.ids == ["j:t02", "j:t12", "j:t08", "j:t13"]
    same(loaded, transitions(then), dump(transitions(then).links, {"level"}))
    # carl was in it all along: his membership is one.
    since = {member.customer_id: member.since for member in segments.members(loaded, "helped").members}
    assert since["carl"] is not None
    assert since["carl"] < built
    # By the definition of now, of those known then: anna and carl are on the list.
    look = segments.build(loaded, as_of=built).segments[0]
    assert (look.size, look.share, look.built_at) == (2, 2 / 3, None)
    assert len(loaded.run(look.cypher, look.parameters)) == 2  # type: ignore[arg-type]


def test_who_a_visitor_was_is_not_known_before_it_is(loaded: Graph, tmp_path: Path) -> None:
    visit, login = tmp_path / "visit.csv", tmp_path / "login.csv"
    visit.write_text("anonymous_id,step,occurred_at\nphone,view,2026-03-22T11:00:00Z\n")
    login.write_text("anonymous_id,customer_id,step,occurred_at\nphone,anna,login,2026-03-22T12:00:00Z\n")
    pipeline.load(loaded, [visit], home=tmp_path)
    segments.define(loaded, [LISTED])
    before = datetime.now(UTC)
    asked = parse([], segment="v|p")
    first = read_table(loaded, as_of=before, selection=asked).ids
    assert first == read_table(loaded, selection=asked).ids
    pipeline.load(loaded, [login], home=tmp_path)
    assert read_table(loaded, as_of=before, selection=asked).ids == first
    assert read_table(loaded, selection=asked).n_touchpoints == 2 + sum(
        read_table(loaded, as_of=before, selection=asked).lengths
    )


def test_every_analysis_of_a_segment_agrees_with_its_cypher(graph: Graph) -> None:
    pipeline.store(graph, simulate(60, seed=3).touchpoints)
    segments.define(graph, [Definition(name="app lovers", where=("channel=app",))])
    selection = parse([], by="segment", segment="app lovers")
    for as_of in (None, datetime.now(UTC)):
        everything_agrees(graph, read_table(graph, as_of=as_of, selection=selection))
        everything_agrees(graph, read_table(graph, per="session", as_of=as_of, selection=selection))


def test_routes(loaded: Graph, neo4j_server: Connection, tmp_path: Path) -> None:
    given = Settings(
        NEO4J_URI=neo4j_server.uri,
        NEO4J_USERNAME=neo4j_server.username,
        NEO4J_PASSWORD=neo4j_server.password,
        JOURNEYGRAPH_HOME=tmp_path,
    )
    with TestClient(application(given)) as api:
        assert api.get("/v1/paths").json()["denominator"] == 7
        segments.define(loaded, [HELPED])
        assert api.get("/v1/paths", params={"segment": "helped"}).json()["denominator"] == 4
        # What was kept for the members before is not given again.
        segments.define(loaded, [Definition(name="helped", customers=("anna",))])
        assert api.get("/v1/paths", params={"segment": "helped"}).json()["denominator"] == 3
        listed = api.get("/v1/segments").json()["segments"]
        assert [(one["name"], one["size"]) for one in listed] == [("helped", 1)]
        page = api.get("/v1/segments/helped/members", params={"limit": 1}).json()
        assert [member["customer_id"] for member in page["members"]] == ["anna"]
        assert api.get("/v1/segments/nothing/members").status_code == 404
        assert api.get("/v1/gaps", params={"segment": "nothing"}).status_code == 422
