"""What a rule's names mean: fields of a touchpoint, else properties of its source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from journeygraph_loaders.cleaning.rules import LIMITS, Check, FieldOf
from journeygraph_loaders.columns import property_key
from journeygraph_loaders.mapping import FIELDS, Section
from journeygraph_loaders.rows import Row
from journeygraph_loaders.values import as_text

#: Fields that a `Row` calls otherwise.
_CALLED: Final = {"customer_id": "known_customer_id", "occurred_at": "occurred_at_us"}

FIELD_NAMES: Final = frozenset(FIELDS)


def property_of(name: str) -> str | None:
    """The property that a rule's name means; None for a field.

    >>> property_of("Country"), property_of("value"), property_of("properties.value")
    ('p_country', None, 'p_value')
    """
    return None if name in FIELDS else property_key(name.removeprefix("properties."))


def values_of(rows: Sequence[Row], name: str) -> list[Any]:
    """One field or property of all rows, None where a row has none."""
    key = property_of(name)
    if key is not None:
        return [None if row.properties is None else row.properties.get(key) for row in rows]
    place = Row._fields.index(_CALLED.get(name, name))
    return [row[place] for row in rows]


def text_of(value: Any) -> str | None:
    """A value as a condition names it: numbers and truth values as text."""
    return value if isinstance(value, str) or value is None else as_text(value)


def names_in_check(check: Check) -> list[str]:
    """All fields and properties that a check reads."""
    limits = [limit.field for key in LIMITS if isinstance(limit := getattr(check, key), FieldOf)]
    return [check.field, *limits, *check.when, *check.unless]


def names_in(section: Section) -> set[str]:
    """All fields and properties (as the graph calls them) that a section's rules name.

    >>> check = {"field": "Size", "at_least": 1, "when": {"step": "buy"}}
    >>> sorted(names_in(Section.model_validate({"checks": [check]})))
    ['p_size', 'step']
    """
    names = {*section.clean, *section.impute}
    names |= {rule.country_from for rule in section.clean.values() if rule.country_from}
    names |= {name for check in section.checks for name in names_in_check(check)}
    names |= {rule.field for rule in section.traffic if rule.field}
    for rule in section.impute.values():
        names |= {*rule.neighbours_from, *rule.when, *([rule.within] if rule.within else [])}
    return {property_of(name) or name for name in names}
