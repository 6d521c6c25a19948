"""The picture of a finding's figure over time, with the span that it is confined to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from journeygraph.report import formats

#: Bars drawn at most; each stands for as many days as that takes.
_MOST_BARS = 60


@dataclass(frozen=True)
class TrendBar:
    """Some days as a bar, in units of the picture; `inside` the span."""

    x: float
    y: float
    width: float
    height: float
    inside: bool
    text: str


@dataclass(frozen=True)
class Trend:
    """Bars from left to right, the span behind them, and what the axis says."""

    caption: str
    text: str
    bars: tuple[TrendBar, ...]
    span_x: float
    span_width: float
    top: str
    first: str
    last: str

    WIDTH = 400.0
    HEIGHT = 90.0


def trend(row: Mapping[str, Any]) -> Trend | None:
    """The picture of a finding, None where it has no figures over time."""
    course = row.get("trend")
    if not course or not course["points"] or not row["since"]:
        return None
    first, last = (date.fromisoformat(course["points"][place]["day"]) for place in (0, -1))
    days = (last - first).days + 1
    each = math.ceil(days / _MOST_BARS)
    since, until = (_days_after(first, row[name], days) for name in ("since", "until"))
    shares = row["per"] != "hour"  # of an outage it is the number that falls
    heights = _heights(course["points"], first, math.ceil(days / each), each, shares=shares)
    most = max(max(height for height in heights if height is not None), 1e-9)
    width = Trend.WIDTH / len(heights)
    show = formats.percent if shares else formats.count
    bars = [
        TrendBar(
            x=round(place * width + 0.5, 1),
            y=round(Trend.HEIGHT * (1 - (height or 0.0) / most), 1),
            width=round(max(width - 1, 0.5), 1),
            height=round(Trend.HEIGHT * (height or 0.0) / most, 1),
            inside=since < (place + 1) * each and until > place * each,
            text=f"{first + timedelta(days=place * each)}: {'no visits' if height is None else show(height)}",
        )
        for place, height in enumerate(heights)
    ]
    scale = Trend.WIDTH / (len(heights) * each)
    every = "Each day" if each == 1 else f"Every {each} days"
    what = f"share of {course['unit']}" if shares else "touchpoints a day"
    return Trend(
        caption=f"{every} (UTC): {what}; the span is marked",
        text=f"{course['unit']} from {first} to {last}",
        bars=tuple(bars),
        span_x=round(since * scale, 1),
        span_width=round(max((until - since) * scale, 2.0), 1),
        top=show(most),
        first=str(first),
        last=str(last),
    )


def _days_after(first: date, instant: str | None, otherwise: int) -> float:
    if instant is None:
        return float(otherwise)
    day, hour = date.fromisoformat(instant[:10]), int(instant[11:13])
    return (day - first).days + hour / 24


def _heights(
    points: Sequence[Mapping[str, Any]], first: date, bars: int, each: int, *, shares: bool
) -> list[float | None]:
    """Share of events among trials (or events a day) of each bar; None where there were no trials."""
    events, trials = [0] * bars, [0] * bars
    for point in points:
        place = (date.fromisoformat(point["day"]) - first).days // each
        events[place] += point["events"]
        trials[place] += point["trials"]
    if shares:
        return [one / of if of else None for one, of in zip(events, trials, strict=True)]
    return [one / each for one in events]
