"""The values of a column to standard ones: each distinct value is decided once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from journeygraph_loaders.cleaning.codes import category, currency, number
from journeygraph_loaders.cleaning.contacts import email, phone
from journeygraph_loaders.cleaning.dates import date_text
from journeygraph_loaders.cleaning.places import country, postal_code
from journeygraph_loaders.cleaning.rules import CleanRule
from journeygraph_loaders.cleaning.text import table_of, tidy
from journeygraph_loaders.local_times import Clock
from journeygraph_loaders.values import as_text

_REMEMBERED: Final = 100_000
Value = str | int | float | bool | None
#: Text, and the country of its row -> the standard value; raises `ValueError` with half a sentence.
Standard = Callable[[str, str | None], Value]
#: Told of a value that has no standard one: its row, the value, half a sentence.
Refused = Callable[[int, Any, str], None]


class Cleaner:
    """The rules of one section; instants are handled where times are read, see `dates.instants`."""

    def __init__(self, rules: Mapping[str, CleanRule], clock: Clock) -> None:
        self.rules = {name: rule for name, rule in rules.items() if name != "occurred_at"}
        self._standard = {name: standard(rule, clock) for name, rule in self.rules.items()}
        self._decided: dict[str, dict[tuple[Any, str | None], tuple[Value, str | None]]] = {}

    def apply(
        self, name: str, values: Sequence[Any], countries: Sequence[str | None] | None, refused: Refused
    ) -> list[Any]:
        """The column with standard values; `countries` are those of the rows, where the rule asks for them."""
        rule = self.rules[name]
        decided = self._decided.setdefault(name, {})
        if len(decided) > _REMEMBERED:
            decided.clear()
        keys = list(zip(values, countries or [None] * len(values), strict=True))
        for key in set(keys) - decided.keys():
            decided[key] = self._decide(name, rule, *key)
        found = [decided[key] for key in keys]
        for row, (_, half) in enumerate(found):
            if half is not None and rule.otherwise == "quarantine":
                refused(row, values[row], half)
        return [value for value, _ in found]

    def _decide(self, name: str, rule: CleanRule, value: Any, code: str | None) -> tuple[Value, str | None]:
        if value is None or (rule.kind == "number" and not isinstance(value, str)):
            return value, None
        text = value if isinstance(value, str) else as_text(value)
        if text is None:
            return None, None
        try:
            found = self._standard[name](text, code)
        except ValueError as error:
            return (value if rule.otherwise == "keep" else None), str(error)
        return (None if found == "" else found), None


def standard(rule: CleanRule, clock: Clock) -> Standard:
    """What a rule makes of a text."""
    written = tidy(rule.unicode, rule.spaces == "collapse", rule.trim, rule.case)
    of_kind = _of_kind(rule, clock)
    return lambda text, code: of_kind(written(text), code)


def _of_kind(rule: CleanRule, clock: Clock) -> Standard:
    declared = table_of(rule.values)
    if rule.kind == "date":
        read = date_text(clock, rule)
        return lambda text, _: read(text)
    kinds: dict[str | None, Standard] = {
        None: lambda text, _: text,
        "country": lambda text, _: declared.get(text.casefold()) or country(text, rule.languages),
        "postal_code": lambda text, code: postal_code(text, rule.country or code),
        "phone": lambda text, code: phone(text, rule.country or code),
        "email": lambda text, _: email(text),
        "currency": lambda text, _: currency(text, declared),
        "category": lambda text, _: category(text, declared),
        "number": lambda text, _: number(text, rule.decimal == ","),
    }
    return kinds[rule.kind]
