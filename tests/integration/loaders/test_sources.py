"""Every source into one graph: the counts add up, order and repetition change nothing, links between ids hold."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from journeygraph.errors import InputError
from journeygraph.graph import Graph
from journeygraph_loaders import documents
from journeygraph_loaders.pipeline import LoadResult, load
from journeygraph_loaders.quarantine import Quarantine
from journeygraph_loaders.replay import replay
from tests.support import canonical_graph, empty
from tests.unit.loaders.helpers import write
from tests.unit.loaders.sources import samples
from tests.unit.loaders.sources.samples import of, rows, written
from tests.unit.loaders.sources.test_every_source import mutated

pytestmark = pytest.mark.graph
SAMPLES = Path(__file__).parents[2] / "data" / "sources"
#: Rows that two samples both have: a ticket, Snowplow's first three events, and an opened mail.
REPEATED = 1 + 3 + 1
#: Those that tell of them again, in other words: of two the first one's stay.
AGAIN = ("zendesk_tickets.json", "snowplow_atomic.csv", "mailchimp_open_details.json")


def counts(result: LoadResult) -> tuple[int, int, int, int]:
    """(received, stored, duplicate, quarantined)."""
    return result.received, result.stored, result.duplicate, result.quarantined


def stored(graph: Graph) -> set[tuple[Any, ...]]:
    """Every touchpoint: whose it is, its id, its step, and when it was."""
    rows = graph.run(
        "MATCH (c:Customer)-[:MADE]->(t:Touchpoint) RETURN c.customer_id AS customer, t.touchpoint_id AS id, "
        "t.step AS step, t.occurred_at_us AS at",
        {},
    )
    return {tuple(row.values()) for row in rows}


def test_all_sources_in_any_order_give_one_graph(graph: Graph, tmp_path: Path) -> None:
    files: Sequence[Path] = sorted(SAMPLES.iterdir())
    first = load(graph, files, home=tmp_path)
    received = first.received
    assert counts(first) == (received, received - REPEATED, REPEATED, 0)
    assert {form.format for form in first.formats} >= {"segment", "ga4", "snowplow", "shopify", "xes", "zendesk"}
    assert counts(load(graph, files, home=tmp_path)) == (received, 0, received, 0)
    before = stored(graph)
    assert len(before) == received - REPEATED
    owners = {row[1]: row[0] for row in before}
    # Agents' replies name nobody: by the ticket they are its requester's.
    assert owners["zendesk-comment-20"] == owners["zendesk-event-50"] == "zendesk-user-20978392"
    assert owners["022bb90c-bbac-11e4-8dfc-aa07a5b09301"] == "97980cfea0067"  # before identify
    assert owners["shopify-refund-509562970"] == "anonymous:shopify-order-450789470"  # came alone
    empty(graph)
    shuffled = list(files)
    random.Random(7).shuffle(shuffled)
    for half in (shuffled[::2], shuffled[1::2]):
        load(graph, half, home=tmp_path)
    assert stored(graph) == before


def test_every_source_split_and_shuffled_over_files_gives_one_graph(graph: Graph, tmp_path: Path) -> None:
    """Each sample's records over three files, in no order, loaded in two halves: the whole graph is the same."""
    whole, parts, mixed = [], [], random.Random(11)
    for name, paths in samples.SAMPLES.items():
        for path in (path for path in paths if path.name not in AGAIN):
            given = of(path)
            whole.append(write(tmp_path / f"whole-{path.name}", written(name, given, "lines")))
            mixed.shuffle(given)
            for number in range(3):
                if some := given[number::3]:
                    form = mixed.choice(["lines", "array", "envelope"])
                    parts.append(write(tmp_path / f"{number}-{path.name}", written(name, some, form)))
    first = load(graph, whole, home=tmp_path)
    expected = canonical_graph(graph)
    empty(graph)
    mixed.shuffle(parts)
    halves = [load(graph, half, home=tmp_path) for half in (parts[::2], parts[1::2])]
    assert sum(half.received for half in halves) == first.received
    assert sum(half.stored for half in halves) == first.stored
    assert canonical_graph(graph) == expected


def test_every_row_of_mutated_files_is_stored_a_duplicate_or_in_quarantine(graph: Graph, tmp_path: Path) -> None:
    """As many as a reading of each file alone finds; of those, only ids that belong to others go to quarantine too."""
    mixed, files, good, bad = random.Random(7), [], 0, 0
    for sample in sorted(SAMPLES.iterdir()):
        for number in range(2):
            path = tmp_path / f"{number}-{sample.name}"
            path.write_bytes(mutated(sample.read_bytes(), mixed))
            try:
                found, wrong, _ = rows(path)
            except InputError:
                continue
            files, good, bad = [*files, path], good + len(found), bad + len(wrong)
    result = load(graph, files, home=tmp_path)
    assert len(files) > 30
    assert bad > 10
    assert result.received == good + bad == result.stored + result.duplicate + result.quarantined
    assert result.quarantined >= bad
    assert len(stored(graph)) == result.stored


def test_a_webhook_is_the_order_that_a_file_brought(graph: Graph, tmp_path: Path) -> None:
    orders = json.loads((SAMPLES / "shopify_orders.json").read_text())["orders"]
    load(graph, [SAMPLES / "shopify_orders.json"], home=tmp_path)
    # The last is what the topic orders/delete brings.
    again = documents.store(graph, tmp_path, [*orders, {"id": 1, "name": "#1"}, {"id": 2}], source="shopify")
    assert counts(again) == (6, 0, 5, 1)
    with Quarantine(tmp_path, "look") as quarantine:
        (entry,) = quarantine.entries()
    assert (entry.file, entry.line) == ("api", 3)
    assert "is neither an order nor a refund of Shopify" in entry.reason


def test_a_bad_row_of_a_source_is_replayed_with_its_sources_mapping(graph: Graph, tmp_path: Path) -> None:
    call = json.loads((SAMPLES / "segment.jsonl").read_text().splitlines()[1])
    path = tmp_path / "calls.jsonl"
    path.write_text(json.dumps({**call, "anonymousId": None, "groupId": "g-1"}) + "\n")
    assert counts(load(graph, [path], home=tmp_path)) == (1, 0, 0, 1)
    mended = tmp_path / "mended.yaml"
    mended.write_text("columns: {anonymous_id: groupId}\n")
    result = replay(graph, tmp_path, mapping=mended)
    assert (result.received, result.stored, result.quarantined) == (1, 1, 0)
    assert {row[:3] for row in stored(graph)} == {("anonymous:g-1", call["messageId"], "view_product")}
