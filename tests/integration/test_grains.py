"""One file, four grains: counts by hand, and the same figure out of Python, its Cypher, the API and the command line.

The file (tests/data/grains/touchpoints.csv; window 30 days, goal purchase, the data ends on 21 March):

    day      anna              ben               carl              household  account        order
    01-01    view t01                                              h1         acme
    01-01                      view t02                            h1         globex
    01-02    cart t03                                              h1         acme           o1
    01-02                      cart t04                            h1         globex         o2
    01-03    purchase t05 100                                      h1         acme           o1
    01-03                      purchase t06 50                     h1         globex         o2
    01-05    ship t07                                              h1         acme, globex   o1, o2
    01-06                                        view t08          h2         acme
    01-06                                        cart t09          h2         acme           o3
    01-07                                        open_ticket t10   h2         acme           o3
    01-08    view t11                                              h1         acme
    01-09                      open_ticket t12                     h1
    03-20                                        view t13
    03-21    view t14

A journey ends with a purchase, or where more than 30 days pass; all that ended in January are decided.

- customer: anna view>cart>purchase, ship>view, view (open); ben view>cart>purchase, open_ticket;
  carl view>cart>open_ticket, view (open).  7 journeys of 3: 2 converted, 3 lost, 2 open.
- household: h1 view>view>cart>cart>purchase (anna's), purchase (ben's), ship>view>open_ticket;
  h2 view>cart>open_ticket.  4 journeys of 2: 2 converted, 2 lost.  t13 and t14 are in none.
- account: acme view>cart>purchase, ship>view>cart>open_ticket>view; globex view>cart>purchase, ship.
  4 journeys of 2: 2 converted, 2 lost.  t07 counts in both; t12, t13, t14 are in none, 11 are.
- order: o1 cart>purchase, ship; o2 cart>purchase, ship; o3 cart>open_ticket.
  5 journeys of 3: 2 converted, 3 lost.  t03 to t07, t09 and t10 are in one: 7, and 7 are in none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from journeygraph import report
from journeygraph.attribution import attribute, from_table, read_paths, remove
from journeygraph.blueprints import Blueprint, conformance
from journeygraph.blueprints.suggest import suggest
from journeygraph.errors import UsageError
from journeygraph.funnels import funnel
from journeygraph.gaps import analyse
from journeygraph.generator.simulate import simulate
from journeygraph.graph import Connection, Graph
from journeygraph.intent.patterns.found import mine
from journeygraph.journeys.filters import parse
from journeygraph.journeys.table import CONVERTED, LOST, OPEN, read_table
from journeygraph.paths import transitions
from journeygraph.report import earlier, html
from journeygraph.report.check import differences
from journeygraph.schema import BELONGS_TO, JourneyRules, Touchpoint, to_microseconds
from journeygraph.settings import Settings
from journeygraph_cli.main import app
from journeygraph_cli.serve import application
from journeygraph_loaders import pipeline
from tests.integration.test_paths_cypher import LOGS, dump, funnel_rows, same
from tests.integration.test_selected_paths import everything_agrees
from tests.journey_strategies import distinct_touchpoints
from tests.support import ROOT, canonical_graph, empty

pytestmark = pytest.mark.graph
FILE = ROOT / "tests" / "data" / "grains" / "touchpoints.csv"

#: Journeys and owners, and of the journeys how many converted, were lost, are open.
OUTCOMES = {
    "customer": (7, 3, [2, 3, 2]),
    "household": (4, 2, [2, 2, 0]),
    "account": (4, 2, [2, 2, 0]),
    "order": (5, 3, [2, 3, 0]),
}
#: Touchpoints that belong to one, and to none.
BELONGING = {"household": (12, 2), "account": (11, 3), "order": (7, 7)}
#: Counts of the transitions, from what is written out above.
TRANSITIONS = {
    "customer": {
        "(start)>view": 5, "(start)>ship": 1, "(start)>open_ticket": 1, "view>cart": 3, "cart>purchase": 2,
        "purchase>(end)": 2, "ship>view": 1, "view>(end)": 3, "cart>open_ticket": 1, "open_ticket>(end)": 2,
    },
    "household": {
        "(start)>view": 2, "(start)>purchase": 1, "(start)>ship": 1, "view>view": 1, "view>cart": 2, "cart>cart": 1,
        "cart>purchase": 1, "purchase>(end)": 2, "ship>view": 1, "view>open_ticket": 1, "cart>open_ticket": 1,
        "open_ticket>(end)": 2,
    },
    "account": {
        "(start)>view": 2, "(start)>ship": 2, "view>cart": 3, "cart>purchase": 2, "purchase>(end)": 2, "ship>view": 1,
        "cart>open_ticket": 1, "open_ticket>view": 1, "view>(end)": 1, "ship>(end)": 1,
    },
    "order": {
        "(start)>cart": 3, "(start)>ship": 2, "cart>purchase": 2, "purchase>(end)": 2, "ship>(end)": 2,
        "cart>open_ticket": 1, "open_ticket>(end)": 1,
    },
}  # fmt: skip
#: Of all customers (households, ...) how many put into the cart, then bought, then had it shipped.  Ben's order came in
#: anna's parcel, so he saw no shipment, but his order did.
FUNNELS = {"customer": [3, 2, 1], "household": [2, 1, 1], "account": [2, 2, 2], "order": [3, 2, 2]}
GRAINS: Any = pytest.mark.parametrize("grain", OUTCOMES)


@pytest.fixture
def loaded(graph: Graph, tmp_path: Path) -> Graph:
    result = pipeline.load(graph, [FILE], home=tmp_path)
    assert (result.stored, result.quarantined) == (14, 0)
    return graph


@pytest.fixture
def api(loaded: Graph, neo4j_server: Connection, tmp_path: Path) -> Iterator[TestClient]:
    given = Settings(
        NEO4J_URI=neo4j_server.uri,
        NEO4J_USERNAME=neo4j_server.username,
        NEO4J_PASSWORD=neo4j_server.password,
        JOURNEYGRAPH_HOME=tmp_path,
    )
    with TestClient(application(given)) as client:
        yield client


@pytest.fixture
def command(neo4j_server: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in {
        "NEO4J_URI": neo4j_server.uri,
        "NEO4J_USERNAME": neo4j_server.username,
        "NEO4J_PASSWORD": neo4j_server.password,
        "JOURNEYGRAPH_HOME": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> Any:
        result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False, standalone_mode=False)
        return json.loads(result.stdout)

    return run


@GRAINS
def test_outcomes_and_denominators(loaded: Graph, grain: Any) -> None:
    table = read_table(loaded, grain=grain)
    journeys, owners, outcomes = OUTCOMES[grain]
    assert (table.n_paths, len(table.customer_ids), table.by_customer().n_paths) == (journeys, owners, owners)
    assert [int((table.outcomes == code).sum()) for code in (CONVERTED, LOST, OPEN)] == outcomes
    assert table.values.sum() == 150
    everyone = transitions(read_table(loaded, grain=grain, per="customer"))
    assert (everyone.denominator, everyone.counted) == (owners, f"{grain}s")
    if grain == "customer":
        assert table.belonging is None
        return
    assert table.belonging is not None
    touchpoints, left_out = BELONGING[grain]
    assert table.belonging.model_dump(exclude={"cypher", "parameters", "grain"}) == {
        "owners": owners, "touchpoints": touchpoints, "left_out": left_out,
    }  # fmt: skip


@GRAINS
def test_transitions_by_hand_in_python_cypher_api_and_command(
    loaded: Graph, api: TestClient, command: Any, grain: Any
) -> None:
    answer = transitions(read_table(loaded, grain=grain))
    assert {f"{link.source}>{link.target}": link.count for link in answer.links} == TRANSITIONS[grain]
    same(loaded, answer, dump(answer.links, {"level"}))
    expected = answer.model_dump(mode="json")
    assert command("paths", "--grain", grain) == expected
    routed = api.get("/v1/paths", params={"grain": grain}).json()
    assert {key: routed[key] for key in expected if key in routed} == {key: expected[key] for key in routed}


@GRAINS
def test_a_funnel_by_hand_in_python_cypher_api_and_command(
    loaded: Graph, api: TestClient, command: Any, grain: Any
) -> None:
    answer = funnel(read_table(loaded, grain=grain, per="customer"), ["cart", "purchase", "ship"])
    assert [step.count for step in answer.steps] == FUNNELS[grain]
    assert (answer.population, answer.counted) == (OUTCOMES[grain][1], f"{grain}s")
    same(loaded, answer, funnel_rows(answer))
    expected = answer.model_dump(mode="json")
    assert command("funnel", "cart", "purchase", "ship", "--grain", grain) == expected
    asked = [("step", "cart"), ("step", "purchase"), ("step", "ship"), ("grain", grain)]
    assert api.get("/v1/funnels", params=asked).json() == expected


@GRAINS
def test_attribution_by_hand(loaded: Graph, api: TestClient, command: Any, grain: Any) -> None:
    paths = read_paths(loaded, grain=grain)
    answer = attribute(paths, ["last"], resamples=0)
    # The touchpoint before each purchase: anna's cart on the web, ben's in the app, and for the household's second
    # purchase, which the first one cut off from all that came before, nothing.
    credits = {"web": 1.0, "app": 1.0}
    if grain == "household":
        credits = {"app": 1.0, "(none)": 1.0}
    assert {row.channel: row.credit for row in answer.channels if row.credit} == credits
    assert command("attribution", "--grain", grain, "--model", "last", "--resamples", "0")["channels"] == [
        row.model_dump(mode="json") for row in answer.channels
    ]
    routed = api.get("/v1/attribution", params={"grain": grain, "model": "last", "resamples": 0}).json()
    assert routed["channels"] == [row.model_dump(mode="json") for row in answer.channels]
    rows = loaded.run(answer.models[0].cypher, answer.models[0].parameters)  # type: ignore[arg-type]
    assert {row["channel"]: row["credit"] for row in rows if row["credit"]} == credits


def test_a_household_that_nobody_has_and_sessions_are_refused(loaded: Graph, api: TestClient, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Sessions are a customer's; accounts have journeys"):
        read_table(loaded, grain="account", per="session")
    assert api.get("/v1/paths", params={"grain": "tribe"}).status_code == 422
    empty(loaded)
    bare = tmp_path / "bare.csv"
    bare.write_text("customer_id,step,occurred_at\nanna,view,2026-01-01T10:00:00Z\n")
    pipeline.load(loaded, [bare], home=tmp_path)
    with pytest.raises(UsageError, match=r"None of the 1 touchpoints belongs to an account.*account_id"):
        read_table(loaded, grain="account")


def test_late_rows_and_a_second_load_end_in_the_same_graph(loaded: Graph, tmp_path: Path) -> None:
    whole = canonical_graph(loaded)
    again = pipeline.load(loaded, [FILE], home=tmp_path)
    assert (again.stored, again.duplicate) == (0, 14)
    assert canonical_graph(loaded) == whole
    empty(loaded)
    header, *lines = FILE.read_text().splitlines(keepends=True)
    instants: list[datetime] = []
    for number, part in enumerate((lines[7:], lines[:7])):
        file = tmp_path / f"{number}.csv"
        file.write_text(header + "".join(part))
        pipeline.load(loaded, [file], home=tmp_path)
        instants.append(datetime.now(UTC))
    assert canonical_graph(loaded) == whole
    # As of the first load only t08 to t14 were known: of acme's touchpoints t08 to t11, in one journey.
    then = read_table(loaded, grain="account", as_of=instants[0])
    assert (then.ids, then.sequence(0)) == (["account:acme:t08"], ["view", "cart", "open_ticket", "view"])
    same(loaded, transitions(then), dump(transitions(then).links, {"level"}))


def test_conditions_choose_among_the_journeys_of_a_grain(loaded: Graph) -> None:
    # Of the orders, the journeys with a touchpoint of globex: ben's own, and the parcel that held both orders.
    found = read_table(loaded, grain="order", selection=parse(["account_id=globex"]))
    assert found.ids == ["order:o1:t07", "order:o2:t04", "order:o2:t07"]
    found = read_table(loaded, selection=parse(["order_id=o1|o2"], by="order_id"))
    assert (found.ids, found.groups) == (["j:t01", "j:t07", "j:t02"], ["o1", "o2"])
    assert found.group_codes is not None
    assert found.group_codes.tolist() == [0, 0, 1]
    same(loaded, transitions(found), dump(transitions(found).links, {"level"}))


@pytest.fixture
def families(graph: Graph) -> Graph:
    """The shop, its customers by threes in households, every second touchpoint in an order or two."""
    made = [
        touchpoint.model_copy(
            update={
                "household_id": (
                    f"h{int((touchpoint.customer_id or '0')[-3:] if touchpoint.customer_id else 0) // 3}",
                ),
                "order_id": tuple(f"o{(number + k) % 90}" for k in range(number % 3)),
            }
        )
        for number, touchpoint in enumerate(simulate(60, seed=3).touchpoints)
    ]
    pipeline.store(graph, made)
    return graph


@pytest.mark.parametrize("grain", ["household", "order"])
@pytest.mark.parametrize("then", [False, True])
def test_every_analysis_agrees_with_its_cypher(families: Graph, grain: Any, then: bool) -> None:
    as_of = datetime.now(UTC) if then else None
    everything_agrees(families, read_table(families, grain=grain, as_of=as_of, selection=parse([], by="source")))
    selection = parse(["channel=app"], by="channel")
    everything_agrees(families, read_table(families, grain=grain, per="customer", as_of=as_of, selection=selection))
    table = read_table(families, grain=grain, as_of=as_of)
    for pattern in mine(table, minimum_support=5, max_length=2).patterns[:3]:
        row = families.run(pattern.cypher, pattern.parameters)[0]  # type: ignore[arg-type]
        assert row["support"] == pattern.support
    by_campaign = read_paths(families, "campaign", grain=grain, as_of=as_of, selection=parse(["channel=app|web"]))
    for model in (answer := attribute(by_campaign, ["first", "linear"], resamples=0)).models:
        rows = families.run(model.cypher, model.parameters)  # type: ignore[arg-type]
        assert {row["channel"]: pytest.approx(row["credit"]) for row in rows} == {
            row.channel: row.credit for row in answer.channels if row.model == model.name and row.credit
        }
    report = analyse(families, minimum_journeys=5, grain=grain, as_of=as_of, selection=parse(["channel=app|web"]))
    row = families.run(report.cypher, report.parameters)[0]  # type: ignore[arg-type]
    assert row["journeys"] == report.journeys > 0


def in_plain_python(touchpoints: list[Touchpoint], grain: str, rules: JourneyRules) -> list[tuple[str, list[str], str]]:
    """Owner, touchpoints and outcome of each journey of a grain, without a database."""
    end = max(to_microseconds(touchpoint.occurred_at) for touchpoint in touchpoints)
    found = []
    for owner in sorted({name for touchpoint in touchpoints for name in getattr(touchpoint, f"{grain}_id")}):
        own = [touchpoint for touchpoint in touchpoints if owner in getattr(touchpoint, f"{grain}_id")]
        journey: list[Touchpoint] = []
        for touchpoint in sorted(own, key=lambda one: (one.occurred_at, one.touchpoint_id)):
            if journey and (
                journey[-1].step in rules.goals
                or (touchpoint.occurred_at - journey[-1].occurred_at) / timedelta(microseconds=1)
                > rules.journey_window_us
            ):
                found.append((owner, journey))
                journey = []
            journey.append(touchpoint)
        found.append((owner, journey))

    def outcome(journey: list[Touchpoint]) -> str:
        if journey[-1].step in rules.goals:
            return "converted"
        return "lost" if end - to_microseconds(journey[-1].occurred_at) > rules.journey_window_us else "open"

    return [(owner, [one.touchpoint_id for one in journey], outcome(journey)) for owner, journey in found]


OWNERS = st.frozensets(st.sampled_from(["a", "b:1", "b", "1\\"]), max_size=3).map(sorted).map(tuple)


@settings(LOGS, max_examples=15)
@given(distinct_touchpoints, st.lists(st.tuples(OWNERS, OWNERS, OWNERS), min_size=30, max_size=30), st.booleans())
def test_journeys_of_a_grain_are_those_of_plain_python(
    graph: Graph, made: list[Touchpoint], owners: list[tuple[Any, Any, Any]], then: bool
) -> None:
    empty(graph)
    touchpoints = [
        one.model_copy(update=dict(zip((f"{grain}_id" for grain in BELONGS_TO), own, strict=True)))
        for one, own in zip(made, owners, strict=False)
    ]
    pipeline.store(graph, touchpoints)
    as_of = datetime.now(UTC) if then else None
    for grain in BELONGS_TO:
        expected = in_plain_python(touchpoints, grain, JourneyRules())
        rows = list(graph.stream("journeys/table", grain=grain, as_of=as_of))
        assert sorted((row["customer_id"], row["outcome"], tuple(row["steps"])) for row in rows) == sorted(
            (owner, outcome, tuple(next(t.step for t in touchpoints if t.touchpoint_id == name) for name in names))
            for owner, names, outcome in expected
        )
        assert len({row["id"] for row in rows}) == len(rows)


@settings(LOGS, max_examples=15)
@given(distinct_touchpoints, st.booleans())
def test_an_account_of_one_customer_each_is_the_customer(graph: Graph, made: list[Touchpoint], then: bool) -> None:
    empty(graph)
    touchpoints = [
        one.model_copy(update={"customer_id": one.customer_id or "zoe", "account_id": (one.customer_id or "zoe",)})
        for one in made
    ]
    pipeline.store(graph, touchpoints)
    as_of = datetime.now(UTC) if then else None
    ours, theirs = (read_table(graph, grain=grain, as_of=as_of) for grain in ("customer", "account"))  # type: ignore[arg-type]
    assert list(ours.customer_ids) == list(theirs.customer_ids)
    for name in ("customers", "outcomes", "values", "offsets", "step_codes", "channel_codes", "occurred_at_us"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name), err_msg=name)
    assert [journey.removeprefix("j:") for journey in ours.ids] == [journey.split(":", 2)[2] for journey in theirs.ids]


def test_removal_and_tables_know_their_grain(loaded: Graph) -> None:
    found = remove(loaded, read_paths(loaded, grain="account"), "web", resamples=0)
    assert [(row.journey_id, row.customer_id) for row in found.journeys] == [
        ("account:acme:t01", "acme"), ("account:globex:t02", "globex"),
    ]  # fmt: skip
    assert from_table(read_table(loaded, grain="order")).grain == "order"


def test_touchpoints_sent_to_the_api_belong_as_those_of_files(api: TestClient) -> None:
    sent = {"customer_id": "dora", "step": "view", "channel": "web", "occurred_at": "2026-01-09T10:00:00Z"}
    answer = api.post("/v1/touchpoints", json={**sent, "order_id": ["o1", "o9"], "account_id": "acme"})
    assert (answer.status_code, answer.json()["stored"]) == (202, 1)
    # Dora's order is a journey of its own, and hers is the fourth order.
    found = api.get("/v1/paths", params={"grain": "order", "per": "customer"}).json()
    assert (found["denominator"], found["belonging"]["owners"]) == (4, 4)


STEPS = [{"step": "cart", "within": "2d"}, {"step": "purchase", "within": "3d"}]
DECLARED = Blueprint.model_validate({"name": "buy", "stages": [{"stage": "purchase", "steps": STEPS}]})


@pytest.mark.slow
def test_a_report_of_accounts_tells_what_its_cypher_gives(loaded: Graph, tmp_path: Path) -> None:
    own = Settings(JOURNEYGRAPH_HOME=tmp_path / "home")
    for as_of in (None, datetime.now(UTC)):
        found = report.collect(loaded, own, grain="account", as_of=as_of)
        assert list(differences(loaded, found)) == []
        assert found.table("totals").dicts()[0]["customers"] == 2
        assert found.table("belonging").rows == ((2, 11, 3),)
        assert found.intent.answer is None
    page = html.render(found)
    assert "3 belong to no account" in page
    assert "Accounts" in page
    assert "Intent scores are a customer’s" in page
    report.save(found, tmp_path / "of accounts", own)
    before = earlier.read(str(tmp_path / "of accounts"), own.home)
    assert report.collect(loaded, own, grain="account", earlier=before).grain == "account"
    with pytest.raises(UsageError, match=r"is a report of accounts, this one is of customers.*--grain customer"):
        report.collect(loaded, own, earlier=before)


def test_a_declared_journey_of_each_grain_agrees_with_its_cypher(loaded: Graph) -> None:
    for grain in OUTCOMES:
        found = conformance.check(loaded, DECLARED, grain=grain)  # type: ignore[arg-type]
        row = loaded.run(found.cypher, found.parameters)[0]  # type: ignore[arg-type]
        assert (row["cases"], row["customers"], row["perfect"]) == (found.cases, found.customers, found.perfect)
        for one in found.deviations:
            counted = loaded.run(one.cypher, one.parameters)[0]  # type: ignore[arg-type]
            assert (counted["cases"], counted["customers"]) == (one.cases, one.customers)
            listed = loaded.run(one.listed.cypher, one.listed.parameters)  # type: ignore[arg-type]
            assert len({each["customer_id"] for each in listed}) == one.customers
        assert found.cases == sum(OUTCOMES[grain][2][:2])  # those that are over
    # By hand: acme and globex view, cart the next day and buy the day after; what follows does not.
    accounts = conformance.check(loaded, DECLARED, grain="account")
    assert (accounts.grain, accounts.customers, accounts.perfect) == ("account", 2, 2)
    assert suggest(loaded, grain="account").cases == 2
