"""Groups of touchpoints: platform, campaign, source, store and whatever else has few values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

#: Key of the dimensions that are segments.
SEGMENT: Final = "segment"


@dataclass(frozen=True)
class Group:
    """Touchpoints that share one value of a property.

    A campaign is `carried`: it goes on to hold for the touchpoints after it in the journey, until another one comes.
    Everything else holds for its own touchpoint alone; a segment (`key` is `SEGMENT`) for all those of its customers,
    who are the ones of `members_at` (an ISO 8601 instant, None for now).
    """

    key: str
    value: str
    carried: bool = False
    members_at: str | None = None

    @property
    def name(self) -> str:
        """What the group is called.

        >>> Group("p_platform", "ios").name
        'platform=ios'
        """
        return f"{self.key.removeprefix('p_')}={self.value}"

    @property
    def parameters(self) -> dict[str, Any]:
        """The group as parameters of a query."""
        return {"property": self.key, "value": self.value, "carried": self.carried, "members_at": self.members_at}


@dataclass(frozen=True)
class Dimension:
    """A property with few values: for each of N touchpoints the index into `values`, -1 where it has none.

    A customer may be in several segments, so each segment is a dimension of its own.
    """

    key: str
    values: tuple[str, ...]
    codes: NDArray[np.int8]
    carried: bool = False
    members_at: str | None = None

    def group(self, code: int) -> Group:
        """The group of one value."""
        return Group(self.key, self.values[code], self.carried, self.members_at)


@dataclass(frozen=True)
class Groups:
    """All dimensions that are searched."""

    dimensions: tuple[Dimension, ...]

    def __iter__(self) -> Iterator[Dimension]:
        return iter(self.dimensions)

    def mask(self, group: Group, rows: NDArray[np.int64] | slice = slice(None)) -> NDArray[np.bool_]:
        """Whether each touchpoint, or each of some, is in the group."""
        dimension = next(one for one in self.dimensions if one.key == group.key and group.value in one.values)
        return np.asarray(dimension.codes[rows] == dimension.values.index(group.value))
