"""Counts what was planted for one platform, or for a time: incidents, and what sources did not record."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from journeygraph.generator import plants
from journeygraph.generator.calendar import Calendar, Integers
from journeygraph.generator.columns import SOURCES, emptied
from journeygraph.generator.people import APP
from journeygraph.generator.plants import GroupDropOff, Incident, Span
from journeygraph.generator.recount import Journeys, Mask
from journeygraph.generator.truth import Planted
from journeygraph.generator.walk import Contacts
from journeygraph.schema import CHANNELS


def planted(journeys: Journeys, happened: Contacts, ios: Mask, calendar: Calendar) -> tuple[Planted, ...]:
    """What is confined to a platform or a time, with its counts; `happened` has also what was not recorded."""
    return (
        *(_exits(journeys, rule, ios, calendar) for rule in (plants.GROUP_DROP_OFF, *plants.INCIDENTS)),
        _outage(happened, calendar),
        _emptied(journeys, calendar),
    )


def _exits(journeys: Journeys, rule: Incident | GroupDropOff, ios: Mask, calendar: Calendar) -> Planted:
    """A drop-off or an incident: visits of the platform within the span, and how many ended there."""
    contacts = journeys.contacts
    ends = journeys.ends_of((rule.step,))
    if rule.platform is not None:
        theirs = (contacts.channel[ends] == APP) & (ios[contacts.person[ends]] == (rule.platform == "ios"))
        ends = ends[theirs]
    span = rule.span if isinstance(rule, Incident) else None
    if span is not None:
        ends = _within(span, contacts, ends, calendar)
    return Planted(
        kind="drop_off" if span is None else "incident",
        subject=rule.step if span is None else f"exit after {rule.step}",
        steps=(rule.step,),
        size={"exit_rate": rule.exit_rate, "baseline": rule.otherwise},
        observed={"exit_share": journeys.exit_share(ends)},
        effect=f"{rule.exit_rate:.0%} leave for good after it, {rule.otherwise:.0%} do otherwise",
        group=f"platform={rule.platform}" if rule.platform else None,
        **_times(span, calendar),
        **journeys.how_many(ends),
    )


def _outage(happened: Contacts, calendar: Calendar) -> Planted:
    """The contacts that were not recorded; no journey of the files holds them."""
    rule = plants.OUTAGE
    of_channel = np.flatnonzero(happened.channel == CHANNELS.index(rule.channel))
    missing = _within(rule.span, happened, of_channel, calendar)
    return Planted(
        kind="blind_spot",
        subject=SOURCES[rule.channel],
        steps=(),
        journeys=0,
        customers=len(np.unique(happened.person[missing])),
        occurrences=len(missing),
        size={"share_missing": 1.0},
        observed={"touchpoints_missing": len(missing)},
        effect="the source records nothing",
        **_times(rule.span, calendar),
    )


def _emptied(journeys: Journeys, calendar: Calendar) -> Planted:
    rule = plants.EMPTIED
    rows = np.flatnonzero(emptied(journeys.contacts, calendar))
    return Planted(
        kind="blind_spot",
        subject=f"{rule.name} of {SOURCES[rule.channel]}",
        steps=(),
        size={"share_missing": 1.0},
        observed={"touchpoints_without": len(rows)},
        effect="the source leaves the property empty",
        **_times(rule.span, calendar),
        **journeys.how_many(rows),
    )


def _within(span: Span, contacts: Contacts, rows: Integers, calendar: Calendar) -> Integers:
    first, end = span.seconds(calendar)
    return rows[(contacts.seconds[rows] >= first) & (contacts.seconds[rows] < end)]


def _times(span: Span | None, calendar: Calendar) -> dict[str, str]:
    if span is None:
        return {}
    first, end = (datetime.fromtimestamp(second, UTC).isoformat() for second in span.seconds(calendar))
    return {"since": first, "until": end}
