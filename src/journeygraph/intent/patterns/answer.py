"""What is told of patterns."""

from __future__ import annotations

from pydantic import Field

from journeygraph.answers import Answer, Reproducible
from journeygraph.intent.patterns.trend import Trend
from journeygraph.paths.about import AboutPaths

#: Steps in order; or sets of steps that share an instant.
Pattern = list[str] | list[list[str]]


class PatternRow(Reproducible):
    """A pattern and what goes with it.

    `share` is `support` of all sequences; `lift` is P(outcome | pattern) / P(outcome) among the decided, None where
    nobody reached the outcome or no decided journey holds the pattern; `p_value` is Fisher's, two-sided, `q_value`
    corrects it (Benjamini-Hochberg) for all patterns tried, `wy_p_value` by permutation (Westfall-Young): the chance
    that any pattern at all looks like that.  `adds` compares those that hold the pattern with those that hold only
    `part`, the pattern with one item less that explains it best.  Where steps that share an instant are mined together,
    a pattern is a list of sets, each a list of steps.
    """

    pattern: Pattern
    name: str = Field(description="the pattern in words")
    support: int
    share: float
    weighted_support: float | None = Field(description="value of the journeys that hold it; null where not weighted")
    weighted_share: float | None = Field(description="of the value of all journeys")
    decided_with: int
    reached_with: int
    lift: float | None
    p_value: float
    q_value: float
    wy_p_value: float | None = Field(description="family-wise; null where no permutations were asked for")
    part: Pattern | None = Field(description="the pattern with one item less that explains it best")
    part_decided_with: int | None
    part_reached_with: int | None
    adds: float | None = Field(description="P(outcome | pattern) / P(outcome | part without the pattern)")
    adds_interval: tuple[float, float] | None = Field(description="95 % interval of adds")
    adds_p_value: float | None = Field(description="Fisher's, among the journeys that hold the part")
    adds_q_value: float | None
    median_seconds_to_outcome: float | None = Field(description="from where the pattern is first complete")
    timed: int = Field(description="journeys behind the median")
    examples: list[str] = Field(description="journeys that hold the pattern, those that reached the outcome first")
    trend: Trend | None = Field(description="rising, falling or steady over `slices`; null without any")
    trend_p_value: float | None
    trend_q_value: float | None
    support_by_slice: list[int]
    share_by_slice: list[float | None] = Field(description="of the journeys that began in each slice")
    represented_by: Pattern | None = Field(description="the pattern that stands for this one; null: it stands alone")
    stands_for: int = Field(description="other patterns that this one represents")


class Slice(Answer):
    """A part of the journeys' time, as long as every other one."""

    since: str
    until: str
    sequences: int = Field(description="journeys that began in it")


class PatternReport(AboutPaths):
    """The patterns that tell most about an outcome, of `tested` in all."""

    sequences: int
    outcome: str
    decided: int = Field(description="journeys whose outcome is known")
    reached: int = Field(description="of these, the ones that reached it")
    censored: int = Field(description="open journeys, left out of lift and test")
    minimum_support: int | float = Field(description="journeys; where weighted, their value")
    weight: str | None = Field(description="what journeys count in place of one: their value")
    total_weight: float | None = Field(description="value of all journeys; null where not weighted")
    tested: int
    representatives: int = Field(description="patterns that stand for all the tested ones")
    corrected_by: str = "Benjamini-Hochberg"
    permutations: int = Field(description="permutations of the outcome behind wy_p_value")
    stopped: str | None = Field(None, description="why the search ended before it had all patterns")
    slices: list[Slice] = Field(description="until all later journeys may still go on")
    patterns: list[PatternRow]
