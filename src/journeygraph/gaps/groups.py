"""Groups of touchpoints: platform, campaign, source, store and whatever else has few values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Group:
    """Touchpoints that share one value of a property.

    A campaign is `carried`: it goes on to hold for the touchpoints after it in the journey, until another one comes.
    Everything else holds for its own touchpoint alone.
    """

    key: str
    value: str
    carried: bool = False

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
        return {"property": self.key, "value": self.value, "carried": self.carried}


@dataclass(frozen=True)
class Dimension:
    """A property with few values: for each of N touchpoints the index into `values`, -1 where it has none."""

    key: str
    values: tuple[str, ...]
    codes: NDArray[np.int8]
    carried: bool = False

    def group(self, code: int) -> Group:
        """The group of one value."""
        return Group(self.key, self.values[code], self.carried)


@dataclass(frozen=True)
class Groups:
    """All dimensions that are searched."""

    dimensions: tuple[Dimension, ...]

    def __iter__(self) -> Iterator[Dimension]:
        return iter(self.dimensions)

    def mask(self, group: Group, rows: NDArray[np.int64] | slice = slice(None)) -> NDArray[np.bool_]:
        """Whether each touchpoint, or each of some, is in the group."""
        dimension = next(one for one in self.dimensions if one.key == group.key)
        return np.asarray(dimension.codes[rows] == dimension.values.index(group.value))
