"""Owners and notes of findings, and the counts of an earlier report's findings today: what a graph adds to a report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from journeygraph import queries
from journeygraph.answers import Answer, Reproducible
from journeygraph.errors import NotFound, UsageError, did_you_mean
from journeygraph.gaps.answers import GapReport
from journeygraph.gaps.comparison import Counts
from journeygraph.gaps.kinds import KINDS
from journeygraph.graph import Graph
from journeygraph.schema import Grain

_LONGEST = 2_000
#: Ids of a kind begin alike and end in twelve digits at random: one is near where most of its digits are the same.
_NEAR = 0.85


class FollowUp(Answer):
    """Who follows a finding up, and what they say about it."""

    finding_id: str
    owner: str | None
    note: str | None
    noted_at: str


class FollowUps(Reproducible):
    """The owner and note of each finding that has one."""

    follow_ups: tuple[FollowUp, ...]


def read(graph: Graph, *, as_of: datetime | None = None) -> FollowUps:
    """The latest owner and note of each finding, as of an instant where one is given."""
    known_at = as_of.isoformat() if as_of else None
    rows = graph.read("gaps/follow_ups", known_at=known_at)
    return FollowUps(
        follow_ups=tuple(FollowUp(**row) for row in rows),
        cypher=queries.get("gaps/follow_ups").cypher,
        parameters={"known_at": known_at},
    )


def put(
    graph: Graph,
    finding_id: str,
    *,
    owner: str | None = None,
    note: str | None = None,
    shown: Callable[[], Collection[str]] = tuple,
) -> FollowUp:
    """Put an owner, a note or both on a finding; what is not given stays as it was.  "" takes one away.

    `shown` gives the ids of findings that are shown without being kept; it is called for one that is not kept only.
    Raises `NotFound` for a finding that is neither kept nor shown nor followed up already, `UsageError` for an id that
    no kind makes, or a text over 2,000 characters.
    """
    if finding_id.rpartition("-")[0] not in {kind.name for kind in KINDS}:
        raise UsageError(f"{finding_id!r} is no id of a finding, such as 'drop_off-45f9c279dbbf'.")
    for name, text in (("owner", owner), ("note", note)):
        if text is not None and len(text) > _LONGEST:
            raise UsageError(f"The {name} has {len(text)} characters; {_LONGEST} are allowed.")
    was = of(read(graph), finding_id)
    if was is None:
        _check_found(graph, finding_id, shown)
    graph.write(
        "gaps/follow_up",
        finding_id=finding_id,
        owner=_kept(owner, was.owner if was else None),
        note=_kept(note, was.note if was else None),
    )
    now = of(read(graph), finding_id)
    if now is None:
        raise UsageError(f"The owner of {finding_id!r} was not kept: the graph is being emptied.")
    return now


def _check_found(graph: Graph, finding_id: str, shown: Callable[[], Collection[str]]) -> None:
    known = [row["finding_id"] for row in graph.read("gaps/kept_ids")]
    if finding_id in known or finding_id in (known := [*known, *shown()]):
        return
    raise NotFound(
        f"There is no finding {finding_id!r} in the graph.{did_you_mean(finding_id, known, cutoff=_NEAR)} Findings are "
        "kept by `journeygraph gaps` (with the --grain, --segment or --blueprint that shows them): run that first."
    )


def of(follow_ups: FollowUps, finding_id: str) -> FollowUp | None:
    """The owner and note of one finding."""
    return next((one for one in follow_ups.follow_ups if one.finding_id == finding_id), None)


def _kept(given: str | None, was: str | None) -> str | None:
    return was if given is None else given or None


def add_owners(graph: Graph, report: GapReport, *, as_of: datetime | None = None) -> GapReport:
    """The report with the owner and note of each finding."""
    known = {one.finding_id: {"owner": one.owner, "note": one.note} for one in read(graph, as_of=as_of).follow_ups}
    if not known:
        return report
    findings = tuple(one.model_copy(update=known.get(one.id, {})) for one in report.findings)
    return report.model_copy(update={"findings": findings})


def _texts(name: str, grain: Grain) -> tuple[str, ...]:
    now = queries.get(name)
    if not now.reads_journeys:
        return (now.cypher,)
    if grain != "customer":
        return (queries.get(name, of_grain=True).cypher,)
    return now.cypher, queries.get(name, as_of=True).cypher


def recount(
    graph: Graph,
    finding: Mapping[str, Any],
    known_until_us: int,
    *,
    as_of: datetime | None = None,
    grain: Grain = "customer",
) -> Counts | None:
    """Today's counts to the question that an earlier report's finding asked, None where it cannot be asked.

    The statement is looked up among this version's own: a report is a file, and what is in it is never run.
    """
    kinds = {kind.name: kind for kind in KINDS}
    if finding["kind"] not in kinds:
        return None
    for name in kinds[finding["kind"]].queries:
        if finding["cypher"] in _texts(name, grain):
            parameters = {key: value for key, value in finding["parameters"].items() if key not in ("as_of", "grain")}
            if "known_until_us" in parameters:
                parameters["known_until_us"] = known_until_us
            rows = graph.read(name, as_of=as_of, grain=grain, **parameters)
            return Counts(affected=rows[0]["affected"], denominator=rows[0]["denominator"]) if rows else None
    return None
