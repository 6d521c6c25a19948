"""The section "Attribution": which channels conversions are owed to, by several models side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from journeygraph.report import formats
from journeygraph.report.model import Report
from journeygraph.report.pictures.dots import Dots, Series, dots
from journeygraph.report.pictures.interval import Interval
from journeygraph.report.views.common import Grid, Row, browser, grid, number, plural, text

SHOWN = 12
#: Models in the picture, each with its mark; the table has all.
_MARKS = {"markov": "circle", "first": "triangle", "last": "square", "linear": "diamond"}


@dataclass(frozen=True)
class Attribution:
    """The picture, the table behind it, and the statement of each model."""

    sentences: tuple[str, ...]
    caption: str = ""
    picture: Dots | None = None
    table: Grid | None = None
    models: tuple[tuple[str, str], ...] = ()
    queries: tuple[tuple[str, str], ...] = ()


def view(report: Report) -> Attribution:
    """The section of a report."""
    answer = report.attribution.answer
    if not answer or not answer["conversions"]:
        return Attribution((report.attribution.reason or "No journey converted, so there is no credit to share out.",))
    rows = _by_channel(answer)
    shown = rows[:SHOWN]
    return Attribution(
        sentences=(_what(answer), *_who(rows)),
        caption=(
            f"Conversions credited to each channel by four models; the whisker is the Markov chain’s 95 % interval "
            f"({answer['resamples']} bootstrap resamples)" + _cut(rows)
        ),
        picture=_picture(shown, answer),
        table=_table(shown, rows, answer),
        models=tuple((model["title"], model["definition"]) for model in answer["models"]),
        queries=tuple((_heading(model), browser(model)) for model in answer["models"] if model["cypher"]),
    )


def _by_channel(answer: Row) -> list[dict[str, Any]]:
    """One row a channel with every model's credit, the largest by the Markov chain first."""
    found: dict[str, dict[str, Any]] = {}
    for credit in answer["channels"]:
        row = found.setdefault(credit["channel"], {"channel": credit["channel"]})
        row[credit["model"]] = credit["credit"]
        if credit["model"] == "markov":
            row |= {"interval": credit["interval"], "value": credit["value_credit"]}
    return sorted(found.values(), key=lambda row: (-round(row["markov"], 9), row["channel"]))


def _what(answer: Row) -> str:
    worth = f", worth {formats.money(answer['value'], answer['currency'])}," if answer["value"] else ""
    none = answer["without_touchpoint"]
    return (
        f"{plural(answer['conversions'], 'conversion')}{worth} shared out among the channels that came before the "
        f"goal; {plural(answer['lost'], 'lost journey')} count where a model looks at them, and "
        f"{plural(answer['left_out'], 'open journey')} are left out."
        + (f" Nothing came before {plural(none, 'conversion')}: they are “(none)”." if none else "")
    )


def _who(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    opens, closes = (max(rows, key=lambda row, model=model: row[model]) for model in ("first", "last"))  # type: ignore[misc]
    apart = max(rows, key=lambda row: row["markov"] - row["last"])
    said = (
        f"“{opens['channel']}” both opens ({formats.count(opens['first'])}) and closes "
        f"({formats.count(closes['last'])}) the most journeys that convert."
        if opens is closes
        else f"“{opens['channel']}” opens the most journeys that convert ({formats.count(opens['first'])}), and "
        f"“{closes['channel']}” closes the most ({formats.count(closes['last'])})."
    )
    if apart["markov"] - apart["last"] < 0.5:
        return (said,)
    return (
        said,
        f"Judged by the last touch alone, “{apart['channel']}” would be underrated most: "
        f"{formats.count(apart['last'])} conversions instead of the "
        f"{formats.count(apart['markov'])} that the Markov chain credits it with.",
    )


def _picture(rows: list[dict[str, Any]], answer: Row) -> Dots:
    titles = {model["name"]: model["title"] for model in answer["models"]}
    series = [
        Series(
            titles[model],
            shape,
            [row[model] for row in rows],
            [row["interval"] for row in rows] if model == "markov" else None,
        )
        for model, shape in _MARKS.items()
    ]
    longest = max(max([row[model] for model in _MARKS] + list(row["interval"] or ())) for row in rows)
    axis = Interval(0.0, 0.0, longest or 1.0, 0.0, "", "", formats.count)
    return dots([row["channel"] for row in rows], series, axis)


def _table(shown: list[dict[str, Any]], rows: list[dict[str, Any]], answer: Row) -> Grid:
    columns = [number(_short(model["name"]), model["name"]) for model in answer["models"]]
    worth = [number("Value, Markov", "value", lambda value: formats.money(value, answer["currency"]))]
    return grid(
        "Conversions credited by each model" + _cut(rows) + ". Every column of all channels sums to the conversions.",
        [text("Channel", "channel"), *columns, *(worth if answer["value"] else [])],
        shown,
    )


def _short(name: str) -> str:
    """A model's name as the head of a narrow column.

    >>> _short("time_decay")
    'Time decay'
    """
    return name.replace("_", " ").capitalize()


def _cut(rows: list[dict[str, Any]]) -> str:
    return f"; the first {SHOWN} of {len(rows)} channels, attribution.csv has all" if len(rows) > SHOWN else ""


def _heading(model: Row) -> str:
    if model["reproduces"] == "credits":
        return f"{model['title']}: gives the credits"
    return f"{model['title']}: gives the {model['reproduces']} that the credits are solved from"
