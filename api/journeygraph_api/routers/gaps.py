"""Where journeys break, and what each gap is worth."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from journeygraph import gaps as domain
from journeygraph.errors import NotFound
from journeygraph.gaps import Finding, GapReport, add_owners
from journeygraph.gaps import follow_up as follow_ups
from journeygraph.gaps.follow_up import FollowUp
from journeygraph.gaps.kept import kept
from journeygraph.journeys import filters
from journeygraph.journeys.filters import EVERYTHING
from journeygraph_api import paging
from journeygraph_api.dependencies import AsOf, CanRead, CanWrite, Cursor, Limit, TheGraphs
from journeygraph_api.graphs import Graphs
from journeygraph_api.unbuilt import TellsUnbuilt
from journeygraph_api.which_paths import Conditions, TheGrain, TheSegment

router = APIRouter(prefix="/v1", tags=["gaps"], dependencies=[CanRead], route_class=TellsUnbuilt)

_KINDS = ", ".join(kind.name for kind in domain.KINDS)


class GapPage(GapReport):
    """A page of the gap report."""

    next_cursor: str | None = None


@router.get("/gaps")
def gaps(
    graphs: TheGraphs,
    as_of: AsOf,
    grain: TheGrain = "customer",
    segment: TheSegment = None,
    where: Conditions = None,
    kind: Annotated[list[str] | None, Query(description=f"only these kinds: {_KINDS}")] = None,
    min_journeys: Annotated[int, Query(ge=1, description="journeys that a finding needs")] = domain.MINIMUM_JOURNEYS,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> GapPage:
    """The findings, the costliest first. All tests of the report are corrected together."""
    kinds = tuple(sorted(set(kind))) if kind else None
    selection = filters.parse(where or (), segment=segment)
    question = ("gaps", as_of, grain, selection, min_journeys, kinds)
    report = graphs.remember(
        question,
        lambda graph: domain.analyse(
            graph, minimum_journeys=min_journeys, kinds=kinds, as_of=as_of, grain=grain, selection=selection
        ),
    )
    report = add_owners(graphs.get(), report, as_of=as_of)  # these change without a load
    shown, following = paging.page(
        report.findings, limit=limit, cursor=cursor, question={"asked": question}, key=lambda finding: finding.id
    )
    # Built from the frozen report's own fields, not from a dump: the findings are validated already.
    return GapPage(**{**dict(report), "findings": tuple(shown)}, next_cursor=following)


@router.get("/gaps/{finding_id}")
def gap(graphs: TheGraphs, as_of: AsOf, finding_id: str) -> Finding:
    """One finding, by its stable id: as it is now, else as `journeygraph gaps --blueprint FILE` last kept it."""
    finding = _report(graphs, as_of).find(finding_id)
    if finding is None and as_of is None:
        finding = _kept(graphs, finding_id)
    if finding is None:
        raise NotFound(f"There is no finding {finding_id!r} now; `/v1/gaps` lists those that there are.")
    return finding


class OwnerAndNote(BaseModel):
    """Who follows a finding up; what is left out stays as it was, "" takes it away."""

    owner: str | None = Field(None, max_length=2_000, examples=["Ann"])
    note: str | None = Field(None, max_length=2_000, examples=["fixed with release 12"])


@router.put("/gaps/{finding_id}/follow-up", dependencies=[CanWrite])
def follow_up(graphs: TheGraphs, finding_id: str, given: OwnerAndNote) -> FollowUp:
    """Put an owner and a note on a finding; they stay with its id from report to report."""

    def shown() -> list[str]:
        return [finding.id for finding in _report(graphs, None).findings]

    return follow_ups.put(graphs.get(), finding_id, owner=given.owner, note=given.note, shown=shown)


def _kept(graphs: Graphs, finding_id: str) -> Finding | None:
    """A finding that only the graph knows, since it takes a blueprint to find it, with its owner and note."""
    graph = graphs.get()
    found = kept(graph, finding_id)
    noted = follow_ups.of(follow_ups.read(graph), finding_id) if found else None
    return found.model_copy(update={"owner": noted.owner, "note": noted.note}) if found and noted else found


def _report(graphs: Graphs, as_of: AsOf) -> GapReport:
    question = ("gaps", as_of, "customer", EVERYTHING, domain.MINIMUM_JOURNEYS, None)
    report = graphs.remember(question, lambda graph: domain.analyse(graph, as_of=as_of))
    return add_owners(graphs.get(), report, as_of=as_of)
