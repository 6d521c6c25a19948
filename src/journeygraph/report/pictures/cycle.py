"""A way round: steps that lead back to the first."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Spot:
    """A named box."""

    label: str
    x: float
    y: float


@dataclass(frozen=True)
class Cycle:
    """Steps that lead back to the first: boxes on an ellipse (or beside each other) and the arrows between them."""

    spots: tuple[Spot, ...]
    arrows: tuple[str, ...]
    width: float
    height: float

    BOX_WIDTH = 132.0
    BOX_HEIGHT = 30.0


def cycle(steps: tuple[str, ...]) -> Cycle:
    """A drawing of the cycle through these steps, each named once.

    >>> drawing = cycle(("cart", "coupon"))
    >>> [spot.label for spot in drawing.spots], len(drawing.arrows)
    (['cart', 'coupon'], 2)
    """
    if len(steps) < 3:
        return _pair(steps)
    width, height = 400.0, 110.0 + 24.0 * len(steps)
    centre_x, centre_y = width / 2, height / 2
    radius_x, radius_y = width / 2 - Cycle.BOX_WIDTH / 2 - 6, height / 2 - Cycle.BOX_HEIGHT / 2 - 8
    angles = [2 * math.pi * index / len(steps) - math.pi / 2 for index in range(len(steps))]
    spots = tuple(
        Spot(step, round(centre_x + radius_x * math.cos(angle), 1), round(centre_y + radius_y * math.sin(angle), 1))
        for step, angle in zip(steps, angles, strict=True)
    )
    arrows = tuple(_straight(spots[index], spots[(index + 1) % len(spots)]) for index in range(len(spots)))
    return Cycle(spots, arrows, width, height)


def _pair(steps: tuple[str, ...]) -> Cycle:
    width, height, y = 400.0, 96.0, 48.0
    if len(steps) == 1:
        spot = Spot(steps[0], width / 2, y + 16)
        return Cycle(
            (spot,),
            (f"M{spot.x + 40},{spot.y - 15}C{spot.x + 40},2 {spot.x - 40},2 {spot.x - 40},{y - 2}",),
            width,
            height,
        )
    left, right = Spot(steps[0], 72, y), Spot(steps[1], 328, y)
    there = f"M{left.x + 50},{y - 15}C{left.x + 90},6 {right.x - 90},6 {right.x - 50},{y - 17}"
    back = f"M{right.x - 50},{y + 15}C{right.x - 90},90 {left.x + 90},90 {left.x + 50},{y + 17}"
    return Cycle((left, right), (there, back), width, height)


def _straight(source: Spot, target: Spot) -> str:
    """A line from border to border of two boxes."""
    x0, y0 = _border(source, target)
    x1, y1 = _border(target, source)
    return f"M{x0:.1f},{y0:.1f}L{x1:.1f},{y1:.1f}"


def _border(box: Spot, towards: Spot) -> tuple[float, float]:
    dx, dy = towards.x - box.x, towards.y - box.y
    half_width, half_height = Cycle.BOX_WIDTH / 2 + 5, Cycle.BOX_HEIGHT / 2 + 5
    reach = min(half_width / abs(dx) if dx else math.inf, half_height / abs(dy) if dy else math.inf)
    return box.x + dx * min(reach, 0.45), box.y + dy * min(reach, 0.45)
