"""Where journeys break, and what each gap is worth."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from journeygraph import gaps as domain
from journeygraph.errors import NotFound
from journeygraph.gaps import Finding, GapReport
from journeygraph_api import paging
from journeygraph_api.dependencies import AsOf, CanRead, Cursor, Limit, TheGraphs
from journeygraph_api.graphs import Graphs

router = APIRouter(prefix="/v1", tags=["gaps"], dependencies=[CanRead])

_KINDS = ", ".join(kind.name for kind in domain.KINDS)


class GapPage(GapReport):
    """A page of the gap report."""

    next_cursor: str | None = None


@router.get("/gaps")
def gaps(
    graphs: TheGraphs,
    as_of: AsOf,
    kind: Annotated[list[str] | None, Query(description=f"only these kinds: {_KINDS}")] = None,
    min_journeys: Annotated[int, Query(ge=1, description="journeys that a finding needs")] = domain.MINIMUM_JOURNEYS,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> GapPage:
    """The findings, the costliest first. All tests of the report are corrected together."""
    kinds = tuple(sorted(set(kind))) if kind else None
    question = ("gaps", as_of, min_journeys, kinds)
    report = graphs.remember(
        question, lambda graph: domain.analyse(graph, minimum_journeys=min_journeys, kinds=kinds, as_of=as_of)
    )
    shown, following = paging.page(
        report.findings, limit=limit, cursor=cursor, question={"asked": question}, key=lambda finding: finding.id
    )
    # Built from the frozen report's own fields, not from a dump: the findings are validated already.
    return GapPage(**{**dict(report), "findings": tuple(shown)}, next_cursor=following)


@router.get("/gaps/{finding_id}")
def gap(graphs: TheGraphs, as_of: AsOf, finding_id: str) -> Finding:
    """One finding, by its stable id."""
    finding = _report(graphs, as_of).find(finding_id)
    if finding is None:
        raise NotFound(f"There is no finding {finding_id!r} now; `/v1/gaps` lists those that there are.")
    return finding


def _report(graphs: Graphs, as_of: AsOf) -> GapReport:
    question = ("gaps", as_of, domain.MINIMUM_JOURNEYS, None)
    return graphs.remember(question, lambda graph: domain.analyse(graph, as_of=as_of))
