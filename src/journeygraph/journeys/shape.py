"""How the steps of paths are shown: grouped under one name, left out, repeats collapsed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np

from journeygraph.errors import UsageError
from journeygraph.schema import RESERVED_STEPS

if TYPE_CHECKING:
    from journeygraph.journeys.table import JourneyTable

Match = Literal["exact", "prefix", "regex"]


@dataclass(frozen=True)
class Rule:
    """Steps that are shown as one: those named in `pattern` (between bars), with that prefix, or that it matches."""

    name: str
    match: Match
    pattern: str

    def matches(self, step: str) -> bool:
        """Whether a step is of the group; a regular expression matches the whole name.

        >>> Rule("view", "prefix", "view_").matches("view_product")
        True
        """
        if self.match == "exact":
            return step in (part.strip() for part in self.pattern.split("|"))
        if self.match == "prefix":
            return step.startswith(self.pattern)
        return re.fullmatch(self.pattern, step) is not None


@dataclass(frozen=True)
class Shape:
    """Rules of `_shaped.cypher`; a step belongs to the first group whose rule it matches.

    `without` names steps or groups that are left out; a path that has no other steps is no path.  `collapse` counts a
    step that follows itself in a journey (after grouping and leaving out) once, at its first instant.
    """

    rules: tuple[Rule, ...] = ()
    without: tuple[str, ...] = ()
    collapse: bool = False

    def __bool__(self) -> bool:
        return bool(self.rules or self.without or self.collapse)

    def names(self, steps: Sequence[str]) -> dict[str, str]:
        """The steps that are shown under another name, with that name."""
        first = {step: next((rule.name for rule in self.rules if rule.matches(step)), step) for step in steps}
        return {step: name for step, name in first.items() if name != step}

    def parameters(self, steps: Sequence[str]) -> dict[str, Any]:
        """Parameters of `cypher/journeys/_shaped.cypher` in a graph with these steps."""
        names = self.names(steps)
        hidden = [step for step in steps if {step, names.get(step)} & set(self.without)]
        return {"names": names, "without": hidden, "collapse": self.collapse}

    def apply(self, table: JourneyTable) -> JourneyTable:
        """The table with its steps so shown; its grain must be journeys or sessions.

        Raises `UsageError` for a step to leave out that is neither a step nor a group.
        """
        if not self:
            return table
        known = sorted({*table.steps, *table.stages})
        parameters = self.parameters(known)
        self._check(known, parameters["names"])
        shown = _renamed(table, parameters["names"])
        kept = ~np.isin(table.step_codes, [table.code(step) for step in parameters["without"]])
        if self.collapse:
            kept &= ~_repeats(shown, kept)
        return replace(_only(shown, kept), shaped_by=parameters)

    def _check(self, known: Sequence[str], names: Mapping[str, str]) -> None:
        allowed = {*known, *names.values()}
        for step in self.without if known else ():
            if step not in allowed:
                raise UsageError(f"There is no step {step!r} to leave out; there are {', '.join(sorted(allowed))}.")


#: Steps as they are.
AS_IS: Final = Shape()


def parse_rules(texts: Iterable[str]) -> tuple[Rule, ...]:
    """Rules of `NAME=STEP|STEP`, `NAME=prefix:TEXT` or `NAME=regex:PATTERN`.

    Raises `UsageError` for anything else, and for a name that pictures of paths need.

    >>> parse_rules(["product=prefix:view_", "talk=phone|chat"])[1]
    Rule(name='talk', match='exact', pattern='phone|chat')
    """
    return tuple(_rule(text) for text in texts)


def _rule(text: str) -> Rule:
    name, sign, pattern = (part.strip() for part in text.partition("="))
    kind, colon, rest = pattern.partition(":")
    match, pattern = (kind, rest) if colon and kind in get_args(Match) else ("exact", pattern)
    if not (sign and name and pattern):
        raise UsageError(f"{text!r} is no group of steps; it looks like 'view=prefix:view_' or 'talk=phone|chat'.")
    if name in RESERVED_STEPS:
        raise UsageError(f"A group cannot be called {name!r}: pictures of paths use that name.")
    if match == "regex":
        try:
            re.compile(pattern)
        except re.error as error:
            raise UsageError(f"{text!r}: {pattern!r} is no regular expression: {error}.") from error
    return Rule(name, match, pattern)  # type: ignore[arg-type]


def _renamed(table: JourneyTable, names: Mapping[str, str]) -> JourneyTable:
    shown = [names.get(step, step) for step in table.steps]
    steps = sorted(set(shown))
    code = np.array([steps.index(name) for name in shown], dtype=np.int32)
    stages: dict[str, set[str]] = {}
    for step, stage in table.stages.items():
        stages.setdefault(names.get(step, step), set()).add(stage)
    return replace(
        table,
        steps=steps,
        step_codes=code[table.step_codes] if len(code) else table.step_codes,
        stages={step: found.pop() for step, found in stages.items() if len(found) == 1},
    )


def _repeats(table: JourneyTable, kept: np.ndarray[Any, np.dtype[np.bool_]]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which of the kept touchpoints have the step of the kept one before them in the same path."""
    at = np.flatnonzero(kept)
    codes, path = table.step_codes[at], table.path_of[at]
    again = np.zeros(len(kept), dtype=bool)
    again[at[1:]] = (codes[1:] == codes[:-1]) & (path[1:] == path[:-1])
    return again


def _only(table: JourneyTable, kept: np.ndarray[Any, np.dtype[np.bool_]]) -> JourneyTable:
    """Only the kept touchpoints, and the paths that have any."""
    lengths = np.bincount(table.path_of[kept], minlength=table.n_paths)
    thinned = replace(
        table,
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        step_codes=table.step_codes[kept],
        channel_codes=table.channel_codes[kept],
        occurred_at_us=table.occurred_at_us[kept],
    )
    return thinned if (lengths > 0).all() else thinned.select(lengths > 0)
