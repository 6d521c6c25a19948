"""What a funnel asks: its steps, mode, window and exclusions, checked against what the table knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import UsageError
from journeygraph.funnels import chains
from journeygraph.journeys.table import JourneyTable
from journeygraph.paths.evidence import evidence
from journeygraph.paths.steps import alternatives, check

Mode = Literal["ordered", "strict", "unordered"]
DEFAULT_WINDOW_SECONDS = 14 * 86_400.0


@dataclass(frozen=True)
class Question:
    """A funnel's steps, each with its alternatives, and how they must follow one another."""

    choices: tuple[tuple[str, ...], ...]
    mode: Mode
    window_seconds: float | None
    exclude: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The steps as they were given."""
        return ["|".join(names) for names in self.choices]

    def chains(self, table: JourneyTable) -> NDArray[np.int64]:
        """The best chain of every path: paths x steps, indices of touchpoints, -1 from where it stops."""
        window_us = None if self.window_seconds is None else round(self.window_seconds * 1e6)
        find = chains.unordered if self.mode == "unordered" else chains.ordered
        return find(table, self.choices, window_us=window_us, exclude=self.exclude, strict=self.mode == "strict")

    def evidence(self, query: str, table: JourneyTable, **parameters: Any) -> dict[str, Any]:
        """`cypher` and `parameters` of a query about this funnel."""
        parameters |= {
            "steps": [list(names) for names in self.choices],
            "window_us": None if self.window_seconds is None else round(self.window_seconds * 1e6),
            "exclude": list(self.exclude),
        }
        if self.mode != "unordered":
            parameters["strict"] = self.mode == "strict"
        return evidence(query, table, **parameters)

    @property
    def fields(self) -> dict[str, Any]:
        """What every answer repeats of the question."""
        return {"mode": self.mode, "window_seconds": self.window_seconds, "exclude": list(self.exclude)}


def checked(
    table: JourneyTable, steps: Sequence[str], mode: Mode, window_seconds: float | None, exclude: Sequence[str]
) -> Question:
    """The question, or an error that says what is wrong with it."""
    if not steps:
        raise UsageError("A funnel needs at least one step.")
    if mode not in get_args(Mode):
        raise UsageError(f"There is no funnel mode {mode!r}; there are ordered, strict and unordered.")
    if window_seconds is not None and not window_seconds >= 0:
        raise UsageError(f"A funnel's window of {window_seconds} seconds is below zero.")
    choices = tuple(tuple(alternatives(table, step)) for step in steps)
    check(table, exclude)
    for step in exclude:
        if any(step in names for names in choices):
            raise UsageError(f"The step {step!r} cannot be both a step of the funnel and excluded from it.")
    if mode == "unordered":
        _check_disjoint(choices)
    return Question(choices, mode, window_seconds, tuple(exclude))


def _check_disjoint(choices: Sequence[Sequence[str]]) -> None:
    """In any order, a touchpoint must tell which step it is: two steps are the same, or share no name."""
    for first in choices:
        for second in choices:
            if set(first) != set(second) and set(first) & set(second):
                raise UsageError(
                    f"In an unordered funnel {'|'.join(first)!r} and {'|'.join(second)!r} overlap: "
                    "steps must be the same or have no name in common."
                )
