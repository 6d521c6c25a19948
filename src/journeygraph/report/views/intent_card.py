"""The card of the intent model: what it foretells, from what, how well, for whom and when, in facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from journeygraph.report import formats
from journeygraph.report.views.common import Fact, Row, plural


def facts(answer: Row, learned: Sequence[Row]) -> tuple[Fact, ...]:
    """The facts of an answer's card; `learned` is what the graph holds until the end of the model's data."""
    return tuple(_facts(answer, learned))


def auc(figures: Row) -> str:
    """The area under the ROC curve with its interval.

    >>> auc({"auc": 0.874, "auc_interval": (0.86, 0.8871)}), auc({"auc": 0.5, "auc_interval": None})
    ('0.874 (0.860 to 0.887)', '0.500')
    """
    value = formats.decimal(figures["auc"], 3)
    if not figures.get("auc_interval"):
        return value
    low, high = (formats.decimal(one, 3) for one in figures["auc_interval"])
    return f"{value} ({low} to {high})"


def _facts(answer: Row, learned: Sequence[Row]) -> Iterator[Fact]:
    card, audit = answer["card"], answer["audit"]
    goal = ", ".join(card["goals"]) if answer["goal"] == "conversion" else answer["goal"]
    yield Fact("Foretells", goal, f"within {formats.duration(answer['horizon_seconds'])}")
    yield Fact("Model", answer["chosen"].replace("_", " "), f"calibrated ({answer['calibration']})")
    yield Fact("Version", answer["version"], f"of data with the hash {card['data_hash'][:16]}")
    for row in learned:
        counted = [plural(row[name], name[:-1]) for name in ("touchpoints", "journeys", "customers", "conversions")]
        yield Fact(
            "Data", f"until {formats.instant(answer['data_until'])}", f"{', '.join(counted)} in the graph by then"
        )
    yield Fact("Looks at", plural(sum(card["features"].values()), "feature"), _kinds(card["features"]))
    chosen = next((row for row in answer["figures"] if row["name"] == answer["chosen"]), None)
    if chosen:
        yield Fact("Ranks", f"AUC {auc(chosen)}", "0.5 is chance")
        yield Fact("Is off by", formats.decimal(chosen["ece"], 3), "on average (calibration error)")
    yield Fact("Differs for", _named(_of_groups(audit["groups"])), f"of {plural(len(audit['groups']), 'group')}")
    yield Fact("Differs in", _named(_of_slices(audit["slices"])), f"of {plural(len(audit['slices']), 'span')} of time")
    yield Fact("Drifted", _named(card["drifted_features"]), f"of {plural(audit['drift_tested'], 'feature')}")


def _kinds(features: Row) -> str:
    """Features by kind; kinds of one feature together.

    >>> _kinds({"count": 5, "depth": 1, "last": 5, "pause": 1})
    'count 5, last 5, others 2'
    """
    several = {name: amount for name, amount in features.items() if amount > 1}
    others = sum(features.values()) - sum(several.values())
    named = several | ({"others": others} if others else {})
    return ", ".join(f"{name.replace('_', ' ')} {formats.count(amount)}" for name, amount in named.items())


def _of_groups(rows: Sequence[Row]) -> list[str]:
    return [f"{row['kind'].replace('_', ' ')} {row['value']}" for row in rows if row["flags"]]


def _of_slices(rows: Sequence[Row]) -> list[str]:
    return [f"{formats.day(row['since'])} to {formats.day(row['until'])}" for row in rows if row["flags"]]


def _named(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
