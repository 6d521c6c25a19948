"""Snowplow: the enriched stream (TSV, 131 fields, no header), and the atomic table with its column names.

Documented in "Enriched stream TSV file format" (order of the fields) and "Snowplow atomic event properties".

- When: `true_tstamp`, which the source itself gave; else `derived_tstamp`, where the device's clock is corrected; else
  `collector_tstamp`.  All are UTC.  The column is `happened_tstamp`.
- What: the name of a self-describing event, the action of a structured one, else `event` (`page_view`, `page_ping`,
  `transaction`, `transaction_item`, ...).  The column is `step`.
- Contexts are not taken; of a self-describing event its own data are (`unstruct_event.<field>`), which warehouses have
  in a column of each schema (`unstruct_event_com_acme_add_to_cart_1`).  Names in capitals, as Snowflake has them, and
  BigQuery's times with "UTC" are read as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from journeygraph_loaders.chunks import BadRow
from journeygraph_loaders.files import Opened
from journeygraph_loaders.jsonl_file import MAX_LINE_BYTES
from journeygraph_loaders.sources.base import Document, Flat, Record, Refused, Sample, Source, part, present, zoned

_HEADER: Final = """
app_id platform etl_tstamp collector_tstamp dvce_created_tstamp event event_id txn_id name_tracker v_tracker
v_collector v_etl user_id user_ipaddress user_fingerprint domain_userid domain_sessionidx network_userid geo_country
geo_region geo_city geo_zipcode geo_latitude geo_longitude geo_region_name ip_isp ip_organization ip_domain
ip_netspeed page_url page_title page_referrer page_urlscheme page_urlhost page_urlport page_urlpath page_urlquery
page_urlfragment refr_urlscheme refr_urlhost refr_urlport refr_urlpath refr_urlquery refr_urlfragment refr_medium
refr_source refr_term mkt_medium mkt_source mkt_term mkt_content mkt_campaign contexts se_category se_action se_label
se_property se_value unstruct_event tr_orderid tr_affiliation tr_total tr_tax tr_shipping tr_city tr_state tr_country
ti_orderid ti_sku ti_name ti_category ti_price ti_quantity pp_xoffset_min pp_xoffset_max pp_yoffset_min pp_yoffset_max
useragent br_name br_family br_version br_type br_renderengine br_lang br_features_pdf br_features_flash
br_features_java br_features_director br_features_quicktime br_features_realplayer br_features_windowsmedia
br_features_gears br_features_silverlight br_cookies br_colordepth br_viewwidth br_viewheight os_name os_family
os_manufacturer os_timezone dvce_type dvce_ismobile dvce_screenwidth dvce_screenheight doc_charset doc_width
doc_height tr_currency tr_total_base tr_tax_base tr_shipping_base ti_currency ti_price_base base_currency geo_timezone
mkt_clickid mkt_network etl_tags dvce_sent_tstamp refr_domain_userid refr_device_tstamp derived_contexts
domain_sessionid derived_tstamp event_vendor event_name event_format event_version event_fingerprint true_tstamp
"""
_SCALARS: Final = (str, int, float, bool)
FIELDS: Final = tuple(_HEADER.split())
_KEPT: Final = (
    "app_id", "platform", "event_id", "user_id", "domain_userid", "domain_sessionid", "geo_country", "page_title",
    "page_urlhost", "page_urlpath", "refr_medium", "refr_source", "mkt_medium", "mkt_source", "mkt_campaign",
    "se_category", "se_label", "se_property", "se_value", "tr_total", "tr_currency", "ti_sku", "ti_name",
    "ti_category", "ti_price", "ti_quantity", "dvce_type",
)  # fmt: skip


def recognise(sample: Sample) -> str | None:
    """Why this is Snowplow's, or None."""
    if sample.format == "csv":
        first = sample.text.split("\n", 1)[0].rstrip("\r").split("\t")
        if len(first) == len(FIELDS) and first[0] != FIELDS[0] and len(first[FIELDS.index("event_id")]) == 36:
            return f"its first line has the {len(FIELDS)} fields of an enriched event, and no header"
    if {"collector_tstamp", "event_id", "event"} <= {name.lower() for name in sample.columns}:
        return "every record has event_id, event and collector_tstamp, as Snowplow's atomic events have"
    return None


def read(opened: Opened) -> Iterator[Record | BadRow] | None:
    """The events of a TSV file without a header; None for any other file, which has names."""
    first = opened.sample.split(b"\n", 1)[0].rstrip(b"\r").split(b"\t")
    if opened.format != "csv" or b"collector_tstamp" in first or len(first) < 2:
        return None
    return _lines(opened)


def _lines(opened: Opened) -> Iterator[Record | BadRow]:
    number = 0
    while line := opened.stream.readline(MAX_LINE_BYTES):
        number += 1
        text = (line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line).rstrip(b"\r\n")
        if not text.strip():
            continue
        values = text.decode("utf-8", "surrogateescape").split("\t")
        if len(values) == len(FIELDS):
            yield Record(number, dict(zip(FIELDS, values, strict=True)), {})
        else:
            reason = f"The line has {len(values)} fields, and an enriched event of Snowplow has {len(FIELDS)}."
            shown = {"(line)": text[:4096].decode("utf-8", "backslashreplace")}
            yield BadRow(str(opened.path), number, None, None, reason, shown, whole=False)


def rows(event: Document, _: Document) -> Iterator[Flat]:
    """The touchpoint of an event."""
    if "EVENT_ID" in event:
        event = {name.lower(): value for name, value in event.items()}
    kind = event.get("event")
    when = event.get("true_tstamp") or event.get("derived_tstamp") or event.get("collector_tstamp")
    named = event.get("event_name")
    step = event.get("se_action") if kind == "struct" else named if kind == "unstruct" and named else kind
    yield present(
        {
            **{name: event.get(name) for name in _KEPT},
            "happened_tstamp": zoned(when),
            "step": step,
            "domain_userid": event.get("domain_userid") or event.get("network_userid"),
            "orderid": event.get("tr_orderid") or event.get("ti_orderid"),
            **_own_data(event),
        }
    )


def _own_data(event: Document) -> Flat:
    """Scalars of a self-describing event's own data."""
    found: Flat = {}
    for column in sorted(name for name in event if name.startswith("unstruct_event")):
        data = _parsed(column, event[column])
        data = part(data, "data", "data") if column == "unstruct_event" else data
        scalars: dict[str, Any] = data if isinstance(data, dict) else {}
        found |= {f"unstruct_event.{name}": value for name, value in scalars.items() if isinstance(value, _SCALARS)}
    return found


def _parsed(column: str, text: Any) -> Any:
    if not isinstance(text, str) or not text:
        return text or {}
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(column, text, "is not JSON: a self-describing event has an object there") from error


SOURCE: Final = Source("snowplow", "Snowplow", recognise, rows, read=read)
