"""Rows of crawlers, tests and the company's own people: marked, or sent to quarantine, as the mapping declares."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from journeygraph_loaders.chunks import Chunk
from journeygraph_loaders.cleaning.names import text_of, values_of
from journeygraph_loaders.cleaning.rules import TrafficRule
from journeygraph_loaders.rows import Row

#: Properties of a touchpoint that is marked; the graph sets it aside by them, see `journeygraph.set_aside`.
KIND: Final = "traffic"
RULE: Final = "traffic_rule"
_REMEMBERED: Final = 100_000


class Discarded(NamedTuple):
    """A row that a rule sends to quarantine: by which column or field, with which value, and half a sentence."""

    row: int
    column: str
    value: str
    half: str


class Traffic:
    """The rules of one section that look at single rows."""

    def __init__(self, rules: Sequence[TrafficRule]) -> None:
        self._rules = [rule for rule in rules if rule.rate is None]
        self._decided: list[dict[str, bool]] = [{} for _ in self._rules]

    def judged(self, rows: list[Row], places: Sequence[int], chunk: Chunk) -> tuple[list[Row], list[Discarded]]:
        """The rows, with a mark on those that a rule says so of, and those to be discarded; the first rule wins."""
        rows, discarded, judged = list(rows), [], set[int]()
        for rule, decided in zip(self._rules, self._decided, strict=True):
            name = str(rule.column or rule.field)
            texts = self._texts(rule, rows, places, chunk)
            for row in _hits(rule, texts, decided):
                if row in judged:
                    continue
                judged.add(row)
                if rule.then == "discard":
                    half = f"is {rule.kind} traffic by the rule {rule.name!r}, which discards such rows"
                    discarded.append(Discarded(row, name, texts[row] or "", half))
                else:
                    marked = {**(rows[row].properties or {}), KIND: rule.kind, RULE: rule.name}
                    rows[row] = rows[row]._replace(properties=marked)
        return rows, discarded

    def _texts(self, rule: TrafficRule, rows: Sequence[Row], places: Sequence[int], chunk: Chunk) -> list[str | None]:
        if rule.field is not None:
            values: Sequence[Any] = values_of(rows, rule.field)
        elif rule.column in chunk.columns:
            column = chunk.values[chunk.columns.index(rule.column)]
            values = [column[place] for place in places]
        else:
            return [None] * len(rows)
        return [text_of(value) for value in values]


def _hits(rule: TrafficRule, texts: Sequence[str | None], decided: dict[str, bool]) -> list[int]:
    """The rows whose text the rule is about; each distinct text is decided once."""
    if len(decided) > _REMEMBERED:
        decided.clear()
    pattern = re.compile(rule.matches, re.IGNORECASE) if rule.matches is not None else None
    listed = {text_of(value) for value in rule.one_of or ()}
    for text in {text for text in texts if text is not None} - decided.keys():
        decided[text] = bool(pattern.search(text)) if pattern else text.strip() in listed
    return [row for row, text in enumerate(texts) if text is not None and decided[text]]
