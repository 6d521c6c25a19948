"""What the analyses of paths answer; field names are those of the queries' columns."""

from __future__ import annotations

from pydantic import Field

from journeygraph.answers import Answer, Reproducible
from journeygraph.paths.about import AboutPaths


class PathNode(Answer):
    """A step in a picture of paths; in a levelled view, a step at one level.

    `journeys` counts distinct paths at the answer's grain (`per`), `count` occurrences.  A sentinel has no stage.
    """

    id: str
    name: str
    level: int
    stage: str | None
    count: int
    journeys: int
    customers: int


class Link(Answer):
    """Paths that go from `source` directly to `target`.

    `level` 0 means all levels together; in a levelled view a link of level k leads from a node at level k - 1 to one
    at level k.  `journeys` counts distinct paths at the answer's grain (`per`), `count` occurrences.
    """

    source: str
    target: str
    level: int
    journeys: int
    customers: int
    count: int


class Transition(Link):
    """A link of the step graph; times are None where a sentinel is involved."""

    median_seconds: float | None
    p90_seconds: float | None
    exits: int = Field(description="paths that ended right after this transition; into '(end)' all of them")


class ViewLink(Link):
    """A link of a levelled view; into '(end)', `drop_off` counts the paths that were lost there."""

    drop_off: int


class Transitions(AboutPaths, Reproducible):
    """All transitions of all paths, closed by the sentinels, so that every step's inflow equals its outflow."""

    denominator: int
    nodes: list[PathNode]
    links: list[Transition]
    nodes_cypher: str


class PathView(AboutPaths, Reproducible):
    """Paths from, to or between steps, level by level (Sankey data).

    `denominator` counts the paths in the view, `population` all paths at the grain.
    """

    denominator: int
    population: int
    from_step: str | None
    to_step: str | None
    levels: int
    nodes: list[PathNode]
    links: list[ViewLink]


class Stop(Answer):
    """A path that stopped; `ended_at_us` is the instant of its last touchpoint (microseconds since 1970, UTC)."""

    path_id: str
    customer_id: str
    outcome: str
    ended_at_us: int


class Stops(AboutPaths, Reproducible):
    """The paths that stop after a step at a level of a view: the drop-off, customer by customer."""

    denominator: int
    step: str
    level: int
    drop_off: int
    stops: list[Stop]
