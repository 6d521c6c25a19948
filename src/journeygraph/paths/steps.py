"""Step names as a person gives them: checked against the vocabulary, with alternatives."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from journeygraph.errors import UsageError
from journeygraph.journeys.table import JourneyTable


def check(table: JourneyTable, steps: Iterable[str], *, kind: str = "step") -> None:
    """Raise `UsageError`, with the nearest names, for a step that neither table nor graph knows.

    A graph without any touchpoints knows no steps: there every name passes, and every figure is zero.
    """
    known = sorted({*table.steps, *table.stages})
    if not known:
        return
    for step in steps:
        if step not in known:
            raise UsageError(f"There is no {kind} {step!r}{_suggestion(step, known)}")


def alternatives(table: JourneyTable, step: str) -> list[str]:
    """The steps that an argument stands for: itself where it is a step's name, else its parts between bars.

    >>> table = JourneyTable.from_rows([])
    >>> alternatives(table, "phone|chat")
    ['phone', 'chat']
    """
    if step in table.steps or step in table.stages:
        return [step]
    found = list(dict.fromkeys(part.strip() for part in step.split("|")))
    if not all(found):
        raise UsageError(f"The step {step!r} is empty on one side of its bar; alternatives look like 'phone|chat'.")
    check(table, found)
    return found


def _suggestion(step: str, known: list[str]) -> str:
    lower = {name.lower(): name for name in known}
    near = [lower[name] for name in get_close_matches(step.lower(), lower, n=3)]
    if near:
        return f". Did you mean {' or '.join(repr(name) for name in near)}?"
    shown = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
    return f"; the graph has {shown}."
