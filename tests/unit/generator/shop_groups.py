"""The groups of the shop's touchpoints, packed as the graph's query packs them."""

from __future__ import annotations

from collections import Counter

import numpy as np

from journeygraph.gaps.groups import Groups
from journeygraph.gaps.read_groups import groups_of
from journeygraph.gaps.sources import FIELDS, SourceHours
from tests.unit.generator.shop_data import journeys, simulated, table

KEYS = ("campaign", "p_device", "p_platform", "p_store", "p_topic", "source")


def groups(customers: int, seed: int, planted: bool, late: bool = False) -> Groups:
    """Dimensions of the touchpoints of `shop_data.table`."""
    found: dict[str, dict[str, str]] = {key: {} for key in KEYS}
    columns = simulated(customers, seed, planted, late).touchpoints
    rows = zip(
        columns.touchpoint_id.tolist(),
        columns.campaign.tolist(),
        columns.source.tolist(),
        columns.property_name.tolist(),
        columns.property_value.tolist(),
        strict=True,
    )
    for touchpoint_id, campaign, source, name, value in rows:
        found["source"][touchpoint_id] = source
        if campaign is not None:
            found["campaign"][touchpoint_id] = campaign
        if value is not None:
            found[f"p_{name}"][touchpoint_id] = value
    values = {key: sorted(set(of.values())) for key, of in found.items()}
    code = {key: {value: place for place, value in enumerate(values[key], start=1)} for key in KEYS}

    def packed(touchpoint_id: str) -> int:
        number = 0
        for key in KEYS:
            number = number * (len(values[key]) + 1) + code[key].get(found[key].get(touchpoint_id, ""), 0)
        return number

    return groups_of(
        table(customers, seed, planted, late),
        values,
        (
            {"id": row["id"], "codes": [packed(touchpoint_id) for touchpoint_id in row["touchpoint_ids"]]}
            for row in journeys(customers, seed, planted, late)
        ),
    )


def sources(customers: int, seed: int, planted: bool, late: bool = False) -> SourceHours:
    """What the shop's sources sent, as the graph's query counts it."""
    columns = simulated(customers, seed, planted, late).touchpoints
    names = sorted({f"p_{name}" for name in columns.property_name.tolist() if name})
    fields = (*FIELDS, *names)
    parts = {
        "known_customer_id": columns.customer_id,
        "anonymous_id": columns.anonymous_id,
        "source_session_id": columns.session_id,
        "value": columns.value,
        "campaign": columns.campaign,
        "product_id": columns.product_id,
    }
    known = [np.not_equal(parts[field], None) for field in FIELDS]  # type: ignore[call-overload]
    known += [(columns.property_name == name[2:]) & np.not_equal(columns.property_value, None) for name in names]  # type: ignore[call-overload]
    bits = np.zeros(len(columns), dtype=np.int64)
    for filled in known:
        bits = 2 * bits + filled.astype(np.int64)
    counted = Counter(zip(columns.source.tolist(), (columns.seconds // 3_600).tolist(), bits.tolist(), strict=True))
    rows = ({"source": key[0], "hour": key[1], "filled": key[2], "count": count} for key, count in counted.items())
    return SourceHours.from_rows(rows, fields)
