"""How a finding went: its affected share in this report and in those before, as far back as they were compared.

A report hands its history on to the one that is compared with it, so that one report.json holds all of it: reports that
were deleted since are still in it, and the same report and the same earlier one give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from journeygraph.answers import Answer
from journeygraph.statistics import share

#: Reports that a finding's history goes back at most.
KEPT: Final = 104
Status = Literal["new", "worse", "better", "same", "closed"]


class Point(Answer):
    """A finding in one report; `report` is that report's id, None in the report itself.

    `at` is the instant that the report is of.  `share` is `affected` of `denominator` with Wilson's 95 % interval; all
    are None where the report before had the finding and this one has not (`closed`).
    """

    finding_id: str
    report: str | None
    at: str | None
    status: Status
    affected: int | None = None
    denominator: int | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None


def grow(
    before: Sequence[Point], answer: Mapping[str, Any] | None, *, at: str | None, earlier_id: str | None
) -> tuple[Point, ...]:
    """The history of an earlier report with that id, and the findings of this one's gap answer; by finding, then time.

    >>> answer = {"findings": [{"id": "loop-1", "status": "new", "affected": 5, "denominator": 10}], "closed": []}
    >>> first = grow((), answer, at="2026-01-01", earlier_id=None)
    >>> [(point.report, point.share) for point in grow(first, answer, at="2026-02-01", earlier_id="f00")]
    [('f00', 0.5), (None, 0.5)]
    """
    passed = [point if point.report else point.model_copy(update={"report": earlier_id}) for point in before]
    by_finding: dict[str, list[Point]] = {}
    for point in (*passed, *points(answer, at)):
        by_finding.setdefault(point.finding_id, []).append(point)
    return tuple(point for name in sorted(by_finding) for point in by_finding[name][-KEPT:])


def points(answer: Mapping[str, Any] | None, at: str | None) -> Iterable[Point]:
    """The findings of a report's gap answer, and those that it closed."""
    for row in (answer or {}).get("findings", ()):
        affected, denominator = row["affected"], row["denominator"]
        is_share = 0 <= affected <= denominator > 0
        estimate = share(affected, denominator) if is_share else None
        yield Point(
            finding_id=row["id"],
            report=None,
            at=at,
            status=row.get("status") or "new",
            affected=affected,
            denominator=denominator,
            share=estimate.value if estimate else None,
            low=estimate.low if estimate else None,
            high=estimate.high if estimate else None,
        )
    for row in (answer or {}).get("closed", ()):
        yield Point(finding_id=row["id"], report=None, at=at, status="closed")
