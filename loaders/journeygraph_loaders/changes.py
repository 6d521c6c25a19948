"""What the rules of a mapping made of a file's values: how many each one changed, and some of them with their lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from journeygraph.answers import Answer
from journeygraph.schema import from_microseconds
from journeygraph_loaders.batch import Batch
from journeygraph_loaders.chunks import Chunk
from journeygraph_loaders.cleaning.imputation import MARK
from journeygraph_loaders.cleaning.names import property_of, values_of
from journeygraph_loaders.columns import Plan
from journeygraph_loaders.local_times import Clock
from journeygraph_loaders.mapping import ColumnRule, Section
from journeygraph_loaders.rows import ANONYMOUS, Row
from journeygraph_loaders.times import parser
from journeygraph_loaders.values import Tables, evaluate, pointed, scalars

_EXAMPLES: Final = 5
_REMEMBERED: Final = 100_000


class ValueChange(Answer):
    """A value as the file has it, in this line, and as it is stored; None where there was or is none."""

    line: int
    before: str | None
    after: str | None


class RuleChanges(Answer):
    """How many values of the rows that can be stored one rule changed, of how many there are (filled in: missing ones).

    `examples` are the first distinct ones; there are none where a privacy policy rules what is kept.
    """

    field: str
    rule: str
    changed: int
    of: int
    examples: tuple[ValueChange, ...]


@dataclass
class _Tally:
    changed: int = 0
    of: int = 0
    examples: dict[tuple[str | None, str | None], int] = field(default_factory=dict)

    def add(self, before: str | None, after: str | None, line: int) -> None:
        """Count a change."""
        self.changed += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.setdefault((before, after), line)


class Changes:
    """The changes of one file, batch by batch.

    `value` is by how much the sum of values fell, `owners` how many fewer customers and visitors there are.
    """

    def __init__(self, section: Section, clock: Clock, tables: Tables, *, shows_values: bool = True) -> None:
        self._section, self._tables, self._shows = section, tables, shows_values
        self._nulls = frozenset(section.null_values) | {""}
        self._plain_time = parser(clock, section.time_format)
        self._cleaned = {name: _Tally() for name in section.clean}
        self._filled = {name: _Tally() for name, rule in section.impute.items() if rule.by != "missing"}
        self._names: set[tuple[str, str]] = set()
        self._same: dict[tuple[str, Any, Any], bool] = {}
        self.value = 0.0

    @property
    def owners(self) -> int:
        """By how many customers and visitors fewer there are, as several spellings became one."""
        return len({before for before, _ in self._names}) - len({after for _, after in self._names})

    def add(self, batch: Batch) -> None:
        """Take the rows of a batch."""
        for chunk, plan, places, rows in batch.parts:
            lines = [chunk.lines[place] for place in places]
            for name, tally in self._cleaned.items():
                if (raw := self._raw(name, chunk, plan, places)) is not None:
                    self._clean(name, tally, raw, rows, lines)
            for name, tally in self._filled.items():
                self._fill(name, tally, rows, lines)
            if {"customer_id", "anonymous_id"} & self._cleaned.keys():
                self._note_owners(chunk, plan, places, rows)

    def listed(self) -> tuple[RuleChanges, ...]:
        """What each rule did, in the mapping's order."""
        told = [(name, _said(self._section.clean[name]), tally) for name, tally in self._cleaned.items()]
        told += [(name, f"impute {_said(self._section.impute[name])}", tally) for name, tally in self._filled.items()]
        return tuple(
            RuleChanges(field=name, rule=rule, changed=tally.changed, of=tally.of, examples=self._examples(tally))
            for name, rule, tally in told
        )

    def _examples(self, tally: _Tally) -> tuple[ValueChange, ...]:
        if not self._shows:
            return ()
        pairs = tally.examples.items()
        return tuple(ValueChange(line=line, before=before, after=after) for (before, after), line in pairs)

    def _raw(self, name: str, chunk: Chunk, plan: Plan, places: Sequence[int]) -> list[Any] | None:
        """The values as the file has them, before any rule of `clean:`; None where it hasn't the column."""
        own = property_of(name) or name
        rule = plan.fields.get(own) or plan.properties.get(own)
        if rule is None:
            return None
        found = scalars(evaluate(rule, chunk, self._tables), self._nulls)
        return [self._read(name, rule, found[place]) for place in places]

    def _read(self, name: str, rule: ColumnRule, value: Any) -> Any:
        own = self._section.clean.get(name)
        comma = self._section.decimal == "," or (own is not None and own.decimal == ",")
        if isinstance(value, str) and comma and name != "occurred_at":
            number = pointed(value)
            value = number[0] if number is not None and (number[1] or name == "value") else value
        return value if value is None or not rule.prefix else f"{rule.prefix}{value}"

    def _clean(self, name: str, tally: _Tally, raw: Sequence[Any], rows: Sequence[Row], lines: Sequence[int]) -> None:
        imputed = _imputed(name, rows)
        for before, after, line, is_filled in zip(raw, values_of(rows, name), lines, imputed, strict=True):
            if before is None:
                continue
            tally.of += 1
            cleaned = None if is_filled else after
            if self._is_same(name, before, cleaned):
                continue
            tally.add(str(before), _shown(name, cleaned), line)
            if name == "value":
                self.value += _number(before) - (cleaned or 0.0)

    def _is_same(self, name: str, before: Any, after: Any) -> bool:
        key = (name, before, after)
        if key not in self._same:
            if len(self._same) > _REMEMBERED:
                self._same.clear()
            same: Callable[[Any, Any], bool] = self._is_same_time if name == "occurred_at" else _means_the_same
            self._same[key] = same(before, after)
        return self._same[key]

    def _is_same_time(self, before: Any, after: Any) -> bool:
        """Whether the time would have been read alike without the rule."""
        try:
            return bool(self._plain_time(before) == after)
        except (ValueError, OverflowError):
            return False

    def _fill(self, name: str, tally: _Tally, rows: Sequence[Row], lines: Sequence[int]) -> None:
        for after, line, is_filled in zip(values_of(rows, name), lines, _imputed(name, rows), strict=True):
            tally.of += is_filled or after is None
            if is_filled:
                tally.add(None, _shown(name, after), line)
                self.value -= after if name == "value" else 0.0

    def _note_owners(self, chunk: Chunk, plan: Plan, places: Sequence[int], rows: Sequence[Row]) -> None:
        known = self._raw("customer_id", chunk, plan, places) or [None] * len(places)
        visitors = self._raw("anonymous_id", chunk, plan, places) or [None] * len(places)
        self._names |= {
            (f"{ANONYMOUS}{visitor}" if customer is None else str(customer), row.customer_id)
            for customer, visitor, row in zip(known, visitors, rows, strict=True)
        }


def _imputed(name: str, rows: Sequence[Row]) -> list[bool]:
    """Which rows had the field filled in."""
    own = (property_of(name) or name).removeprefix("p_")
    marks = [str((row.properties or {}).get(MARK) or "") for row in rows]
    return [bool(mark) and any(part.startswith(f"{own}:") for part in mark.split(",")) for mark in marks]


def _number(value: Any) -> float:
    """What a proof reads of a value as the file has it: 0 for what is no number."""
    try:
        return 0.0 if isinstance(value, str) and "_" in value else float(value)
    except (TypeError, ValueError):
        return 0.0


def _means_the_same(before: Any, after: Any) -> bool:
    """Whether a stored value is what the file has: the same text, or the same number.

    >>> _means_the_same("20", 20.0), _means_the_same("Deutschland", "DE"), _means_the_same("x", None)
    (True, False, False)
    """
    if after is None or isinstance(before, bool) or isinstance(after, bool):
        return bool(before == after)
    if str(before) == str(after):
        return True
    try:
        return not isinstance(after, str) and float(before) == float(after)
    except (TypeError, ValueError):
        return False


def _shown(name: str, value: Any) -> str | None:
    if value is None:
        return None
    return from_microseconds(value).isoformat().replace("+00:00", "Z") if name == "occurred_at" else str(value)


def _said(rule: Any) -> str:
    """A rule as the mapping has it.

    >>> from journeygraph_loaders.cleaning.rules import CleanRule
    >>> _said(CleanRule.model_validate({"as": "country", "languages": ["en", "de"]}))
    '{as: country, languages: [en, de]}'
    """
    held = rule.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return "{" + ", ".join(f"{key}: {_flow(value)}" for key, value in held.items()) + "}"


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(one)}" for key, one in value.items()) + "}"
    return "[" + ", ".join(map(_flow, value)) + "]" if isinstance(value, list) else str(value)
