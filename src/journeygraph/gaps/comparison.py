"""Findings against those of an earlier report: new, worse, better, the same, or closed, with the test that says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from journeygraph.answers import Answer
from journeygraph.gaps.answers import ClosedFinding, Comparison, Finding, GapReport
from journeygraph.gaps.kind import percent
from journeygraph.statistics import q_values

MAXIMUM_Q = 0.05
#: Parameters that move with the data and do not change what is asked.
_MOVING = frozenset({"known_until_us", "examples", "as_of"})


class Counts(Answer):
    """Affected journeys (or what the finding counts) and their denominator."""

    affected: int
    denominator: int

    @property
    def share(self) -> float:
        """Affected over denominator; 0 where there is none."""
        return self.affected / self.denominator if self.denominator else 0.0

    def since(self, before: Counts) -> Counts | None:
        """What came on top of earlier counts, None where these are no continuation of them."""
        affected, denominator = self.affected - before.affected, self.denominator - before.denominator
        return Counts(affected=affected, denominator=denominator) if 0 <= affected <= denominator else None


#: The counts that an earlier finding's question has today, None where it can no longer be asked.
Recount = Callable[[Mapping[str, Any]], Counts | None]


@dataclass(frozen=True)
class _Pair:
    """One finding in both reports: the two samples compared, and Fisher's two-sided p-value of their shares."""

    before: Counts
    since: Counts | None
    p_value: float | None


def compare(
    report: GapReport, earlier: Mapping[str, Any], *, compared_with: str, grown: bool, recount: Recount
) -> GapReport:
    """The report with the status of each finding against an earlier report's gap answer, and what was closed.

    `grown` says that today's data is the earlier data and more: then what came since is compared with what was
    before, so that no journey counts on both sides; otherwise the two reports' counts are two samples.  Shares are
    compared by Fisher's exact test, all findings of both reports corrected together (Benjamini-Hochberg, 0.05).
    """
    before = {row["id"]: row for row in earlier["findings"]}
    now = {finding.id: finding for finding in report.findings}
    pairs = {
        finding_id: _pair(row, _counts_now(row, now.get(finding_id), recount), grown=grown)
        for finding_id, row in before.items()
    }
    corrected = _corrected(pairs)
    return report.model_copy(
        update={
            "compared_with": compared_with,
            "findings": tuple(_with_status(finding, pairs, corrected) for finding in report.findings),
            "closed": tuple(
                _closed(row, pairs[finding_id], corrected)
                for finding_id, row in before.items()
                if finding_id not in now
            ),
        }
    )


def _counts_now(row: Mapping[str, Any], finding: Finding | None, recount: Recount) -> Counts | None:
    """Today's counts to the question that was asked then."""
    if finding is not None and _question(row["parameters"]) == _question(finding.parameters):
        return Counts(affected=finding.affected, denominator=finding.denominator)
    return recount(row)


def _question(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if name not in _MOVING}


def _pair(row: Mapping[str, Any], now: Counts | None, *, grown: bool) -> _Pair:
    before = Counts(affected=row["affected"], denominator=row["denominator"])
    since = now.since(before) if now and grown else now
    if since is None or since.denominator == 0:
        return _Pair(before, since, None)
    table = np.array([[counts.affected, counts.denominator - counts.affected] for counts in (before, since)])
    return _Pair(before, since, float(stats.fisher_exact(table).pvalue))


def _corrected(pairs: Mapping[str, _Pair]) -> dict[str, float]:
    tested = {finding_id: pair.p_value for finding_id, pair in pairs.items() if pair.p_value is not None}
    return dict(zip(tested, q_values(np.array(list(tested.values()))).tolist(), strict=True))


def _comparison(pair: _Pair, q_value: float | None) -> Comparison:
    return Comparison(
        before_affected=pair.before.affected,
        before_denominator=pair.before.denominator,
        since_affected=pair.since.affected if pair.since else None,
        since_denominator=pair.since.denominator if pair.since else None,
        p_value=pair.p_value,
        q_value=q_value,
        sentence=_sentence(pair, q_value),
    )


def _sentence(pair: _Pair, q_value: float | None) -> str:
    before = f"{pair.before.affected} of {pair.before.denominator} ({percent(pair.before.share)}) then"
    if pair.since is None:
        return f"{before}; the two reports' counts cannot be compared."
    if q_value is None or pair.p_value is None:
        return f"{before}; nothing new to compare it with since."
    since = f"{pair.since.affected} of {pair.since.denominator} ({percent(pair.since.share)}) since"
    return f"{before}, {since}; Fisher's exact test p = {pair.p_value:.2g}, q = {q_value:.2g}."


def _with_status(finding: Finding, pairs: Mapping[str, _Pair], corrected: Mapping[str, float]) -> Finding:
    pair = pairs.get(finding.id)
    if pair is None:
        return finding.model_copy(update={"status": "new"})
    q_value = corrected.get(finding.id)
    return finding.model_copy(update={"status": _status(pair, q_value), "comparison": _comparison(pair, q_value)})


def _status(pair: _Pair, q_value: float | None) -> str:
    if pair.since is None or q_value is None or q_value > MAXIMUM_Q:
        return "same"
    return "worse" if pair.since.share > pair.before.share else "better"


def _closed(row: Mapping[str, Any], pair: _Pair, corrected: Mapping[str, float]) -> ClosedFinding:
    known: Sequence[str] = ("id", "kind", "title", "subject", "group", "owner", "note")
    return ClosedFinding(
        **{name: row.get(name) for name in known}, comparison=_comparison(pair, corrected.get(row["id"]))
    )
