"""Two or three steps in a row, with what leads (or does not lead) from one to the next."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class ChainLink:
    """An arrow between two boxes, crossed out where no way leads."""

    x0: float
    x1: float
    cut: bool

    @property
    def middle(self) -> float:
        """Where it is crossed out."""
        return (self.x0 + self.x1) / 2


@dataclass(frozen=True)
class ChainSpot:
    """A box of a chain; a hot one is what the finding is about."""

    label: str
    x: float
    hot: bool


@dataclass(frozen=True)
class Chain:
    """Boxes in a row with the arrows between them."""

    spots: tuple[ChainSpot, ...]
    links: tuple[ChainLink, ...]
    box_width: float
    letters: int


def chain(labels: tuple[str, ...], hot: int, *, cut: bool) -> Chain:
    """Two or three boxes in a row; box `hot` is marked, and with `cut` no way leads along the arrows.

    >>> drawing = chain(("form", "(goal)"), 0, cut=True)
    >>> [spot.label for spot in drawing.spots], [link.cut for link in drawing.links]
    (['form', '(goal)'], [True])
    """
    width = 132.0 if len(labels) < 3 else 106.0
    first, last = width / 2 + 2, 398 - width / 2
    places = [first + (last - first) * index / (len(labels) - 1) for index in range(len(labels))]
    spots = tuple(
        ChainSpot(label, x, index == hot) for index, (label, x) in enumerate(zip(labels, places, strict=True))
    )
    links = tuple(ChainLink(left + width / 2 + 4, right - width / 2 - 4, cut) for left, right in pairwise(places))
    return Chain(spots, links, width, 19 if len(labels) < 3 else 15)
