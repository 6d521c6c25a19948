"""Segment: the clock's correction, links between ids, and what a mapping of one's own changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.loaders.helpers import write
from tests.unit.loaders.sources.samples import FOLDER, rows

US = 1_000_000


def test_the_devices_clock_cancels_out() -> None:
    """The sample's device is an hour slow: received 10:01:06.25, sent 09:01:05, called 09:01:00."""
    found, _, _ = rows(FOLDER / "segment.jsonl")
    assert found[0].occurred_at_us == 1_772_359_261_250_000  # 2026-03-01T10:01:01.250Z


def test_identify_and_alias_link_ids_and_group_names_an_account() -> None:
    found, _, _ = rows(FOLDER / "segment.jsonl")
    links = {(row.anonymous_id, row.known_customer_id, row.email, row.phone) for row in found if row.step == "identify"}
    assert links == {
        ("507f191e810c19729de860ea", "97980cfea0067", "peter@example.com", "+15550100"),
        ("39239-239239-239239-23923", "507f191e81", None, None),
    }
    assert [row.belongs_to for row in found if row.step == "join_group"] == [(("account", "0e8c78ea9d97a7b8185e8632"),)]


def test_orders_bring_revenue_and_refunds_take_it() -> None:
    found, _, _ = rows(FOLDER / "segment.jsonl")
    assert [(row.step, row.value, row.currency) for row in found if row.value] == [
        ("purchase", 25.0, "USD"),
        ("refund", -27.5, "USD"),
    ]


def test_a_batch_gives_its_calls_what_stands_around_them() -> None:
    found, _, _ = rows(FOLDER / "segment_batch.json")
    # received 10:21:06.25, sent 09:40:00 (of the batch), called 09:21:00
    assert found[0].occurred_at_us == 1_772_359_326_250_000
    assert {row.channel for row in found} == {"app"}


def test_a_mapping_changes_what_it_names_and_nothing_else() -> None:
    mapping = "steps: [{exact: Product Viewed, step: look}]\ncolumns: {campaign: null}\nsource: shop"
    found, _, _ = rows(FOLDER / "segment.jsonl", mapping=mapping)
    assert [row.step for row in found][:3] == ["view_page", "look", "add_to_cart"]
    assert {row.campaign for row in found} == {None}
    assert {row.source for row in found} == {"shop"}
    assert found[3].customer_id == "97980cfea0067"


def test_a_mapping_of_a_table_is_believed() -> None:
    mapping = "columns: {step: event, occurred_at: receivedAt, customer_id: anonymousId}"
    found, bad, said = rows(FOLDER / "segment.jsonl", mapping=mapping)
    assert {row.source for row in found} == {"file"}
    assert not any("read as segment" in sentence for sentence in said)
    assert bad  # calls that are no track calls have no event


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"type": "tracked"}, 'The type "tracked" is no call that Segment documents: there are track, identify'),
        ({"sentAt": "yesterday"}, 'The sentAt "yesterday" is not ISO 8601 such as'),
        ({"properties": [1]}, "The properties [1] is not a JSON object"),
        ({"anonymousId": None}, "The row names nobody"),
        ({"timestamp": None, "receivedAt": None, "originalTimestamp": None}, "The corrected_timestamp is missing."),
        ({"event": None}, "The step is missing."),
    ],
)
def test_a_bad_call_has_a_sentence(change: dict[str, object], sentence: str, tmp_path: Path) -> None:
    line = json.loads((FOLDER / "segment.jsonl").read_text().split("\n")[1])
    good = json.dumps({**line, "messageId": "other"})
    path = write(tmp_path / "x", f"{good}\n\n{json.dumps({**line, **change})}\n")
    found, bad, _ = rows(path, format="segment")
    assert len(found) == 1
    assert [row.line for row in bad] == [3]
    assert bad[0].reason.startswith(sentence)
    assert bad[0].fields["(format)"] == "segment"
