"""Times of a zone's clock: what it shows twice or never is as declared, in every reader and rule, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.schema import from_microseconds, to_microseconds
from journeygraph_loaders import mapping as mappings
from journeygraph_loaders.chunks import BadRow
from journeygraph_loaders.local_times import Clock
from journeygraph_loaders.reading import Options, touchpoints
from journeygraph_loaders.rows import Row
from journeygraph_loaders.times import parser

#: Clocks that change at 2 o'clock, at midnight, by half an hour, by a day (Apia), in Ramadan, and never.
ZONES = ("Europe/Berlin", "America/New_York", "America/Sao_Paulo", "America/Havana", "Australia/Lord_Howe",
         "Asia/Beirut", "Pacific/Apia", "Africa/Casablanca", "Asia/Tokyo")  # fmt: skip
HALF_DAY = timedelta(hours=13)


@cache
def changes(zone: str) -> list[datetime]:
    """Every instant from 1970 to 2037 (UTC) from which on another offset holds."""
    found, tz = [], ZoneInfo(zone)
    at = datetime(1970, 1, 2, tzinfo=UTC)
    while at.year < 2038:
        later = at + timedelta(days=1)
        if at.astimezone(tz).utcoffset() != later.astimezone(tz).utcoffset():
            low, high = at, later
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // timedelta(seconds=2) * timedelta(seconds=1)
                changed = middle.astimezone(tz).utcoffset() == later.astimezone(tz).utcoffset()
                low, high = (low, middle) if changed else (middle, high)
            found.append(high)
        at = later
    return found


@cache
def offsets(zone: str, near: datetime) -> set[timedelta]:
    """Every offset that holds within forty hours."""
    tz = ZoneInfo(zone)
    found = {(near + hours * timedelta(hours=1)).astimezone(tz).utcoffset() for hours in range(-40, 41)}
    return {offset for offset in found if offset is not None}


def instants_of(local: datetime, zone: str, near: datetime) -> list[datetime]:
    """The instants at which the zone's clock shows a time, by trying every offset that holds around it."""
    tz = ZoneInfo(zone)
    tried = ((local - offset).replace(tzinfo=UTC) for offset in offsets(zone, near))
    return sorted(at for at in tried if at.astimezone(tz).replace(tzinfo=None) == local)


def around(zone: str, change: datetime) -> Iterator[datetime]:
    """Local times around a change: those that the clock shows, and those in between."""
    shown = change.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    for minutes in (-1470, -720, -90, -60, -45, -30, -15, 15, 30, 45, 60, 90, 720, 1470):
        yield shown + timedelta(minutes=minutes)
    yield from (shown - timedelta(microseconds=1), shown, shown + timedelta(microseconds=1))


def held_against_all_instants(clock: Clock, local: datetime, change: datetime) -> str:
    """Compare one time with the instants that show it; what it is: once, twice or never."""
    zone = str(clock.zone)
    there = instants_of(local, zone, change)
    assert len(there) <= 2
    wanted: datetime | None
    if len(there) == 1:
        wanted = there[0]
    elif there:
        wanted = {"earlier": there[0], "later": there[1], "reject": None}[clock.ambiguous]
    else:
        before = (change - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).utcoffset()
        assert before is not None
        kept = (local - before).replace(tzinfo=UTC)
        wanted = {"offset_before": kept, "shift_forward": change, "reject": None}[clock.nonexistent]
    if wanted is None:
        with pytest.raises(ValueError, match="occurs twice in" if there else "doesn't occur in"):
            clock.at(local)
    else:
        assert clock.at(local) == wanted, (zone, local)
    return ("never", "once", "twice")[len(there)]


@pytest.mark.parametrize("zone", ZONES)
def test_around_every_change_of_a_clock_each_time_is_what_was_declared(zone: str) -> None:
    clocks = [Clock(zone), Clock(zone, "earlier", "offset_before"), Clock(zone, "later", "shift_forward")]
    seen = {
        held_against_all_instants(clocks[number % 3], local, change)
        for turn, change in enumerate(changes(zone))
        for number, local in enumerate(around(zone, change), turn)
    }
    assert seen == ({"once", "twice", "never"} if changes(zone) else set())


@given(st.data())
def test_any_time_near_any_change_is_what_was_declared(data: st.DataObject) -> None:
    zone = data.draw(st.sampled_from([zone for zone in ZONES if changes(zone)]))
    change = data.draw(st.sampled_from(changes(zone)))
    shown = change.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    local = data.draw(st.datetimes(shown - HALF_DAY, shown + HALF_DAY))
    ambiguous = data.draw(st.sampled_from(["reject", "earlier", "later"]))
    clock = Clock(zone, ambiguous, data.draw(st.sampled_from(["reject", "offset_before", "shift_forward"])))  # type: ignore[arg-type]
    held_against_all_instants(clock, local, change)


@pytest.mark.parametrize("zone", ZONES)
def test_every_day_begins_with_its_first_instant_whatever_the_clock_did_at_midnight(zone: str) -> None:
    tz, parse = ZoneInfo(zone), parser(Clock(zone), None)
    for change in changes(zone):
        day = change.astimezone(tz).date()
        begun = from_microseconds(parse(day.isoformat()))
        assert begun.astimezone(tz).date() == day
        assert (begun - timedelta(microseconds=1)).astimezone(tz).date() < day
        assert parse(day) == parse(day.strftime("%Y%m%d")) == to_microseconds(begun)


def test_a_day_that_a_zone_skipped_is_no_day() -> None:
    with pytest.raises(ValueError, match=r"doesn't occur in Pacific/Apia"):
        parser(Clock("Pacific/Apia"), None)("2011-12-30")
    skipped = parser(Clock("Pacific/Apia", nonexistent="shift_forward"), None)("2011-12-30")
    assert from_microseconds(skipped) == datetime(2011, 12, 30, 10, tzinfo=UTC)


@pytest.mark.parametrize(("form", "text"), [("%d.%m.%Y", "04.11.2018"), ("%d.%m.%Y %H:%M", "04.11.2018 00:00")])
def test_a_form_says_whether_it_is_of_days(form: str, text: str) -> None:
    parse = parser(Clock("America/Sao_Paulo"), form)  # on that day the clock went from 0:00 to 1:00
    if "%H" not in form:
        assert from_microseconds(parse(text)) == datetime(2018, 11, 4, 3, tzinfo=UTC)
    else:
        with pytest.raises(ValueError, match="doesn't occur"):
            parse(text)


def test_the_sentences_say_what_can_be_declared() -> None:
    parse = parser(Clock("Europe/Berlin"), None)
    with pytest.raises(ValueError, match=r"02:30\+02:00, then 2026-10-25 02:30\+01:00.*`ambiguous_times: earlier` or"):
        parse("2026-10-25 02:30")
    with pytest.raises(ValueError, match=r"`nonexistent_times: offset_before` \(2026-03-29 03:30\+02:00\) or `shift_f"):
        parse("2026-03-29T02:30")
    assert parse("2026-10-25T02:30+01:00") == parse(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))


class _Kept:
    def __init__(self) -> None:
        self.rows: list[BadRow] = []

    def add(self, rows: Any) -> None:
        self.rows += rows


def _read(path: Path, declared: str) -> tuple[list[Row], list[BadRow]]:
    bad = _Kept()
    rows = [row for batch in touchpoints([path], Options(mappings.parse(declared)), bad) for row in batch]
    return rows, bad.rows


TWICE, NEVER = datetime(2026, 10, 25, 2, 30), datetime(2026, 3, 29, 2, 30)  # noqa: DTZ001
FORMS = {
    "%d.%m.%Y %H:%M": "clean: {occurred_at: {as: date, order: DMY}}\n",
    "%d.%m.%Y at %Hh%M": 'time_format: "%d.%m.%Y at %Hh%M"\n',
    "%d.%m.%y %Hh%M": 'clean: {occurred_at: {as: date, format: "%d.%m.%y %Hh%M", two_digit_years_from: 2000}}\n',
}


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    """The same three times as every format and form."""
    times = [TWICE, NEVER, datetime(2026, 6, 1, 12)]  # noqa: DTZ001
    iso = [at.isoformat() for at in times]
    csv = folder / "iso.csv"
    csv.write_text("customer_id,step,occurred_at\n" + "".join(f"anna,buy,{at}\n" for at in iso))
    yield csv, ""
    lines = folder / "iso.jsonl"
    lines.write_text(
        "".join(f'{{"customer_id": "anna", "step": "buy", "occurred_at": "{at.replace("T", " ")}"}}\n' for at in iso)
    )
    yield lines, ""
    parquet = folder / "local.parquet"
    pq.write_table(pa.table({"customer_id": ["anna"] * 3, "step": ["buy"] * 3, "occurred_at": times}), parquet)
    yield parquet, ""
    for form, declared in FORMS.items():
        other = folder / f"form{len(form)}.csv"
        other.write_text("customer_id,step,occurred_at\n" + "".join(f"anna,buy,{at:{form}}\n" for at in times))
        yield other, declared


def test_every_format_and_form_of_a_time_goes_by_the_same_declaration(tmp_path: Path) -> None:
    for path, declared in _files(tmp_path):
        rows, bad = _read(path, declared + "timezone: Europe/Berlin\n")
        assert len(rows) == 1, path
        assert len(bad) == 2, path
        assert "occurs twice in Europe/Berlin" in bad[0].reason
        assert "doesn't occur in Europe/Berlin" in bad[1].reason
        assert {row.column for row in bad} == {"occurred_at"}
        chosen = declared + "timezone: Europe/Berlin\nambiguous_times: later\nnonexistent_times: offset_before\n"
        rows, bad = _read(path, chosen)
        assert not bad, path
        assert [from_microseconds(row.occurred_at_us) for row in rows[:2]] == [
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
            datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        ]


def test_a_property_that_is_cleaned_as_a_date_goes_by_it_too(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("customer_id,step,occurred_at,delivered\nanna,buy,2026-06-01T10:00Z,25.10.2026 02:30\n")
    declared = "timezone: Europe/Berlin\nclean: {delivered: {as: date, order: DMY%s}}\n"
    rows, bad = _read(path, declared % "")
    assert not rows
    assert "'25.10.2026 02:30' occurs twice in Europe/Berlin" in bad[0].reason
    rows, bad = _read(path, declared % ", otherwise: empty")
    assert not bad
    assert rows[0].properties in (None, {})
    rows, bad = _read(path, declared % "" + "ambiguous_times: earlier\n")
    assert rows[0].properties == {"p_delivered": "2026-10-25T00:30:00Z"}


def test_files_of_one_mapping_may_differ_in_it() -> None:
    mapping = mappings.parse("timezone: Europe/Berlin\nfiles: {'till*': {ambiguous_times: earlier}, '*': {}}")
    till, web = mapping.for_file(Path("till.csv")), mapping.for_file(Path("web.csv"))
    assert till is not None
    assert web is not None
    assert (till.ambiguous_times, web.ambiguous_times) == ("earlier", "reject")
    assert parser(Clock("Europe/Berlin"), None)(date(2026, 10, 25)) > 0
