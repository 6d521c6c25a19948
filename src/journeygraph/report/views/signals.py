"""Late sources and anomalies, as the journey report and the quality page tell them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from journeygraph.quality.anomalies import Anomalies
from journeygraph.quality.silences import Silences
from journeygraph.report import formats
from journeygraph.report.views.common import Row, Spec, number, plural, text

_HOUR_S: Final = 3_600
_STATES: Final = {"late": "✗ late", "on time": "✓ on time"}


def _hours(title: str, field: str) -> Spec:
    def show(row: Row) -> str:
        hours = row.get(field)
        return formats.NONE if hours is None else "0" if hours <= 0 else formats.duration(hours * _HOUR_S)

    return title, show, True


def _at(title: str, field: str) -> Spec:
    return title, lambda row: formats.unbroken(formats.instant(row[field]).removesuffix(" UTC")), False


def _source(row: Row) -> str:
    return formats.shortened(str(row["source"]), 32)


def _size(title: str, field: str) -> Spec:
    return title, lambda row: formats.decimal(row[field], 0 if float(row[field]).is_integer() else 2), True


#: Columns of late sources, of rows of `Silence`.
SILENCES: Final[Sequence[Spec]] = (
    ("Source", _source, False),
    ("State", lambda row: formats.unbroken(_STATES.get(row["state"], str(row["state"]))), False),
    _at("Newest (hour, UTC)", "last_at"),
    _hours("Silent for", "silent_hours"),
    _hours("Behind others", "behind_hours"),
    _hours("Longest pause", "longest_pause_hours"),
    _hours("Usual pause", "usual_pause_hours"),
    number("Pauses", "pauses"),
)
#: Columns of anomalies, of rows of `Anomaly`.
ANOMALIES: Final[Sequence[Spec]] = (
    ("Source", _source, False),
    text("What", "kind"),
    text("Step", "step", ""),
    _at("From (UTC)", "since"),
    _at("Until (UTC)", "until"),
    _size("Observed", "observed"),
    _size("Expected", "expected"),
    ("Chance", lambda row: formats.probability(row["p_corrected"]), True),
)


def of_silences(found: Silences) -> str:
    """Late sources in a sentence.

    >>> from datetime import UTC, datetime
    >>> of_silences(Silences(until=datetime(2026, 1, 1, tzinfo=UTC), late=0, sources=(), cypher="RETURN 1"))
    'No source is late.'
    """
    late = [one for one in found.sources if one.state == "late"]
    quiet = sum(one.state == "nothing since" for one in found.sources)
    if not late:
        told = "No source is late."
    elif len(late) == 1:
        told = f"{_named(late)} is late: the others went on for longer than it ever paused before."
    else:
        told = f"{len(late)} sources are late ({_named(late)}): others went on for longer than they ever paused."
    if quiet:
        until = formats.instant(found.until)
        told += f" {plural(quiet, 'source')} had nothing new for longer than ever until {until}."
    return told


def _named(late: Sequence[Any]) -> str:
    shown = ", ".join(formats.shortened(one.source, 40) for one in late[:3])
    return f"{shown} and {len(late) - 3} more" if len(late) > 3 else shown


def of_anomalies(found: Anomalies) -> str:
    """Anomalies in a sentence.

    >>> of_anomalies(Anomalies(anomalies=[], tested=0, level=0.05, untested=["web: fewer than 4 weeks"], cypher=""))
    'Nothing could be tested for anomalies: there is too little to tell what is usual.'
    """
    if not found.tested:
        return "Nothing could be tested for anomalies: there is too little to tell what is usual."
    amount = len(found.anomalies)
    spans = (
        "No span of any source is"
        if not amount
        else "1 span is"
        if amount == 1
        else f"{formats.count(amount)} spans are"
    )
    return (
        f"{spans} out of the ordinary in touchpoints or values, in {plural(found.tested, 'test')} of hours, quarters "
        f"of a day and days (any false alarm at all: a chance of {formats.percent(found.level)} at most)."
    )
