"""Who is who: why, and which customers are one person; made one, and two again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, StringConstraints

from journeygraph import identity
from journeygraph.identity import blocked, people
from journeygraph.identity import households as living
from journeygraph.identity.explaining import Explanation
from journeygraph.identity.households import Households, LeftHousehold
from journeygraph.identity.linkage.clusters import LARGEST
from journeygraph.identity.merging import Merged, Unmerged
from journeygraph.identity.people import GraphResolution
from journeygraph.journeys.settle import settle
from journeygraph.privacy import audit
from journeygraph.privacy.masking import without_identifiers
from journeygraph_api.dependencies import CanReadCustomers, CanWrite, TheGraph, TheSettings
from journeygraph_api.security import asking, sees_identifiers

router = APIRouter(prefix="/v1/identity", tags=["identity"], dependencies=[CanReadCustomers])
CustomerId = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class Resolve(BaseModel):
    """How to look for customers who are one person."""

    dry_run: bool = Field(True, description="false: merge them")
    threshold: float = Field(people.THRESHOLD, gt=0, lt=1, description="merge where it is this probable")
    columns: dict[str, str] = Field({}, description="what properties are, where their names don't say it")
    blocked: list[str] = Field([], max_length=10_000, description="values that never merge, as `email: desk@*`")
    households: bool = Field(False, description="find who lives together as well; nobody is merged for it")
    largest: int = Field(LARGEST, ge=2, le=10_000, description="no person has more ids than this")


class Merge(BaseModel):
    """Two customers who are one person."""

    keep: CustomerId = Field(description="the customer who stays")
    absorb: CustomerId = Field(description="the customer who becomes part of them")
    because: str = Field("said so", max_length=1_000, description="kept as the merge's evidence")


class Unmerge(BaseModel):
    """A merge to take back."""

    merge_id: CustomerId = Field(description="as an explanation names it")
    forget: bool = Field(False, description="leave no record, so that a run may merge them again")


class LeaveHousehold(BaseModel):
    """A household to take back."""

    household_id: CustomerId
    forget: bool = Field(False, description="leave no record, so that a run may put them together again")


@router.get("/{customer_id:path}/explain")
def explained(graph: TheGraph, request: Request, customer_id: str) -> Explanation:
    """Which identifiers (masked without the scope `identifiers`) and merges lead to a customer, with evidence."""
    found = identity.explain(graph, customer_id)
    if sees_identifiers(request):
        return found
    return found.model_copy(update={"identifiers": without_identifiers(found.identifiers)})


@router.get("/households")
def households(graph: TheGraph, settings: TheSettings, request: Request) -> Households:
    """The households that runs found: who lives there, why, and how sure that is."""
    answer = living.listed(graph)
    audit.record(settings.home, "read households", actor=asking(request), durable=False)
    return answer


@router.post("/leave-household", dependencies=[CanWrite])
def left(graph: TheGraph, settings: TheSettings, request: Request, asked: LeaveHousehold) -> LeftHousehold:
    """Take back that customers live together."""
    answer = living.leave(graph, asked.household_id, forget=asked.forget)
    audit.record(settings.home, f"household {asked.household_id} taken back", actor=asking(request))
    return answer


@router.post("/resolve", dependencies=[CanWrite])
def resolved(graph: TheGraph, settings: TheSettings, request: Request, asked: Resolve) -> GraphResolution:
    """Which customers are one person; with `dry_run` false they are merged."""
    answer = people.resolve(
        graph,
        threshold=asked.threshold,
        told=asked.columns,
        blocked=blocked.parse(asked.blocked, "blocked"),
        largest=asked.largest,
        households=asked.households,
        dry_run=asked.dry_run,
    )
    settle(graph)
    what = f"would merge {answer.merged}" if asked.dry_run else f"merged {answer.merged}"
    audit.record(settings.home, f"identity run {answer.run}: {what}", actor=asking(request))
    return answer


@router.post("/merge", dependencies=[CanWrite])
def merged(graph: TheGraph, settings: TheSettings, request: Request, asked: Merge) -> Merged:
    """Make one customer of two; `unmerge` takes it back."""
    answer = identity.merge(graph, asked.keep, asked.absorb, evidence=asked.because)
    settle(graph)
    for customer_id in (answer.kept, answer.merged):
        audit.record(settings.home, "merge", customer_id, asking(request))
    return answer


@router.post("/unmerge", dependencies=[CanWrite])
def unmerged(graph: TheGraph, settings: TheSettings, request: Request, asked: Unmerge) -> Unmerged:
    """Take a merge back: the customers have the journeys that they would have without it."""
    answer = identity.unmerge(graph, asked.merge_id, forget=asked.forget)
    settle(graph)
    for customer_id in (answer.lost_by, answer.restored):
        audit.record(settings.home, "unmerge", customer_id, asking(request))
    return answer
