"""A declared journey as flat rules: what is asked of each step, whichever stage it stands in."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Rule:
    """What is asked of one step.

    `before` are the steps declared before it, in order; `branching` is the number of the choice that it is part of.
    """

    step: str
    required: bool
    within_us: int | None
    since: str | None
    channels: tuple[str, ...] | None
    repeats: bool
    by_customer: bool
    before: tuple[str, ...]
    branching: int | None


@dataclass(frozen=True)
class Branching:
    """A choice: the ways to go on, each a list of steps; a journey takes the one of which it has the most steps."""

    ways: tuple[tuple[str, ...], ...]
    required: bool

    @property
    def name(self) -> str:
        """The choice by the first step of each way.

        >>> Branching((("chat", "reply"), ("call",)), True).name
        'chat | call'
        """
        return " | ".join(way[0] for way in self.ways)


@dataclass(frozen=True)
class Rules:
    """All that a declared journey asks."""

    rules: tuple[Rule, ...]
    branchings: tuple[Branching, ...]
    forbidden: tuple[str, ...]

    def parameters(self) -> dict[str, Any]:
        """The same as parameters of the Cypher: plain lists and maps."""
        branchings = [
            {"name": one.name, "required": one.required, "ways": [list(way) for way in one.ways]}
            for one in self.branchings
        ]
        return {"rules": [_plain(rule) for rule in self.rules], "branchings": branchings,
                "forbidden": list(self.forbidden)}  # fmt: skip


def _plain(rule: Rule) -> dict[str, Any]:
    plain = asdict(rule)
    plain["before"] = list(rule.before)
    plain["channels"] = list(rule.channels) if rule.channels else None
    return plain
