"""What the cookbook's thumbnails of bars show: each room's figures of the shop's log, as the product computes them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from journeygraph.attribution import attribute, from_table
from journeygraph.blueprints import Blueprint
from journeygraph.blueprints.conformance import conformance
from journeygraph.journeys.table import CONVERTED, OPEN, JourneyTable
from journeygraph.report import formats
from journeygraph.report.model import Report
from journeygraph.report.pictures.bars import Bar
from journeygraph.report.views import findings, variants
from journeygraph.schema import BELONGS_TO, JourneyRules
from journeygraph.statistics import share

SHOWN: Final = 6
_GRAINS: Final = Path(__file__).parents[1] / "tests" / "data" / "grains" / "touchpoints.csv"
_DECLARED: Final = {
    "name": "buying",
    "stages": [
        {"stage": "consideration", "steps": [{"step": "catalog"}, {"step": "cart", "within": "10m"}]},
        {"stage": "purchase", "steps": [{"step": "delivery_choice"}, {"step": "payment_choice", "within": "15m"}]},
    ],
}


def bars(shop: Report, table: JourneyTable, rules: JourneyRules) -> dict[str, tuple[Bar, ...]]:
    """Picture's name -> its bars."""
    return {
        **_of_kinds(shop),
        "attribution": _attribution(table),
        "blueprint": _blueprint(table, rules),
        "grains": _grains(),
        "patterns": _patterns(shop),
        "recommendations": _next(shop, "cart"),
        "routes": _way(shop),
        "segments": _segments(table, ("cart", "product1", "product2")),
        "variants": _variants(shop),
    }


def _of_kinds(shop: Report) -> dict[str, tuple[Bar, ...]]:
    """The costliest finding of each kind: what was observed beside what could be expected."""
    rows = (shop.gaps.answer or {"findings": []})["findings"]
    cards = [(row["kind"], card) for row, card in zip(rows, findings.view(shop).items, strict=False)]
    return {
        f"gaps_{kind}": tuple(replace(bar, label=f"{card.subject}: {bar.label.lower()}") for bar in card.bars)
        for kind, card in reversed(cards)
    }


def _attribution(table: JourneyTable) -> tuple[Bar, ...]:
    answer = attribute(from_table(table, "step"), ["markov"], resamples=100)
    rows = sorted(answer.channels, key=lambda row: (-round(row.credit, 9), row.channel))[:SHOWN]
    return tuple(
        Bar(row.channel, row.credit, formats.count(round(row.credit)), "neutral", *(row.interval or (None, None)))
        for row in rows
    )


def _blueprint(table: JourneyTable, rules: JourneyRules) -> tuple[Bar, ...]:
    found = conformance(table, Blueprint.model_validate(_DECLARED), rules=rules).deviations[:SHOWN]
    return tuple(
        Bar(
            f"{one.step}: {one.kind.replace('_', ' ')}",
            one.share,
            formats.percent(one.share),
            "observed",
            *one.interval,
        )
        for one in found
    )


def _grains() -> tuple[Bar, ...]:
    """How many touchpoints of a small file belong to a household, an account, an order."""
    with _GRAINS.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    counts = {grain: sum(bool(row[f"{grain}_id"]) for row in rows) for grain in BELONGS_TO}
    return tuple(
        Bar(f"{grain}s", count / len(rows), f"{count} of {len(rows)}", "neutral")
        for grain, count in {"customer": len(rows), **counts}.items()
    )


def _patterns(shop: Report) -> tuple[Bar, ...]:
    rows = [row for row in (shop.patterns.answer or {})["patterns"] if not row["represented_by"]][:SHOWN]
    return tuple(Bar(" → ".join(row["pattern"]), row["lift"], f"lift {row['lift']:.2f}", "neutral") for row in rows)


def _next(shop: Report, step: str) -> tuple[Bar, ...]:
    """What customers do next, most of them first."""
    rows = [row for row in shop.table("transition_matrix").dicts() if row["source"] == step]
    rows.sort(key=lambda row: (-row["count"], row["target"]))
    return tuple(
        Bar(f"{step} → {row['target']}", row["of_source"], formats.percent(row["of_source"]), "neutral")
        for row in rows[:SHOWN]
    )


def _way(shop: Report) -> tuple[Bar, ...]:
    """The most likely way to the goal, step by step."""
    ways: list[Mapping[str, Any]] = (shop.routes.answer or {"routes": []})["routes"]
    likely = next(way for way in ways if way["best"] == "most_likely")
    return tuple(
        Bar(f"{leg['source']} → {leg['target']}", leg["probability"], formats.percent(leg["probability"]), "neutral")
        for leg in likely["legs"]
    )


def _segments(table: JourneyTable, steps: tuple[str, ...]) -> tuple[Bar, ...]:
    """Of customers with a step in some journey, how many converted, of those whose outcome is known."""
    decided = np.unique(table.customers[table.outcomes != OPEN])
    won = np.unique(table.customers[table.outcomes == CONVERTED])
    found = []
    for step in steps:
        members = np.unique(table.customers[table.path_of[table.step_codes == table.code(step)]])
        known = np.intersect1d(members, decided)
        rate = share(len(np.intersect1d(known, won)), len(known))
        text = f"{formats.percent(rate.value)} of {formats.count(len(known))}"
        found.append(Bar(f"with {step}", rate.value, text, "converted", rate.low, rate.high))
    return tuple(found)


def _variants(shop: Report) -> tuple[Bar, ...]:
    rows = [row for row in shop.table("variants").dicts() if row["steps"] != ["(other)"]][:SHOWN]
    return tuple(
        Bar(" → ".join(variants.shown(row["steps"])), row["share"], formats.percent(row["share"]), "neutral")
        for row in rows
    )
