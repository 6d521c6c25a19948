"""What is amiss now: late sources, and spans that are out of the ordinary."""

from __future__ import annotations

from typing import Final

from journeygraph.report import formats
from journeygraph.report.quality.collect import QualityReport
from journeygraph.report.quality.parts import Part, part_of
from journeygraph.report.views import signals as told
from journeygraph.report.views.common import Fact, plural

#: Anomalies whose own statements the page shows; quality.json has all.
_WITH_CYPHER: Final = 12


def headline(report: QualityReport) -> str:
    """What the page's first lines add; nothing where nothing is amiss."""
    parts = [f"{plural(report.silences.late, 'source')} late"] if report.silences.late else []
    if found := len(report.anomalies.anomalies):
        parts.append("1 anomaly" if found == 1 else f"{formats.count(found)} anomalies")
    return f" Look at: {', '.join(parts)}." if parts else ""


def tiles(report: QualityReport) -> tuple[Fact, ...]:
    """Both in one tile."""
    odd = len(report.anomalies.anomalies)
    told = "1 anomaly" if odd == 1 else f"{formats.count(odd)} anomalies"
    note = f"of {formats.count(len(report.silences.sources))}; {told} in {plural(report.anomalies.tested, 'test')}"
    return (Fact("Late sources", formats.count(report.silences.late), note),)


def signals(report: QualityReport) -> tuple[Part, ...]:
    """Both as tables."""
    silences, anomalies = report.silences, report.anomalies
    shown = anomalies.anomalies[:_WITH_CYPHER]
    untested = f" Not tested: {'; '.join(anomalies.untested)}." if anomalies.untested else ""
    statements = {
        f"{number}. {formats.shortened(one.source, 40)}, {one.kind}, {formats.instant(one.since)}": one
        for number, one in enumerate(shown, 1)
    }
    return (
        part_of(
            "silences",
            "Late sources",
            f"{told.of_silences(silences)} Late: others went on for longer than it ever paused. Nothing since: silent "
            f"for longer than ever until {formats.instant(silences.until)}. A pause is from an hour with touchpoints "
            "to the next.",
            told.SILENCES,
            [one.model_dump() for one in silences.sources],
            {"pauses of sources": silences},
        ),
        part_of(
            "anomalies",
            "Anomalies by hour and weekday",
            f"{told.of_anomalies(anomalies)}{untested}",
            told.ANOMALIES,
            [one.model_dump() for one in anomalies.anomalies],
            {"hour by hour": anomalies, **statements},
            none=f"{told.of_anomalies(anomalies)}{untested}",
        ),
    )
