"""How far intent scores can be believed: what came true of them, whom they find, for whom and when they hold."""

from __future__ import annotations

from collections.abc import Sequence

from journeygraph.report import formats
from journeygraph.report.pictures.bars import Bar, bar_scale
from journeygraph.report.pictures.dots import Dots, Series, dots
from journeygraph.report.pictures.interval import Interval
from journeygraph.report.views.common import Grid, Row, grid, number, text
from journeygraph.statistics import share

_KINDS = {
    "first_channel": "first channel",
    "first_source": "first source",
    "last_channel": "latest channel",
    "platform": "platform",
    "segment": "segment",
}


def reliability(figures: Row) -> Dots:
    """Foretold and come true in each tenth of the probabilities, with a 95 % interval (Wilson) of the latter."""
    bins = figures["reliability"]
    intervals = [tuple(share(round(one["observed"] * one["cases"]), one["cases"])[1:]) for one in bins]
    labels = [f"{formats.percent(one['predicted'])} foretold of {formats.count(one['cases'])} moments" for one in bins]
    return _foretold(labels, [one["predicted"] for one in bins], [one["observed"] for one in bins], intervals)


def deciles(figures: Row) -> tuple[tuple[Bar, ...], float]:
    """Lift of each tenth of the moments, the likeliest first."""
    bars = tuple(
        Bar(f"{_ORDER[place]} tenth", lift, f"{formats.decimal(lift, 2)} times", "observed")
        for place, lift in enumerate(figures["decile_lift"])
    )
    return bars, bar_scale(bars)


_ORDER = ("likeliest", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "last")


def groups(rows: Sequence[Row]) -> Dots:
    """Mean score and share that came true of each group."""
    return _measured([f"{_KINDS[row['kind']]}: {row['value']}" for row in rows], rows)


def slices(rows: Sequence[Row]) -> Dots:
    """Mean score and share that came true in each span of time."""
    return _measured([f"{formats.day(row['since'])} to {formats.day(row['until'])}" for row in rows], rows)


def groups_table(rows: Sequence[Row]) -> Grid:
    """The groups in figures."""
    return grid(
        "“Differs in”: the distance between score and outcome, or the ranking (AUC), is not that of everybody else, "
        "corrected over all groups (q up to 0.05).",
        [
            ("Group", lambda row: f"{_KINDS[row['kind']]}: {row['value']}", False),
            number("Moments", "cases"),
            number("Came true", "base_rate", _interval),
            number("AUC", "auc", lambda figure: _interval(figure, 3)),
            number("Calibration error", "ece", lambda figure: _interval(figure, 3)),
            ("Differs in", lambda row: ", ".join(row["flags"]) or formats.NONE, False),
        ],
        rows,
    )


def slices_table(rows: Sequence[Row]) -> Grid:
    """The spans of time in figures."""
    return grid(
        "“Differs in”: scores are off on average, corrected over all spans (q up to 0.05).",
        [
            ("From", lambda row: formats.day(row["since"]), False),
            number("Moments", "cases"),
            number("Came true", "base_rate", _interval),
            number("AUC", "auc", lambda figure: _interval(figure, 3)),
            number("Calibration error", "ece", lambda figure: _interval(figure, 3)),
            ("Differs in", lambda row: ", ".join(row["flags"]) or formats.NONE, False),
        ],
        rows,
    )


def drift_table(audit: Row) -> Grid:
    """What moved the most between the training and the test part."""
    return grid(
        f"The score and the features that moved the most between training and test, of {audit['drift_tested']} tested. "
        "A stability index above 0.2 is a large change.",
        [
            text("Feature", "feature"),
            number("Stability index", "psi", lambda value: formats.decimal(value, 3)),
            number("q", "q_value", lambda value: formats.decimal(value, 3)),
            ("Drifted", lambda row: "yes" if row["drifted"] else formats.NONE, False),
        ],
        audit["drift"],
    )


def _measured(labels: Sequence[str], rows: Sequence[Row]) -> Dots:
    observed = [row["base_rate"] for row in rows]
    return _foretold(
        labels,
        [row["mean_score"][0] for row in rows],
        [one[0] for one in observed],
        [tuple(one[1:]) for one in observed],
    )


def _foretold(
    labels: Sequence[str],
    predicted: Sequence[float],
    observed: Sequence[float],
    intervals: Sequence[tuple[float, ...]],
) -> Dots:
    series = [
        Series("Came true", "circle", observed, [(low, high) for low, high in intervals]),
        Series("Foretold", "diamond", predicted),
    ]
    longest = max([*predicted, *observed, *(high for _, high in intervals)], default=1.0)
    return dots(labels, series, Interval(0.0, 0.0, longest or 1.0, 0.0, "", "", formats.percent))


def _interval(figure: Sequence[float] | None, digits: int | None = None) -> str:
    if figure is None:
        return formats.NONE
    value, low, high = (formats.percent(one) if digits is None else formats.decimal(one, digits) for one in figure)
    return f"{value} ({low} to {high})"
