"""Which column of a file is which field of a touchpoint: as the mapping says, by its own name, or by a usual one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from journeygraph.errors import InputError
from journeygraph_loaders.mapping import FIELDS, ColumnRule, Section

#: Usual names, by field.  One is taken only where the field's own name is absent and no other of them is present.
ALIASES: Final = {
    "customer_id": "user_id client_id user visitor_id customer userid customerid visitorid member_id",
    "anonymous_id": "anonymous device_id cookie_id fullvisitorid user_pseudo_id",
    "step": "event event_name action activity step_name",
    "occurred_at": "timestamp time ts event_time date datetime event_timestamp created_at occurred order_date",
    "touchpoint_id": "event_id touchpoint message_id",
    "session_id": "session sessionid visit_id",
    "product_id": "item item_id product sku productid itemid article_id aid",
    "product_category": "category item_category category_code",
    "product_name": "item_name",
    "campaign": "campaign_id campaign_name utm_campaign",
    "value": "revenue amount price total sales_value order_value",
    "currency": "currency_code",
    "email": "email_address e_mail mail",
    "phone": "phone_number mobile",
    "channel": "channel_name",
}
#: CONTRACT.md gives the step two names; both are its own.
OWN_NAMES: Final = {"step": ("step", "event_type")}
#: A sentence shows so many columns, and so many letters of each.
_NAMES_SHOWN, _NAME_SHOWN = 100, 60


@dataclass(frozen=True)
class Plan:
    """How the columns of one file become fields; `chosen` tells which usual names were taken.

    `lacking` are the required fields that no column can be, `missing` the sentence that says so, `hint` what to do
    where such a field is an object.
    """

    fields: dict[str, ColumnRule]
    properties: dict[str, ColumnRule]
    chosen: dict[str, str] = field(default_factory=dict)
    missing: str | None = None
    lacking: tuple[str, ...] = ()
    hint: str = ""

    def column_of(self, name: str) -> str:
        """What to call a field in a sentence: its column in the file."""
        rule = self.fields.get(name)
        return (rule.column or rule.template or rule.key or name) if rule else name

    def fits(self, columns: Sequence[str]) -> bool:
        """Whether these columns hold what every touchpoint needs."""

        def there(name: str) -> bool:
            return name in self.fields and set(self.fields[name].reads) <= set(columns)

        return there("occurred_at") and there("step") and (there("customer_id") or there("anonymous_id"))


def resolve(columns: Sequence[str], section: Section, place: str, *, fixed: bool = True) -> Plan:
    """The plan for a file with these columns.

    `missing` is the sentence that says what is lacking where a touchpoint cannot be made of such rows.  `fixed` is
    false where rows of one file may have different columns.

    Raises `InputError` where two columns could be the same field, or the mapping names columns that aren't there.
    """
    fields = {name: rule for name, rule in section.columns.items() if rule is not None}
    for name, rule in fields.items():
        absent = [column for column in rule.reads if column not in columns]
        if absent and fixed:
            raise InputError(
                f"{place} has no column {absent[0]!r}, which the mapping reads as {name}; "
                f"its columns are: {_listed(columns)}."
            )
    used = {column for rule in fields.values() for column in rule.reads}
    free = {_simple(column): column for column in columns if column not in used}
    chosen: dict[str, str] = {}
    for name in FIELDS:
        if name in section.columns:
            continue
        column = _own(name, free) or _usual(name, free, fields, place)
        if column is not None:
            fields[name] = ColumnRule(column=column)
            free.pop(_simple(column))
            if _simple(column) not in OWN_NAMES.get(name, (name,)):
                chosen[name] = column
    _household_as_customer(fields, chosen, section)
    used |= {column for rule in fields.values() for column in rule.reads}
    lacking = _lacking(fields)
    hint = _hint(lacking, columns)
    missing = _sentence(lacking, columns, place, hint) if lacking else None
    return Plan(fields, _properties(columns, used, section), chosen, missing, lacking, hint)


def _simple(column: str) -> str:
    return re.sub(r"[\s\-]+", "_", column.strip().lower())


def _own(name: str, free: dict[str, str]) -> str | None:
    return next((free[own] for own in OWN_NAMES.get(name, (name,)) if own in free), None)


def _usual(name: str, free: dict[str, str], fields: dict[str, ColumnRule], place: str) -> str | None:
    found = [free[alias] for alias in ALIASES.get(name, "").split() if alias in free]
    if len(found) < 2:
        return found[0] if found else None
    if name in ("step", "occurred_at") or (name == "customer_id" and "anonymous_id" not in fields):
        raise InputError(
            f"{place}: any of the columns {', '.join(map(repr, found))} could be the {name}. Say which in a mapping "
            f"file, as in `columns: {{{name}: {found[0]}}}`, or rename it to {name}."
        )
    return None


def _household_as_customer(fields: dict[str, ColumnRule], chosen: dict[str, str], section: Section) -> None:
    """Where a file names nobody but households, they are the customers."""
    declared = section.columns.keys() & {"customer_id", "household_id"}
    if not declared and "household_id" in fields and not fields.keys() & {"customer_id", "anonymous_id"}:
        rule = fields["customer_id"] = fields.pop("household_id")
        chosen["customer_id"] = str(rule.column)


def _lacking(fields: dict[str, ColumnRule]) -> tuple[str, ...]:
    lacking = [name for name in ("occurred_at", "step") if name not in fields]
    nobody = "customer_id" not in fields and "anonymous_id" not in fields
    return (*lacking, "customer_id or anonymous_id") if nobody else tuple(lacking)


def _hint(lacking: Sequence[str], columns: Sequence[str]) -> str:
    """Where a field is an object, its parts have columns of their own: which of them is meant has to be said."""
    for name in " or ".join(lacking).split(" or "):
        part = next((column for column in columns if column.startswith(f"{name}.")), None)
        if part is not None:
            return f" ({name} is an object: a mapping can take a part of it, as in `columns: {{{name}: {part}}}`)"
    return ""


def _listed(columns: Sequence[str]) -> str:
    """The names; of a file that is no table, the first line may be one name of a hundred megabytes."""
    names = [name if len(name) <= _NAME_SHOWN else f"{name[:_NAME_SHOWN]}…" for name in columns[:_NAMES_SHOWN]]
    more = [f"{len(columns) - _NAMES_SHOWN:,} more"] if len(columns) > _NAMES_SHOWN else []
    return ", ".join([*names, *more])


def _sentence(lacking: Sequence[str], columns: Sequence[str], place: str, hint: str) -> str:
    return (
        f"{place} has no column that can be used as {' and as '.join(lacking)}{hint}. "
        f"Found: {_listed(columns) or 'none'}. "
        f"Needed: step (or event_type), occurred_at, and customer_id or anonymous_id; a mapping file "
        f"(--mapping) can rename columns."
    )


def _properties(columns: Sequence[str], used: set[str], section: Section) -> dict[str, ColumnRule]:
    """Property name -> where it comes from; names are lower case, with one underscore for whatever isn't a word."""
    if isinstance(section.properties, dict):
        return {property_key(name): rule for name, rule in sorted(section.properties.items())}
    if section.properties == "none":
        return {}
    found: dict[str, ColumnRule] = {}
    for column in sorted(set(columns) - used - set(section.drop)):
        key = name = property_key(column.removeprefix("properties."))
        count = 1
        while key in found:
            count += 1
            key = f"{name}_{count}"
        found[key] = ColumnRule(column=column)
    return found


def property_key(column: str) -> str:
    """What the property of a column is called in the graph.

    >>> property_key("Post Code")
    'p_post_code'
    """
    return "p_" + _key(column)


def _key(column: str) -> str:
    return re.sub(r"\W+", "_", column.strip().lower()).strip("_") or "column"
