"""Sequences that show what customers are about to do."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from journeygraph.intent import patterns as domain
from journeygraph.intent.patterns import PatternReport, PatternRow
from journeygraph.journeys import filters
from journeygraph_api import paging
from journeygraph_api.dependencies import AsOf, CanRead, Cursor, Limit, TheGraphs
from journeygraph_api.which_paths import Conditions, TheGrain, TheSegment

router = APIRouter(prefix="/v1", tags=["patterns"], dependencies=[CanRead])


class PatternPage(PatternReport):
    """A page of patterns, those that tell most first."""

    next_cursor: str | None = None


@router.get("/patterns")
def patterns(
    graphs: TheGraphs,
    as_of: AsOf,
    grain: TheGrain = "customer",
    segment: TheSegment = None,
    where: Conditions = None,
    min_support: Annotated[float, Query(gt=0, description="a share below 1, or a number of journeys")] = 0.05,
    max_length: Annotated[int, Query(ge=1, le=20, description="steps in a pattern")] = 5,
    max_gap: Annotated[int | None, Query(ge=0, description="touchpoints between neighbours")] = None,
    closed: Annotated[bool, Query(description="no pattern with a longer one of the same support")] = False,
    top: Annotated[int, Query(ge=1, le=10_000, description="the best so many")] = 50,
    outcome: Annotated[str, Query(description="converted, lost, or a step")] = "converted",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> PatternPage:
    """Frequent patterns before an outcome, with support, lift, Fisher's p and its correction."""
    support = min_support if min_support < 1 else int(min_support)
    selection = filters.parse(where or (), segment=segment)
    question = ("patterns", as_of, grain, selection, support, max_length, max_gap, closed, top, outcome)
    table = graphs.table(as_of=as_of, grain=grain, selection=selection)
    report = graphs.remember(
        question,
        lambda _: domain.mine(
            table, minimum_support=support, max_length=max_length, max_gap=max_gap, closed=closed, top=top,
            outcome=outcome,
        ),
    )  # fmt: skip
    shown, following = paging.page(report.patterns, limit=limit, cursor=cursor, question={"asked": question}, key=_key)
    return PatternPage(**{**dict(report), "patterns": shown}, next_cursor=following)


def _key(row: PatternRow) -> str:
    return "\x1f".join(row.pattern)
