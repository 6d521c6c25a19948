"""How a finding went from report to report, on its card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from journeygraph.report import formats
from journeygraph.report.history import Point
from journeygraph.report.model import Report
from journeygraph.report.pictures.history import OUTLINES, Drawing, drawing

#: Reports drawn; history.csv has all.
DRAWN: Final = 12


@dataclass(frozen=True)
class History:
    """The picture, what its axis says, and the same in words."""

    caption: str
    picture: Drawing
    bottom: str
    top: str
    legend: tuple[tuple[str, str], ...]
    words: tuple[str, ...]


def of_finding(finding_id: str, per: str, report: Report) -> History | None:
    """The history of a finding, None where only this report is known."""
    found = [point for point in report.history if point.finding_id == finding_id]
    if len(found) < 2:
        return None
    shown = found[-DRAWN:]
    statuses = [point.status for point in shown]
    words = tuple(_words(point) for point in shown)
    picture = drawing(
        [_interval(point) for point in shown],
        statuses,
        [formats.day(point.at) for point in shown],
        words,
    )
    more = f" (the last {len(shown)} of {len(found)})" if len(found) > len(shown) else ""
    return History(
        caption=f"From report to report{more}: affected share of {per}s with its 95 % interval, and the status",
        picture=picture,
        bottom=formats.percent(picture.bottom),
        top=formats.percent(picture.top),
        legend=tuple((status, outline) for status, outline in OUTLINES.items() if status in statuses),
        words=words,
    )


def _interval(point: Point) -> tuple[float, float, float] | None:
    if point.share is None or point.low is None or point.high is None:
        return None
    return point.low, point.share, point.high


def _words(point: Point) -> str:
    day = formats.day(point.at)
    if point.share is None:
        return f"{day}: {point.status}"
    return (
        f"{day}: {formats.percent(point.share)} ({formats.count(point.affected)} of "
        f"{formats.count(point.denominator)}), {point.status}"
    )
