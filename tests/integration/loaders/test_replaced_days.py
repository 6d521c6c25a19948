"""A day that is exported again replaces what was loaded of it: what vanished counts nowhere, until it comes again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from journeygraph.errors import InputError
from journeygraph.graph import Graph
from journeygraph.quality import waiting
from journeygraph_loaders.pipeline import LoadResult, load
from journeygraph_loaders.replay import replay
from tests.support import execute

pytestmark = pytest.mark.graph


def event(number: int, date: str, name: str = "page_view") -> dict[str, Any]:
    """An event of GA4's export; `number` its place in the batch."""
    at = 1_772_323_200_000_000 + 86_400_000_000 * (int(date) - 20260301) + number * 1_000_000
    return {
        "event_date": date, "event_timestamp": str(at), "event_name": name, "event_params": [], "items": [],
        "user_pseudo_id": f"v{number % 3}", "stream_id": "1", "platform": "WEB",
        "batch_page_id": "7", "batch_ordering_id": "1", "batch_event_index": str(number),
    }  # fmt: skip


def table(path: Path, *events: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in events))
    return path


def counting(graph: Graph) -> dict[str, list[int]]:
    """What counts: places in the batch by day, of the touchpoints in journeys."""
    rows = execute(
        graph,
        "MATCH (:Customer)-[:HAD]->(:Journey)-[:INCLUDES]->(t:Touchpoint) WITH t ORDER BY t.occurred_at_us "
        "RETURN t.p_event_date AS day, collect(t.occurred_at_us / 1000000 % 86400) AS numbers ORDER BY day",
    )
    return {row["day"]: row["numbers"] for row in rows}


def again(graph: Graph, home: Path, *files: Path) -> LoadResult:
    return load(graph, list(files), home=home, replaces="event_date")


def test_the_last_whole_export_of_a_day_is_what_counts(graph: Graph, tmp_path: Path) -> None:
    first = [event(number, "20260301") for number in range(6)]
    other_day = [event(number, "20260302") for number in range(3)]
    load(
        graph, [table(tmp_path / "events_intraday_20260301", *first), table(tmp_path / "b", *other_day)], home=tmp_path
    )
    # Two vanish, one comes late; the day is in two files.
    final = [*first[:2], *first[4:], event(9, "20260301")]
    files = [table(tmp_path / "events_20260301-0", *final[:2]), table(tmp_path / "events_20260301-1", *final[2:])]
    result = again(graph, tmp_path, *files)
    assert (result.received, result.stored, result.duplicate, result.quarantined) == (5, 1, 4, 0)
    assert (result.replaced, result.returned) == (2, 0)
    assert counting(graph) == {"20260301": [0, 1, 4, 5, 9], "20260302": [0, 1, 2]}
    # The same again changes nothing; the former export again is the former state.
    result = again(graph, tmp_path, *files)
    assert (result.stored, result.replaced, result.returned) == (0, 0, 0)
    result = again(graph, tmp_path, tmp_path / "events_intraday_20260301")
    assert (result.stored, result.replaced, result.returned) == (0, 1, 2)
    assert counting(graph) == {"20260301": [0, 1, 2, 3, 4, 5], "20260302": [0, 1, 2]}
    aside = execute(graph, "MATCH (t:SetAside) RETURN t.set_aside_as AS kind, count(*) AS n")
    assert [(row["kind"], row["n"]) for row in aside] == [("replaced", 1)]


def test_a_daily_table_replaces_the_intraday_one_by_the_names_of_their_files(graph: Graph, tmp_path: Path) -> None:
    events = [{name: value for name, value in event(n, "20260301").items() if name != "event_date"} for n in range(4)]
    intraday = table(tmp_path / "events_intraday_20260301.json", *events)
    assert again(graph, tmp_path, intraday).replaced == 0
    said: list[str] = []
    daily = table(tmp_path / "events_20260301.json", *events[1:], event(9, "20260301"))
    result = load(graph, [daily], home=tmp_path, replaces="event_date", say=said.append)
    assert (result.stored, result.duplicate, result.replaced) == (1, 3, 1)
    assert counting(graph) == {"20260301": [1, 2, 3, 9]}
    # A day that neither the events nor the names say: what has one is replaced, the others are told.
    nameless = [table(tmp_path / "late.json", events[3]), table(tmp_path / "dated.json", event(9, "20260301"))]
    result = load(graph, nameless, home=tmp_path, replaces="event_date", say=said.append)
    assert result.replaced == 2
    assert any("Of 1 row without p_event_date nothing is replaced" in sentence for sentence in said)
    with pytest.raises(InputError, match=r"the name of a file says too \(events_20260301, events_intraday_20260301\)"):
        load(graph, nameless[:1], home=tmp_path, replaces="event_date")


def rows(path: Path, *lines: str) -> Path:
    path.write_text("touchpoint_id,customer_id,step,occurred_at,properties.day\n" + "".join(f"{x}\n" for x in lines))
    return path


def ids(graph: Graph) -> list[str]:
    found = execute(graph, "MATCH (:Journey)-[:INCLUDES]->(t:Touchpoint) RETURN t.touchpoint_id AS id ORDER BY id")
    return [row["id"] for row in found]


SALES = [f"t{number},c1,pay,2026-03-01T10:0{number}:00Z,1" for number in range(4)]
BROKEN = "t2,c1,pay,soon,1"


def test_what_is_set_aside_for_its_newer_version_in_quarantine_comes_back_with_the_replay(
    graph: Graph, tmp_path: Path
) -> None:
    load(graph, [rows(tmp_path / "a.csv", *SALES)], home=tmp_path)
    result = load(graph, [rows(tmp_path / "b.csv", *SALES[:2], BROKEN)], home=tmp_path, replaces="day")
    assert (result.quarantined, result.replaced, ids(graph)) == (1, 2, ["t0", "t1"])
    said: list[str] = []
    [row] = waiting.entries(tmp_path)
    mended = {row.id: {**row.raw, "occurred_at": "2026-03-01T10:02:00Z"}}
    assert replay(graph, tmp_path, corrections=mended, say=said.append).duplicate == 1
    assert said == ["1 row had been set aside by a load with --replaces: counted again."]
    assert ids(graph) == ["t0", "t1", "t2"]


def test_a_replay_brings_nothing_back_that_a_later_export_left_out(graph: Graph, tmp_path: Path) -> None:
    load(graph, [rows(tmp_path / "a.csv", *SALES[:3], BROKEN)], home=tmp_path)
    assert load(graph, [rows(tmp_path / "b.csv", *SALES[:2])], home=tmp_path, replaces="day").replaced == 1
    [row] = waiting.entries(tmp_path)
    mended = {row.id: {**row.raw, "occurred_at": "2026-03-01T10:02:00Z"}}
    assert replay(graph, tmp_path, corrections=mended).duplicate == 1
    assert ids(graph) == ["t0", "t1"]


def test_without_the_option_or_without_the_property_nothing_is_replaced(graph: Graph, tmp_path: Path) -> None:
    load(graph, [table(tmp_path / "a", *(event(number, "20260301") for number in range(3)))], home=tmp_path)
    part = table(tmp_path / "b", event(0, "20260301"))
    assert load(graph, [part], home=tmp_path).replaced == 0
    with pytest.raises(InputError, match=r"No row has the property 'p_day'"):
        load(graph, [part], home=tmp_path, replaces="day")
    assert counting(graph) == {"20260301": [0, 1, 2]}
