"""Files that have an odd record, or look like another format: what they are read as, and what is said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from journeygraph.errors import InputError
from journeygraph_loaders.mapping import Section
from journeygraph_loaders.sources import open_as
from tests.unit.loaders.helpers import write
from tests.unit.loaders.sources.samples import FOLDER, of, rows


def lines(path: Path, records: Sequence[Any]) -> Path:
    return write(path, "".join(json.dumps(record) + "\n" for record in records))


def test_a_record_that_is_odd_costs_itself_only(tmp_path: Path) -> None:
    call = {
        "type": "track", "event": "Order Completed", "userId": "u", "messageId": "m", "properties": {"revenue": 10},
        "timestamp": "2026-01-01T10:00:00Z",
    }  # fmt: skip
    odd = {"type": "merge", "mergeProperties": [], "messageId": "rm"}
    alone, _, _ = rows(lines(tmp_path / "alone", [call]))
    for number, given in enumerate(([call, odd], [odd, call])):
        found, bad, said = rows(lines(tmp_path / str(number), given))
        assert found == alone
        assert [one.column for one in bad] == ["type"]
        assert any("read as segment" in one and "of the first 2 records 1 are so" in one for one in said)


@pytest.mark.parametrize(
    ("sample", "name"),
    [("cloudevents.jsonl", "specversion"), ("posthog_events.jsonl", "properties"), ("sendgrid_events.json", "email")],
)
def test_a_field_that_one_record_lacks_does_not_make_the_file_anothers(sample: str, name: str, tmp_path: Path) -> None:
    documents = [dict(record.document) for record in of(FOLDER / sample)]
    del documents[1][name]
    opened, source, form = open_as(lines(tmp_path / "odd", documents), "auto", Section())
    opened.close()
    assert source is not None
    assert (source.name, f"records {len(documents) - 1} are so" in form.reason) == (
        sample.partition(".")[0].partition("_")[0],
        True,
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{\n  "id": "c",\n  "visits": [\n    {"step": "view"}\n  ]\n}\n',
            "one JSON document over several lines",
        ),
        ('[{"id": 1, "subject": "Help"}]', "its records are of no known source"),
        ("<log><object-types><object-type name='order'/></object-types><events/></log>", "OCEL is not"),
    ],
)
def test_what_is_of_no_known_source_is_refused_in_one_sentence(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        rows(write(tmp_path / "unknown", text))


def test_lines_whose_first_is_broken_are_lines(tmp_path: Path) -> None:
    good = {"customer_id": "c", "step": "view", "occurred_at": "2026-01-01T10:00:00Z"}
    text = '{"customer_id": "c",\n' + 2 * (json.dumps(good) + "\n")
    found, bad, _ = rows(write(tmp_path / "lines", text))
    assert (len(found), len(bad)) == (2, 1)


def test_an_event_of_xes_has_the_line_where_it_starts(tmp_path: Path) -> None:
    event = '    <event>\n      <string key="concept:name" value="a"/>\n    </event>\n'
    trace = f'  <trace>\n    <string key="concept:name" value="1"/>\n{event}{event}  </trace>\n'
    _, bad, _ = rows(write(tmp_path / "log.xes", f"<log>\n{trace}{trace}</log>\n"))
    assert [one.line for one in bad] == [4, 7, 13, 16]


def test_what_an_event_of_xes_cost_is_no_revenue(tmp_path: Path) -> None:
    event = (
        '<event><string key="concept:name" value="a"/><date key="time:timestamp" value="2026-01-01T10:00:00Z"/>'
        '<float key="cost:total" value="5.5"/></event>'
    )
    trace = f'<trace><string key="concept:name" value="1"/>{event}</trace>'
    [row], _, _ = rows(write(tmp_path / "log.xes", f"<log>{trace}</log>"))
    assert (row.value, (row.properties or {})["p_cost_total"]) == (None, "5.5")


@pytest.mark.parametrize(
    ("event", "properties", "value"),
    [
        ("Order Refunded", {"total": "30.00"}, -30.0),
        ("Order Refunded", {"revenue": 31}, -31.0),
        ("Order Completed", {"revenue": None, "total": 30}, 30.0),
        ("Order Completed", [], None),
        ("Checkout Started", {"revenue": 25}, None),
        ("Order Updated", {"revenue": 25}, None),
        ("Order Cancelled", {"revenue": 25}, None),
    ],
)
def test_calls_of_segment_bring_revenue_only(event: str, properties: Any, value: float | None, tmp_path: Path) -> None:
    call = {
        "type": "track", "event": event, "userId": "u", "messageId": "m", "properties": properties,
        "timestamp": "2026-01-01T10:00:00Z", "sentAt": "",
    }  # fmt: skip
    [row], bad, _ = rows(lines(tmp_path / "calls", [call]))
    assert (row.value, bad) == (value, [])


def posthog(distinct_id: str, **properties: Any) -> dict[str, Any]:
    return {
        "uuid": distinct_id, "event": "order_completed", "distinct_id": distinct_id, "properties": properties,
        "timestamp": "2026-01-01T10:00:00Z",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("distinct_id", "properties", "is_customer"),
    [
        ("user_123", {"$lib": "posthog-python"}, True),
        ("user_123", {"$lib": "posthog-python", "$process_person_profile": False}, False),
        ("0190a1c2-7b3e-7c4d-9e5f-000000000001", {"$lib": "posthog-node"}, False),
        ("6f1c7a52-7b3e-4c4d-9e5f-000000000001", {"$lib": "posthog-node"}, True),
        ("user_123", {"$lib": "web"}, False),
        ("user_123", {"$lib": "posthog-ios"}, False),
        ("user_123", {}, False),
    ],
)
def test_a_server_names_the_customer_to_posthog(
    distinct_id: str, properties: dict[str, Any], is_customer: bool, tmp_path: Path
) -> None:
    [row], _, _ = rows(lines(tmp_path / "events", [posthog(distinct_id, **properties)]))
    assert (row.known_customer_id, row.anonymous_id) == ((distinct_id, None) if is_customer else (None, distinct_id))


def test_what_shopify_did_not_send_or_was_not_bought_is_no_touchpoint(tmp_path: Path) -> None:
    order = {
        "id": 1, "created_at": "2026-01-01T10:00:00Z", "line_items": [], "total_price": "5.00", "currency": "EUR",
        "financial_status": "paid",
        "fulfillments": [
            {"id": number, "created_at": "2026-01-02T10:00:00Z", "status": status}
            for number, status in enumerate(("success", "cancelled", "error", "failure", None))
        ],
        "refunds": [
            {"id": 9, "created_at": "2026-01-03T10:00:00Z", "note": "Anna asked", "refund_line_items": [],
             "transactions": []}
        ],
    }  # fmt: skip
    found, bad, said = rows(lines(tmp_path / "orders", [order, order, {"id": 1}, {"order_edit": {"order_id": 1}}]))
    assert sorted({row.touchpoint_id for row in found}) == [
        f"shopify-{key}" for key in ("fulfillment-0", "fulfillment-4", "order-1", "refund-9")
    ]
    assert not any("Anna" in str(row) for row in found)
    assert bad == []
    assert any("2 records of Shopify are no touchpoints" in one for one in said)


def test_a_refund_of_ga4_without_its_own_value_takes_the_parameters(tmp_path: Path) -> None:
    event = {
        "event_name": "refund", "event_timestamp": "1772356000000000", "user_pseudo_id": "p", "stream_id": "1",
        "event_params": [{"key": "value", "value": {"double_value": 4.0}}],
    }  # fmt: skip
    [row], _, _ = rows(lines(tmp_path / "events", [event]))
    assert row.value == -4.0


def test_a_number_that_is_no_epoch_is_told(tmp_path: Path) -> None:
    head = "customer_id,step,occurred_at\n"
    found, _, said = rows(write(tmp_path / "sheet.csv", f"{head}c,view,1767225600\nc,buy,45384.34789\n"))
    assert len(found) == 2
    assert any("line 3 is read as 1970-01-01T12:36:24.347890+00:00" in one for one in said)
    _, _, said = rows(write(tmp_path / "good.csv", f"{head}c,view,1767225600\nc,buy,2026-02-01 10:00:00 UTC\n"))
    assert not any("is read as 19" in one for one in said)


def test_the_delimiter_that_excel_declares_is_no_header(tmp_path: Path) -> None:
    head = "sep=;\ncustomer_id;step;occurred_at\n"
    found, bad, _ = rows(write(tmp_path / "excel.csv", f"{head}c;a,b;2026-01-01T10:00Z\nc;a,b;never\n"))
    assert [(row.customer_id, row.step) for row in found] == [("c", "a,b")]
    assert [one.line for one in bad] == [4]
