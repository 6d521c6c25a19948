"""What a gap report says."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from journeygraph.answers import Reproducible

Interval = tuple[float, float]


class Finding(Reproducible):
    """A gap or redundancy: what happened against what could be expected, for whom, how much and how sure.

    `cypher` with `parameters` returns one row whose columns have the names and values of this model's fields
    (`affected`, `denominator`, `affected_customers`, `denominator_customers`, `counts`, `examples`).  `inputs`
    returns, where counts can give it, what the expectation is computed from: one row per stratum.
    """

    id: str
    kind: str
    title: str = Field(description="the finding as a sentence")
    subject: str = Field(description="the step, or the steps joined by ' → '")
    steps: tuple[str, ...]
    group: str | None = Field(None, description="the platform, source, campaign or store it is confined to")
    since: str | None = Field(None, description="start of the time span it is confined to")
    until: str | None = None
    channels: tuple[str, ...] = Field(description="where the subject's touchpoints happen, commonest first")
    per: str = Field("journey", description="what `affected` and `denominator` count")
    affected: int
    denominator: int
    affected_customers: int
    denominator_customers: int
    observed: float = Field(description="the share that was compared, in `effect_unit`")
    expected: float = Field(description="the share that could be expected, in `effect_unit`")
    effect: float = Field(description="excess over the expectation: observed - expected")
    effect_unit: str
    interval: Interval = Field(description="95 % interval of `effect`")
    p_value: float = Field(description="two-sided")
    q_value: float = Field(description="p-value corrected with all tests of the report")
    lost_conversions: float | None = Field(description="None where a loss cannot be estimated")
    lost_conversions_interval: Interval | None
    lost_value: float | None = Field(description="None where no value is known, or several currencies are mixed")
    lost_value_interval: Interval | None
    currency: str | None
    status: str = Field("new", description="against the previous report")
    counts: dict[str, int] = Field(description="further counts that the figures are made of")
    examples: tuple[str, ...] = Field(description="ids of affected journeys, the latest first")
    inputs: Reproducible | None = None


class GapReport(Reproducible):
    """All findings of one analysis, the costliest first; `cypher` counts the journeys that were looked at."""

    findings: tuple[Finding, ...]
    tested: int = Field(description="number of tests that the correction counts")
    corrected_by: str = "Benjamini-Hochberg, q <= 0.05"
    per: str = "journey"
    minimum_journeys: int
    journeys: int
    converted: int
    lost: int
    open: int
    as_of: str | None = None

    def find(self, finding_id: str) -> Finding | None:
        """The finding of that id, None where the report has none."""
        return next((finding for finding in self.findings if finding.id == finding_id), None)

    def rows(self) -> list[dict[str, Any]]:
        """The findings as plain rows, e.g. for a table."""
        return [finding.model_dump(mode="json") for finding in self.findings]
