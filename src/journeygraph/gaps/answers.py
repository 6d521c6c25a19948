"""What a gap report says."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from journeygraph.answers import Answer, Reproducible
from journeygraph.journeys.grain import Belonging
from journeygraph.journeys.withheld import WithheldCustomers
from journeygraph.schema import Grain

Interval = tuple[float, float]


class Comparison(Answer):
    """A finding's counts in an earlier report against what came since (or, of other data, against what is now).

    The counts are of what the finding counts (`per`); p- and q-value are of Fisher's exact test of the two shares.
    """

    before_affected: int
    before_denominator: int
    since_affected: int | None
    since_denominator: int | None
    p_value: float | None
    q_value: float | None
    sentence: str


class ClosedFinding(Answer):
    """A finding of an earlier report that is none any more."""

    id: str
    kind: str
    title: str = Field(description="what the earlier report said")
    subject: str
    group: str | None = None
    status: str = "closed"
    owner: str | None = None
    note: str | None = None
    comparison: Comparison


class TrendPoint(Answer):
    """One day (UTC) of a trend."""

    day: str
    events: int
    trials: int


class Trend(Reproducible):
    """How the figure of a finding went, day by day; `cypher` returns these rows."""

    unit: str = Field(description="what `events` of `trials` are")
    points: tuple[TrendPoint, ...]


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
    status: str = Field("new", description="against an earlier report: new, worse, better or same")
    comparison: Comparison | None = Field(
        None, description="the counts then and since, where there is an earlier report"
    )
    owner: str | None = Field(None, description="who follows it up")
    note: str | None = None
    counts: dict[str, int] = Field(description="further counts that the figures are made of")
    examples: tuple[str, ...] = Field(description="ids of affected journeys, the latest first")
    inputs: Reproducible | None = None
    trend: Trend | None = Field(None, description="of findings that are confined to a time")


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
    grain: Grain = "customer"
    belonging: Belonging | None = None
    withheld: WithheldCustomers | None = Field(None, description="customers left out: consent was withdrawn")
    selection: str = Field("", description="conditions on the journeys that were looked at; empty: all of them")
    compared_with: str | None = Field(None, description="id of the earlier report that `status` refers to")
    closed: tuple[ClosedFinding, ...] = Field((), description="findings of the earlier report that are none any more")

    def find(self, finding_id: str) -> Finding | None:
        """The finding of that id, None where the report has none."""
        return next((finding for finding in self.findings if finding.id == finding_id), None)

    def rows(self) -> list[dict[str, Any]]:
        """The findings as plain rows, e.g. for a table."""
        return [finding.model_dump(mode="json") for finding in self.findings]
