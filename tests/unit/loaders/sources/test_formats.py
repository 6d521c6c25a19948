"""One thing or two that each of the other sources has to get right, by its documentation."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journeygraph.errors import InputError
from journeygraph_loaders.rows import Row
from tests.unit.loaders.helpers import write
from tests.unit.loaders.sources.samples import FOLDER, content, rows


def sample(name: str) -> list[Row]:
    """The good rows of a sample."""
    return rows(FOLDER / name)[0]


def lines(name: str) -> list[dict[str, Any]]:
    """A sample's JSON Lines."""
    return [json.loads(line) for line in (FOLDER / name).read_text().splitlines()]


def test_a_ga4_day_exported_again_repeats_no_event(tmp_path: Path) -> None:
    first = lines("ga4_events_20260301.jsonl")
    # The later export: one late event more, attribution filled in, and another order.
    late = {**first[2], "batch_event_index": "40", "event_timestamp": "1772356000000000"}
    again = [{**event, "user_ltv": {"revenue": 1.0}, "is_active_user": False} for event in reversed([*first, late])]
    path = write(tmp_path / "again", "".join(json.dumps(event) + "\n" for event in again))
    ids = {row.touchpoint_id for row in sample("ga4_events_20260301.jsonl")}
    ids_again = {row.touchpoint_id for row in rows(path)[0]}
    assert ids < ids_again
    assert len(ids_again - ids) == 1


def test_older_ga4_exports_tell_events_apart_by_their_parameters(tmp_path: Path) -> None:
    old = lines("ga4_events_20260301.jsonl")
    for event in old:
        for name in ("batch_event_index", "batch_page_id", "batch_ordering_id"):
            del event[name]
    path = write(tmp_path / "old", "".join(json.dumps(event) + "\n" for event in [*old, *old]))
    assert len({row.touchpoint_id for row in rows(path)[0]}) == len(old)


def test_ga4_in_parquet_is_ga4_in_json(tmp_path: Path) -> None:
    events = lines("ga4_events_20260301.jsonl")
    pq.write_table(pa.Table.from_pylist(events), tmp_path / "events")
    assert content(rows(tmp_path / "events")[0]) == content(sample("ga4_events_20260301.jsonl"))


def test_ga4_events_whose_parameters_an_export_left_out_are_ga4s(tmp_path: Path) -> None:
    events = lines("ga4_events_20260301.jsonl")
    bare = {**events[0], "batch_event_index": "41"}
    del bare["event_params"]
    path = write(tmp_path / "events", "".join(json.dumps(event) + "\n" for event in [bare, *events]))
    found = rows(path)[0]
    assert len(found) == len(events) + 1
    assert {row.source for row in found} == {"ga4"}
    assert [row.value for row in found if row.value] == [40.04, -10.01]


def test_a_ga4_session_is_the_visitor_and_the_number() -> None:
    found = sample("ga4_events_20260301.jsonl")
    assert {row.session_id for row in found} == {"1234567.1772355600.1772355600", "aabbccdd00112233.1772355600"}
    assert [(row.step, row.value) for row in found if row.value] == [("purchase", 40.04), ("refund", -10.01)]


def days_of(path: Path, **options: Any) -> set[Any]:
    """What the rows of a file have as their day."""
    return {(row.properties or {}).get("p_event_date") for row in rows(path, **options)[0]}


@pytest.mark.parametrize(
    ("place", "days"),
    [
        ("events_20260302", {"20260302"}),
        ("events_intraday_20260302.json", {"20260302"}),
        ("events_20260302/000000000001.json", {"20260302"}),
        ("day.jsonl", {None}),
    ],
)
def test_ga4s_day_is_the_tables_where_the_export_left_it_out(place: str, days: set[Any], tmp_path: Path) -> None:
    events = [
        {name: value for name, value in event.items() if name != "event_date"}
        for event in lines("ga4_events_20260301.jsonl")
    ]
    (tmp_path / place).parent.mkdir(exist_ok=True)
    path = write(tmp_path / place, "".join(json.dumps(event) + "\n" for event in events))
    assert days_of(path) == days
    # What the export says of the day wins over the name, however it is written; the day changes no identity.
    dated = [{**event, "event_date": "2026-03-01"} for event in events]
    both = write(tmp_path / "events_20260302-0", "".join(json.dumps(event) + "\n" for event in dated))
    assert days_of(both) == {"20260301"}
    assert {row.touchpoint_id for row in rows(both)[0]} == {row.touchpoint_id for row in rows(path)[0]}


def test_ga4s_visitors_who_refused_are_nobodys_and_left_out(tmp_path: Path) -> None:
    first = lines("ga4_events_20260301.jsonl")
    refused = {**first[0], "user_pseudo_id": None, "user_id": None, "privacy_info": {"analytics_storage": "No"}}
    unnamed = {**refused, "privacy_info": {"analytics_storage": "Yes"}}
    path = write(tmp_path / "x", "".join(json.dumps(event) + "\n" for event in [first[1], refused, unnamed]))
    found, bad, said = rows(path)
    assert len(found) == 1
    assert [row.reason.split(":")[0] for row in bad] == ["The row names nobody"]
    assert any("1 records of Google Analytics 4" in sentence for sentence in said)


def test_posthog_in_parquet_has_its_objects_as_text(tmp_path: Path) -> None:
    events = lines("posthog_events.jsonl")
    for event in events:
        event["properties"], event["person_properties"] = (
            json.dumps(event["properties"]),
            json.dumps(event["person_properties"]),
        )
    pq.write_table(pa.Table.from_pylist(events), tmp_path / "events")
    assert content(rows(tmp_path / "events")[0]) == content(sample("posthog_events.jsonl"))


def test_posthog_links_visitors_to_customers() -> None:
    links = [(row.anonymous_id, row.known_customer_id) for row in sample("posthog_events.jsonl")]
    assert links == [
        ("018daf00-dev1", None),
        ("018daf00-dev1", None),
        ("018daf00-dev1", "user-42"),
        ("018daf00-dev1", "user-42"),
        ("018daf00-dev2", "user-42"),
        ("018daf00-dev3", None),
    ]


def test_snowplow_takes_the_true_time_before_the_derived() -> None:
    times = {row.touchpoint_id[-2:]: row.occurred_at_us for row in sample("snowplow_enriched.tsv")}
    assert times["01"] == 1_772_359_261_000_000  # derived 10:01:01, not the device's 08:01:00
    assert times["07"] == 1_772_361_000_000_000  # true 10:30:00


def test_a_snowplow_line_with_a_field_too_few_is_a_bad_row(tmp_path: Path) -> None:
    text = (FOLDER / "snowplow_enriched.tsv").read_text().splitlines()
    found, bad, _ = rows(write(tmp_path / "x", "\n".join([text[0], text[1].replace("\t", "", 1), text[2]])))
    assert len(found) == 2
    assert (bad[0].line, bad[0].reason) == (
        2,
        "The line has 130 fields, and an enriched event of Snowplow has 131.",
    )


def test_shopify_refunds_are_what_was_paid_back() -> None:
    found = [row for row in sample("shopify_orders.json") if row.step == "refund"]
    assert [(row.value, row.currency) for row in found] == [(-209.0, "USD")]  # the failed one doesn't count
    alone = sample("shopify_refund_webhook.json")[0]
    assert (alone.known_customer_id, alone.anonymous_id, alone.value) == (None, "shopify-order-450789470", -49.0)


def test_matomo_actions_are_put_on_utc() -> None:
    """The sample's site is an hour ahead of UTC: its first action shows 1772380000 and was at 1772376400."""
    assert sample("matomo_visits.json")[0].occurred_at_us == 1_772_376_400_000_000


def test_matomo_without_its_visits_times_is_refused(tmp_path: Path) -> None:
    visits = json.loads((FOLDER / "matomo_visits.json").read_text())
    for visit in visits:
        del visit["firstActionTimestamp"], visit["lastActionTimestamp"]
    found, bad, _ = rows(write(tmp_path / "x", json.dumps(visits)))
    assert not found
    assert all("says how far it is off UTC" in row.reason for row in bad)


def test_xes_in_a_table_and_in_xml_are_the_same(tmp_path: Path) -> None:
    events = "".join(
        f"<event><string key='concept:name' value='{name}'/><date key='time:timestamp' value='{when}'/>"
        f"<string key='org:resource' value='{who}'/></event>"
        for name, when, who in [
            ("register request", "2010-12-30T11:02:00+01:00", "Pete"),
            ("decide", "2011-01-05T11:22:00+01:00", "Sara"),
        ]
    )
    trace = f"<trace><string key='concept:name' value='1'/><int key='amount' value='1200'/>{events}</trace>"
    found = rows(write(tmp_path / "x", f"<log>{trace}</log>"))[0]
    assert content(found) == content(sample("xes_table.csv")[:2])


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE log [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE log SYSTEM "file:///etc/passwd">',
    ],
)
def test_xml_with_entities_or_a_document_type_is_refused(head: str, tmp_path: Path) -> None:
    path = write(tmp_path / "x", f"<?xml version='1.0'?>{head}<log><trace></trace></log>")
    with pytest.raises(InputError, match="declares a document type or entities"):
        rows(path)


def test_other_xml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is XML and no event log"):
        rows(write(tmp_path / "x", "<?xml version='1.0'?><html></html>"))


def test_broken_xml_costs_what_comes_after(tmp_path: Path) -> None:
    text = (FOLDER / "xes.xes").read_text()
    found, bad, _ = rows(write(tmp_path / "x", text[: text.index("pay compensation")]))
    assert len(found) == 4
    assert bad[-1].reason.startswith("From here on the file cannot be read as XML")


def test_training_receipts_are_told_and_left_out() -> None:
    found, bad, said = rows(FOLDER / "dsfinvk_transactions.csv")
    assert not bad
    assert [(row.step, row.value, row.known_customer_id) for row in found] == [
        ("purchase", 10.5, "C-100"),
        ("purchase", 1234.5, None),
        ("order_at_till", 0.0, "C-100"),
        ("cancel_purchase", -10.5, "C-100"),
        ("abort_purchase", 0.0, None),
    ]
    assert any("1 records of DSFinV-K till receipts are no touchpoints" in sentence for sentence in said)


def test_zendesk_audits_are_what_the_customer_sees() -> None:
    assert [row.step for row in sample("zendesk_audits.json")] == [
        "open_ticket", "ticket_reply", "ticket_solved", "ticket_reply", "ticket_reopened", "ticket_solved",
    ]  # fmt: skip
    tickets, audits = sample("zendesk_tickets.json")[0], sample("zendesk_audits.json")[0]
    assert tickets.touchpoint_id == audits.touchpoint_id
    assert tickets.customer_id == audits.customer_id


def test_zendesk_ticket_events_tell_of_changes_of_status_and_are_the_audits_events() -> None:
    found = sample("zendesk_ticket_event_changes.json")
    assert [(row.step, row.touchpoint_id, row.customer_id) for row in found] == [
        ("open_ticket", "zendesk-ticket-35437-created", "zendesk-user-20978393"),
        ("ticket_solved", "zendesk-event-80", "anonymous:zendesk-ticket-35437"),
        ("ticket_reply", "zendesk-comment-82", "anonymous:zendesk-ticket-35437"),
        ("ticket_reopened", "zendesk-event-90", "anonymous:zendesk-ticket-35437"),
    ]
    assert found[1].occurred_at_us == 1773046800 * 1_000_000


def test_an_opening_that_two_reports_of_mailchimp_tell_of_is_one_touchpoint() -> None:
    activity, details = sample("mailchimp_email_activity.json"), sample("mailchimp_open_details.json")
    assert {row.touchpoint_id for row in activity} & {row.touchpoint_id for row in details} == {
        activity[0].touchpoint_id
    }
    assert [row.step for row in (*sample("mailchimp_unsubscribed.json"), *sample("mailchimp_abuse_reports.json"))] == [
        "mail_unsubscribed", "mail_reported_as_spam",
    ]  # fmt: skip


def test_mails_that_mailchimp_sent_get_the_time_of_their_campaign(tmp_path: Path) -> None:
    common = {"email_id": "a", "open_count": 0, "last_open": None, "absplit_group": "", "campaign_id": "c1"}
    sent = [
        {**common, "email_address": "a@example.com", "status": "sent"},
        {**common, "email_address": "b@example.com", "status": "hard"},
    ]
    path = write(tmp_path / "sent-to.json", json.dumps({"sent_to": sent, "campaign_id": "c1"}))
    _, bad, _ = rows(path)
    assert [row.reason for row in bad] == ["The timestamp is missing."] * 2
    write(tmp_path / "reports.jsonl", json.dumps({"id": "c1", "send_time": "2026-03-15T20:00:00+00:00"}) + "\n")
    mapping = (
        "lookups: {reports: {file: reports.jsonl, key: id}}\n"
        "columns: {occurred_at: {lookup: reports, key: campaign_id, value: send_time}}"
    )
    found, bad, _ = rows(path, mapping=mapping)
    assert not bad
    assert [(row.step, row.occurred_at_us) for row in found] == [
        ("mail_sent", 1773604800 * 1_000_000), ("mail_bounced", 1773604800 * 1_000_000),
    ]  # fmt: skip


def test_a_broken_element_of_an_array_costs_itself(tmp_path: Path) -> None:
    text = (FOLDER / "sendgrid_events.json").read_text().replace('"event": "open"', '"event": open', 1)
    found, bad, _ = rows(write(tmp_path / "x", text))
    assert len(found) == 10
    assert bad[0].line == _line_of(text, '"event": open')
    assert "cannot be read as JSON" in bad[0].reason


def _line_of(text: str, part: str) -> int:
    """The line where the object begins that holds the text."""
    return text[: text.rindex("{", 0, text.index(part))].count("\n") + 1


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_a_compression_bomb_is_refused_and_dense_data_is_not(packing: str, tmp_path: Path) -> None:
    import zstandard

    content = b'{"customer_id": "c", "step": "s", "occurred_at": 1}\n' + b" " * (48 << 20)
    pack = gzip.compress if packing == "gzip" else zstandard.ZstdCompressor().compress
    with pytest.raises(InputError, match="no more than 200 to 1 is read"):
        rows(write(tmp_path / "bomb", pack(content)))


def test_an_unknown_format_says_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'excel' is not known; there are: auto, csv, jsonl, parquet, snowplow, xes"):
        rows(write(tmp_path / "x", "a"), format="excel")


def test_one_record_by_itself_and_the_refunds_of_an_order_are_read(tmp_path: Path) -> None:
    order = json.loads((FOLDER / "shopify_orders.json").read_text())["orders"][0]
    found = rows(write(tmp_path / "one", json.dumps({"order": order})))[0]
    assert [row.step for row in found] == ["purchase", "order_fulfilled", "refund"]
    found = rows(write(tmp_path / "refunds", json.dumps({"refunds": order["refunds"]})))[0]
    assert [row.value for row in found] == [-209.0]
    ticket = json.loads((FOLDER / "zendesk_tickets.json").read_text())["tickets"][0]
    found = rows(write(tmp_path / "ticket", json.dumps({"ticket": ticket}, indent=2)))[0]
    assert [row.step for row in found] == ["open_ticket"]


def test_a_table_that_names_customers_is_no_event_log(tmp_path: Path) -> None:
    text = "case_id,activity,timestamp,customer_id\n7,look,2026-01-01T00:00:00Z,anna\n"
    found, _, said = rows(write(tmp_path / "x", text))
    assert [row.customer_id for row in found] == ["anna"]
    assert not any("read as event_log" in sentence for sentence in said)


def test_shopifys_test_orders_and_their_refunds_are_left_out(tmp_path: Path) -> None:
    order = json.loads((FOLDER / "shopify_orders.json").read_text())["orders"][0]
    refund = json.loads((FOLDER / "shopify_refund_webhook.json").read_text())
    tried = [{**one, "test": True} for one in refund["transactions"]]
    records = [order, {**order, "test": True}, {**refund, "transactions": tried}, {**refund, "transactions": []}]
    found, bad, said = rows(write(tmp_path / "x", "".join(json.dumps(one) + "\n" for one in records)))
    assert not bad
    assert [row.step for row in found] == ["purchase", "order_fulfilled", "refund", "refund"]
    assert any("2 records of Shopify are no touchpoints" in sentence for sentence in said)


def test_snowplow_events_of_warehouses_are_those_of_the_stream(tmp_path: Path) -> None:
    """Snowflake has capitals and a column of each schema, BigQuery times with UTC, both the data without a frame."""
    event = {
        "event_id": "c6ef3124-b53a-4b13-a233-0088f79dcbcb", "event": "unstruct", "event_name": "add_to_cart",
        "collector_tstamp": "2026-03-01 10:00:01.000", "derived_tstamp": "2026-03-01 10:00:00.125",
        "domain_userid": "d1", "platform": "web",
    }  # fmt: skip
    data, column = {"sku": "A1", "price": 2.5, "tags": ["x"]}, "unstruct_event_com_acme_add_to_cart_1"
    framed = {"schema": "iglu:x", "data": {"schema": "iglu:com.acme/add_to_cart/jsonschema/1-0-0", "data": data}}
    versions = [
        {**event, "unstruct_event": json.dumps(framed)},
        {name.upper(): value for name, value in event.items()} | {column.upper(): json.dumps(data)},
        {**event, "derived_tstamp": "2026-03-01 10:00:00.125 UTC", f"{column}_0_0": data, "contexts_x_1": [{"a": 1}]},
    ]
    found = [rows(write(tmp_path / str(n), json.dumps(one) + "\n"))[0] for n, one in enumerate(versions)]
    assert content(found[0]) == content(found[1]) == content(found[2])
    assert found[0][0].properties is not None
    assert found[0][0].properties["p_unstruct_event_price"] == 2.5
    assert found[0][0].occurred_at_us == 1_772_359_200_125_000


def test_what_php_writes_as_false_is_nothing(tmp_path: Path) -> None:
    visits = json.loads((FOLDER / "matomo_visits.json").read_text())
    none = [{**visit, "userId": None, "referrerName": None} for visit in visits]
    false = [{**visit, "userId": False, "referrerName": False} for visit in visits]
    found = [rows(write(tmp_path / str(n), json.dumps(some))) for n, some in enumerate([none, false])]
    assert not found[1][1]
    assert content(found[0][0]) == content(found[1][0])


def test_posthogs_merges_link_as_aliases_do_and_bigquerys_times_are_utc(tmp_path: Path) -> None:
    event = {"uuid": "1", "event": "$merge_dangerously", "distinct_id": "user-42",
             "timestamp": "2026-03-01 10:00:00.5 UTC", "properties": {"alias": "018daf00-dev9"}}  # fmt: skip
    (row,) = rows(write(tmp_path / "x", json.dumps(event) + "\n"))[0]
    assert (row.step, row.known_customer_id, row.anonymous_id) == ("identify", "user-42", "018daf00-dev9")
    assert row.occurred_at_us == 1_772_359_200_500_000


def test_what_the_system_did_at_zendesk_is_nobodys(tmp_path: Path) -> None:
    ticket = json.loads((FOLDER / "zendesk_tickets.json").read_text())["tickets"][0]
    (row,) = rows(write(tmp_path / "x", json.dumps({"tickets": [{**ticket, "id": 7, "requester_id": -1}]})))[0]
    assert (row.known_customer_id, row.anonymous_id) == (None, "zendesk-ticket-7")


def test_xes_with_a_prefix_for_its_namespace_is_the_same(tmp_path: Path) -> None:
    text = (FOLDER / "xes.xes").read_text()
    assert "xmlns" in text
    named = text.replace("xmlns=", "xmlns:xes=").replace("<", "<xes:").replace("<xes:/", "</xes:")
    named = named.replace("<xes:?", "<?").replace("<xes:!", "<!")
    found, bad, said = rows(write(tmp_path / "x", named))
    assert not bad
    assert any("read as xes" in sentence for sentence in said)
    assert content(found) == content(sample("xes.xes"))


def test_a_purchase_in_an_app_is_of_its_product(tmp_path: Path) -> None:
    parameters = [
        {"key": "product_id", "value": {"string_value": "com.example.gold"}},
        {"key": "value", "value": {"double_value": 4.99}},
        {"key": "currency", "value": {"string_value": "EUR"}},
    ]
    event = {**lines("ga4_events_20260301.jsonl")[0], "event_name": "in_app_purchase", "event_params": parameters}
    (row,) = rows(write(tmp_path / "x", json.dumps(event) + "\n"))[0]
    assert (row.step, row.product_id, row.value, row.currency) == ("purchase", "com.example.gold", 4.99, "EUR")
