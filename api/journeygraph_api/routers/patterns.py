"""Sequences that show what customers are about to do."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from journeygraph.errors import UsageError
from journeygraph.intent.patterns import contrast as domain_contrast
from journeygraph.intent.patterns import found as domain
from journeygraph.intent.patterns.answer import PatternReport, PatternRow
from journeygraph.intent.patterns.contrast import ContrastReport
from journeygraph.intent.patterns.question import PERMUTATIONS, SEED, Question
from journeygraph.intent.patterns.words import arrow
from journeygraph.journeys import filters
from journeygraph.journeys.table import JourneyTable
from journeygraph_api import paging
from journeygraph_api.dependencies import AsOf, CanRead, Cursor, Limit, TheGraphs
from journeygraph_api.unbuilt import TellsUnbuilt
from journeygraph_api.which_paths import Conditions, TheGrain, TheSegment

router = APIRouter(prefix="/v1", tags=["patterns"], dependencies=[CanRead], route_class=TellsUnbuilt)


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
    max_gap_seconds: Annotated[float | None, Query(ge=0, description="seconds between neighbours")] = None,
    max_span_seconds: Annotated[float | None, Query(ge=0, description="seconds from the first to the last")] = None,
    closed: Annotated[bool, Query(description="no pattern with a longer one of the same support")] = False,
    maximal: Annotated[bool, Query(description="no pattern that a longer one contains")] = False,
    required: Annotated[list[str] | None, Query(description="only patterns with this step")] = None,
    excluded: Annotated[list[str] | None, Query(description="no pattern with this step")] = None,
    top: Annotated[int, Query(ge=1, le=10_000, description="the best so many")] = 50,
    outcome: Annotated[str, Query(description="converted, lost, or a step")] = "converted",
    representatives: Annotated[bool, Query(description="only patterns that stand for the others")] = False,
    permutations: Annotated[int, Query(ge=0, le=10_000, description="of the outcome, for wy_p_value")] = PERMUTATIONS,
    seed: Annotated[int, Query(ge=0, description="of the permutations")] = SEED,
    weight: Annotated[Literal["value"] | None, Query(description="what journeys count in place of one")] = None,
    together: Annotated[bool, Query(description="steps that share an instant are sets")] = False,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> PatternPage:
    """Frequent patterns before an outcome, with lift, three corrected tests, and what each adds over its parts."""
    asked = Question(
        minimum_support=min_support if min_support < 1 else int(min_support),
        max_length=max_length,
        max_gap=max_gap,
        max_gap_seconds=max_gap_seconds,
        max_span_seconds=max_span_seconds,
        closed=closed,
        maximal=maximal,
        required=tuple(required or ()),
        excluded=tuple(excluded or ()),
        top=top,
        outcome=outcome,
        representatives=representatives,
        permutations=permutations,
        seed=seed,
        weight=weight,
        together=together,
    )
    selection = filters.parse(where or (), segment=segment)
    question = ("patterns", as_of, grain, selection, asked)
    table = graphs.table(as_of=as_of, grain=grain, selection=selection)
    report = graphs.remember(question, lambda _: domain.mine(table, asked))
    shown, following = paging.page(report.patterns, limit=limit, cursor=cursor, question={"asked": question}, key=_key)
    return PatternPage(**{**dict(report), "patterns": shown}, next_cursor=following)


@router.get("/patterns/contrast")
def contrast(
    graphs: TheGraphs,
    as_of: AsOf,
    grain: TheGrain = "customer",
    segment: TheSegment = None,
    against_segment: Annotated[str | None, Query(description="the segment that `segment` is held against")] = None,
    before: Annotated[str | None, Query(description="or an instant: journeys since it against those before")] = None,
    where: Conditions = None,
    min_support: Annotated[float, Query(gt=0, description="a share below 1, or a number of journeys")] = 0.05,
    max_length: Annotated[int, Query(ge=1, le=20, description="steps in a pattern")] = 5,
    max_gap: Annotated[int | None, Query(ge=0, description="touchpoints between neighbours")] = None,
    max_gap_seconds: Annotated[float | None, Query(ge=0, description="seconds between neighbours")] = None,
    max_span_seconds: Annotated[float | None, Query(ge=0, description="seconds from the first to the last")] = None,
    top: Annotated[int, Query(ge=1, le=10_000, description="the surest so many")] = 50,
    representatives: Annotated[bool, Query(description="only patterns that stand for the others")] = False,
    permutations: Annotated[int, Query(ge=0, le=10_000, description="of the groups, for wy_p_value")] = PERMUTATIONS,
    seed: Annotated[int, Query(ge=0, description="of the permutations")] = SEED,
    together: Annotated[bool, Query(description="steps that share an instant are sets")] = False,
) -> ContrastReport:
    """What one group of journeys does more often than another: two segments, or after an instant and before it."""
    asked = Question(
        minimum_support=min_support if min_support < 1 else int(min_support),
        max_length=max_length,
        max_gap=max_gap,
        max_gap_seconds=max_gap_seconds,
        max_span_seconds=max_span_seconds,
        top=top,
        representatives=representatives,
        permutations=permutations,
        seed=seed,
        together=together,
    )

    def table(*, of: str | None = segment, period: str | None = None) -> JourneyTable:
        selection = filters.parse([*(where or ()), *([period] if period else [])], segment=of)
        return graphs.table(as_of=as_of, grain=grain, selection=selection)

    if (before is None) == (against_segment is None):
        raise UsageError("A contrast is `segment` against `against_segment`, or `before` an instant: ask for one.")
    if before is not None:
        pair = domain_contrast.before_and_after(
            table(period=f"until={before}"), table(period=f"since={before}"), before
        )
    elif segment is None:
        raise UsageError("`against_segment` needs a `segment` that is held against it.")
    else:
        names = (f"in segment {segment}", f"in segment {against_segment}")
        pair = domain_contrast.Pair(table(), table(of=against_segment), names)
    return domain_contrast.contrast(pair, asked)


def _key(row: PatternRow) -> str:
    return arrow(row.pattern, "\x1f")
