"""What funnels answer; field names are those of the queries' columns."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from journeygraph.answers import Answer, Reproducible
from journeygraph.paths.about import AboutPaths


class FunnelStep(Answer):
    """One step of a funnel: how many came this far, of all who entered and of those at the step before.

    The seconds are those from the step before, of each path's best chain.
    """

    step: str
    label: str
    count: int
    conversion: float | None
    from_previous: float | None
    median_seconds: float | None
    p90_seconds: float | None


class FunnelGroup(Answer):
    """The funnel of the paths of one group; `group` is None for those whose value isn't known.

    `interval` is Wilson's 95 % interval of the last step's conversion.  `q_value` tests the group's conversion against
    that of all others (Fisher's exact test, corrected over the groups by Benjamini-Hochberg); None where one of them is
    empty.
    """

    group: str | None
    denominator: int
    population: int
    interval: tuple[float, float] | None
    p_value: float | None
    q_value: float | None
    steps: list[FunnelStep]


class Breakdown(Reproducible):
    """The same funnel for each group; every path belongs to one, so the counts add up to the whole funnel's."""

    by: str
    groups: list[FunnelGroup]


class LevelStep(Answer):
    """A step of the funnel under the merges of a level."""

    step: str
    count: int
    conversion: float | None


class IdentityLevel(Reproducible):
    """The figures under merges of at least `least_confidence`, of which there are `merges`.

    `cypher` gives the steps; `journeys_cypher`, with `journeys_parameters`, the other counts.  `conversion` is that of
    the journeys that ended (converted or lost).
    """

    least_confidence: float
    merges: int
    customers: int
    journeys: int
    converted: int
    lost: int
    conversion: float | None
    steps: list[LevelStep]
    journeys_cypher: str
    journeys_parameters: dict[str, Any]


class Between(Answer):
    """The smallest and the largest figure of all levels."""

    name: str
    low: float | None
    high: float | None


class IdentityBand(Answer):
    """A funnel at each level, the least sure first, and between what its figures lie.

    What no run merged cannot be seen here: a band shows what the merges that stand contribute, not those that are
    missing.
    """

    merges: int
    levels: list[IdentityLevel]
    counts: list[Between]
    conversions: list[Between]
    journey_conversion: Between


class Funnel(AboutPaths, Reproducible):
    """How far paths come.  `denominator` counts those that entered the first step, `population` all at the grain."""

    denominator: int
    population: int
    mode: str
    window_seconds: float | None
    exclude: list[str]
    steps: list[FunnelStep]
    breakdown: Breakdown | None = None
    identity_band: IdentityBand | None = None


class Instead(Answer):
    """What paths did directly after the last funnel step that they reached; `(end)`: nothing more."""

    step: str
    count: int
    customers: int
    share: float


class Stopped(Answer):
    """The paths that came as far as a step of a funnel and no further.

    `lost`, `converted` and `open` say how these paths ended: the open ones may still go on.  `instead` sums up to
    `count`.
    """

    step: str
    reached: int = Field(description="how many of the funnel's steps they have")
    count: int
    customers: int
    lost: int
    converted: int
    open: int
    instead: list[Instead]


class StoppedPath(Answer):
    """One path that stopped; `next_step` is what it did instead."""

    path_id: str
    customer_id: str
    outcome: str
    reached: int
    next_step: str


class Dropped(AboutPaths, Reproducible):
    """For each step of a funnel who stopped there, and what they did instead.

    `paths` lists those that were asked for, one by one; the statement gives them (with `reached` and `next_step` null:
    all that stopped anywhere), and every count here is a number of its rows.
    """

    denominator: int
    population: int
    mode: str
    window_seconds: float | None
    exclude: list[str]
    steps: list[Stopped]
    paths: list[StoppedPath] = Field(default_factory=list)
