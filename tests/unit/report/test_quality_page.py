"""The quality page: any name stays text, fifty sources fit, and the same report gives the same bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journeygraph.answers import Reproducible
from journeygraph.quality.anomalies import Anomalies, Anomaly
from journeygraph.quality.contracts import ContractCard, ContractList
from journeygraph.quality.dictionary import Dictionary, Entry
from journeygraph.quality.inventory import Field, Inventory, SourceCard
from journeygraph.quality.ratings import Measure, Rating
from journeygraph.quality.silences import Silence, Silences
from journeygraph.quality.stages import Check, Delivery, Stages
from journeygraph.report import html, write
from journeygraph.report.formats import unbroken
from journeygraph.report.model import Section, make_table
from journeygraph.report.quality import QualityReport, Score, contents
from journeygraph.report.quality.view import DIMENSIONS, view
from tests import report_samples

AT = datetime(2026, 3, 1, tzinfo=UTC)
HOSTILE = "\"><script>alert(1)</script>'{{7*7}}=1+1"
_ASKED = Reproducible(cypher="RETURN $source AS source", parameters={"source": "it's"})
_STATEMENTS = ("sources", "source_files", "source_fields", "source_journeys", "source_sessions", "source_gaps")


def card(number: int, name: str) -> SourceCard:
    """A source; every third has nothing to rate it by."""
    measure = Measure(name="share", value=None if number % 3 == 0 else 0.5, grade=None if number % 3 == 0 else 4,
                      statement="sources")  # fmt: skip
    return SourceCard(
        source=name, formats=("csv",), protocols=("file",), touchpoints=100 + number, customers=10,
        first_at="2026-01-01T00:00:00Z", last_at="2026-02-01T00:00:00Z", loaded_at="2026-02-02T00:00:00Z",
        age_days=28.0,
        resolution="second", sessions=20, per_customer=10.0, per_session=5.0, days_with=30, usual_gap_days=1,
        longest_gap_days=2, deliveries=1, received=101, stored=100, duplicate=0, quarantined=1, journeys=5, converted=1,
        contract_version=1, contract_changes=0, filled=50, cells=100, completeness=0.5,
        fields=(Field(field=f"p_{name}", filled=50, touchpoints=100, share=0.5),),
        ratings=tuple(Rating(name=rating, rating=measure.grade, measures=(measure,))
                      for rating in ("relevance", "freshness", "granularity", "reliability")),
    )  # fmt: skip


def report(sources: int, suffix: str = "") -> QualityReport:
    """A report of so many sources with long names."""
    names = [f"source_{number:02}_of_a_branch_with_a_very_long_name_that_goes_on{suffix}" for number in range(sources)]
    weeks = [(datetime(2026, 1, 5, tzinfo=UTC) + timedelta(weeks=week)).date().isoformat() for week in range(9)]
    trend = [{"source": name, "week": week, "touchpoints": 10} for name in names for week in weeks]
    checks = [{"source": name, "touchpoints": 100, "median_seconds": 5.0, "p90_seconds": None, "after_loading": 0,
               "with_value": 3, "without_currency": 1, "currencies": 1, "conversions": 2, "without_value": 0,
               "nameless": 4} for name in names]  # fmt: skip
    delivery = Delivery(
        batch_id="b", started_at="2026-02-01T00:00:00Z", number=0, file=f"file{suffix}.csv", source=None, sources=None,
        format="csv", protocol="file", mapping=None, mapping_version="0" * 12, contract_version=None, sha256="0" * 64,
        received=None, stored=None, duplicate=None, quarantined=None, held=3, set_aside=0,
    )  # fmt: skip
    return QualityReport(
        product_version="0", at=AT,
        scores=tuple(Score(source=name, dimension=dimension, good=number, of=number and 60, share=number / 60 or None,
                           table="checks") for number, name in enumerate(names) for dimension in DIMENSIONS),
        silences=Silences(until=AT, late=min(sources, 1), cypher="RETURN 3", sources=tuple(
            Silence(source=name, state="on time" if number else "late", last_at=AT, pauses=50, usual_pause_hours=1,
                    longest_pause_hours=None if number == 2 else 14, silent_hours=40, behind_hours=0 if number else 39)
            for number, name in enumerate(names))),
        anomalies=Anomalies(tested=len(names) * 100, level=0.05, untested=[f"x{suffix}: fewer than 4 weeks"],
                            cypher="RETURN 4", anomalies=[
            Anomaly(kind="fewer touchpoints", source=name, since=AT, until=AT + timedelta(hours=6), observed=0,
                    expected=12.25, p_corrected=1e-9, cypher="RETURN $source", parameters={"source": name})
            for name in names[:20]]),
        tables=(make_table("trend", "Trend", trend, "RETURN 1", {}),
                make_table("checks", "Checks", checks, "RETURN 2", {})),
        inventory=Inventory(at=AT, sources=tuple(card(number, name) for number, name in enumerate(names)),
                            statements=dict.fromkeys(_STATEMENTS, _ASKED)),
        stages=Stages(agrees=False, deliveries=(delivery,), statements={"deliveries": _ASKED, "held": _ASKED},
                      checks=(Check(stage="s", left="l", left_count=1, right="r", right_count=2, agrees=False,
                                    statements=("held",)),)),
        contracts=ContractList(contracts=(ContractCard(source=f"s{suffix}", version=1, mode="freeze", columns=2,
                               changed_at=None, changed_by=None, batch_id=None, departures=0),)),
        dictionary=Dictionary(statements={"properties": _ASKED}, entries=(
            Entry(kind="Touchpoint", property=f"p_x{suffix}", meaning="m", unit="", types=("STRING",), filled=1, of=2,
                  share=0.5, personal=False, example=f"Aaa{suffix}", origins=(), statement="properties"),)),
    )  # fmt: skip


def test_any_name_stays_text() -> None:
    files = contents(report(3, HOSTILE))
    assert "<script>alert" not in files["quality.html"]
    assert "&lt;script&gt;alert" in files["quality.html"]
    assert "{{7*7}}" in files["quality.html"]
    assert " style=" not in files["quality.html"], "the page's policy forbids it"
    assert files == contents(report(3, HOSTILE))


def test_fifty_sources_fit_and_nothing_is_dropped_from_the_files() -> None:
    found = view(report(50))
    assert (len(found.scores), len(found.trends), found.trends_left) == (50, 12, 38)
    measures = found.sources[1]
    assert (len(measures.grid.rows), measures.more) == (60, "140 more rows are in measures.csv.")
    assert contents(report(50))["measures.csv"].count("\r\n") == 201
    assert found.scores[0].cells[-1].text == "none before"
    assert "do NOT agree" in found.headline


@pytest.mark.parametrize("sources", [0, 1])
def test_little_or_nothing_gives_a_page(sources: int) -> None:
    page = contents(report(sources))["quality.html"]
    assert ("There is no touchpoint in the graph yet." in page) == (sources == 0)


def test_what_is_late_or_odd_is_said_first_with_its_cypher() -> None:
    found = view(report(30))
    assert found.headline.endswith("Look at: 1 source late, 20 anomalies.")
    assert (found.facts[-1].value, found.facts[-1].note) == ("1", "of 30; 20 anomalies in 3,000 tests")
    late, odd = found.signals
    assert late.grid.rows[0][1:6] == (unbroken("✗ late"), unbroken("2026-03-01 00:00"), "1 d 16 h", "1 d 15 h", "14 h")
    assert (late.grid.rows[1][1], late.grid.rows[2][5]) == (unbroken("✓ on time"), "–")
    assert odd.grid.rows[0][1:] == (
        "fewer touchpoints", "", unbroken("2026-03-01 00:00"), unbroken("2026-03-01 06:00"), "0", "12.25", "< 0.001",
    )  # fmt: skip
    assert len(odd.cypher) == 13
    files = contents(report(30))
    assert files["anomalies.csv"].count("\r\n") == 21
    assert files["silences.csv"].count("\r\n") == 31
    assert contents(report(1))["quality.html"].index("Late sources and anomalies") > 0


def test_the_journey_report_tells_both_too(tmp_path: Path) -> None:
    rows = [{"source": name, "last_hour": 490_000 - silent, "pauses": 50, "usual_pause_hours": 1,
             "longest_pause_hours": 14, "silent_hours": silent, "behind_hours": silent}
            for name, silent in ((f"till{HOSTILE}", 40), ("web", 0))]  # fmt: skip
    late = make_table("silences", "Late", rows, "RETURN $until_us", {"until_us": 1})
    found = [
        Anomaly(kind="more touchpoints", source=f"web{place}", since=AT, until=AT, observed=9, expected=3.5,
                p_corrected=0.01, cypher="RETURN $source", parameters={"source": f"web{place}"})
        for place in range(7)
    ]  # fmt: skip
    odd = Anomalies(tested=700, level=0.05, untested=[], cypher="RETURN 1", anomalies=found)
    plain = report_samples.report()
    told = plain.model_copy(update={"tables": (*plain.tables, late), "anomalies": Section(answer=odd.model_dump())})
    write(told, tmp_path)
    files = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    page = files["report.html"]
    assert "is late: the others went on for longer than it ever paused before" in page
    assert "<script>alert" not in page
    assert "7 spans are out of the ordinary" in page
    assert "The 5 surest are shown." in page
    assert page.count("RETURN &#34;web") == 5
    assert files["silences.csv"].count("\n") == 3
    assert files["anomalies.csv"].count("\n") == 8
    assert "Late sources" not in html.render(plain)
