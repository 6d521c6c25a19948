"""What a mapping can declare about cleaning, as models: unknown keys and impossible combinations are refused.

clean:                                   # a field, or a property by its name
  occurred_at: {as: date, order: DMY, two_digit_years_from: 1970}
  delivered: {as: date, serial: 1900}    # 45721 is 2025-03-05, as spreadsheets count days; or 1904
  customer_id: {unicode: NFKC, case: lower}
  email: {as: email}
  phone: {as: phone, country: DE}        # of numbers without +49; or country_from: country
  country: {as: country, languages: [en, de], otherwise: empty}
  postal_code: {as: postal_code, country_from: country}
  currency: {as: currency, values: {EUR: ["€", Euro]}}
  size: {as: category, values: {small: [s, klein], large: [l]}, otherwise: keep}
  quantity: {as: number}
checks:
  - {field: value, at_least: 0, unless: {step: refund}}
  - {field: delivered, at_least: {field: ordered}}
traffic:
  - {name: crawlers, kind: bot, column: User-Agent, matches: "bot|crawl|spider"}
  - {name: test addresses, kind: test, field: email, matches: "@example\\\\.com$", then: discard}
impute:
  age: {by: median}
  income: {by: neighbours, from: [age, rooms], k: 5}
statistics: shop.statistics.json         # beside the mapping; `journeygraph cleaning fit` writes it
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from journeygraph_loaders.cleaning.places import countries, language
from journeygraph_loaders.cleaning.text import table_of

Kind = Literal["date", "country", "postal_code", "phone", "email", "currency", "category", "number"]
#: Keys that only some kinds understand.
_ONLY: Final[dict[str, tuple[Kind, ...]]] = {
    "order": ("date",), "two_digit_years_from": ("date",), "format": ("date",), "serial": ("date",),
    "languages": ("country",),
    "country": ("phone", "postal_code"), "country_from": ("phone", "postal_code"),
    "values": ("category", "currency", "country"), "decimal": ("number",),
}  # fmt: skip
#: Fields that decide whose a touchpoint is, when and what it is: never filled in.
NEVER_IMPUTED: Final = frozenset(
    {"occurred_at", "step", "stage", "source", "customer_id", "anonymous_id", "touchpoint_id", "session_id", "email",
     "phone", "product_id"}
)  # fmt: skip


class Part(BaseModel):
    """Frozen, and nothing in it that isn't known."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _country_code(value: str | None) -> str | None:
    if value is not None and value not in countries():
        raise ValueError(f"{value!r} is no code of ISO 3166 such as DE")
    return value


def _known_languages(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        language(value)
    return values


CountryCode = Annotated[str | None, AfterValidator(_country_code)]


class CleanRule(Part):
    """How the values of one field become standard ones; `otherwise` is what happens to one that cannot."""

    unicode: Literal["NFC", "NFKC"] | None = None
    spaces: Literal["collapse"] | None = None
    trim: str = ""
    case: Literal["lower", "upper"] | None = None
    kind: Kind | None = Field(None, alias="as")
    order: Literal["DMY", "MDY", "YMD"] | None = None
    two_digit_years_from: int | None = Field(None, ge=1900, le=2100)
    format: str | None = None
    serial: Literal[1900, 1904] | None = None
    languages: Annotated[tuple[str, ...], AfterValidator(_known_languages)] = ("en",)
    country: CountryCode = None
    country_from: str | None = None
    values: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    decimal: Literal[".", ","] = "."
    otherwise: Literal["quarantine", "empty", "keep"] = "quarantine"

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for key, kinds in _ONLY.items():
            if key in self.model_fields_set and self.kind not in kinds:
                raise ValueError(f"{key} is for {' and '.join(f'`as: {kind}`' for kind in kinds)}")
        if self.kind == "category" and not self.values:
            raise ValueError("`as: category` needs values, as in `values: {small: [s, klein]}`")
        table_of(self.values)
        if self.serial is not None and self.format is not None:
            raise ValueError("give either serial (a spreadsheet's days) or format")
        if self.kind == "postal_code" and (self.country is None) == (self.country_from is None):
            raise ValueError("`as: postal_code` needs either country (DE) or country_from (the property that has it)")
        if self.country is not None and self.country_from is not None:
            raise ValueError("give either country or country_from")
        return self


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


Values = Annotated[tuple[str | int | float | bool, ...], BeforeValidator(_listed)]
#: Field -> one of these values; all fields have to agree.
Condition = dict[str, Values]


class FieldOf(Part):
    """The value of another field of the same row."""

    field: str


def _number_or_date(value: str) -> str:
    import pandas as pd

    try:
        float(value)
    except ValueError:
        if pd.isna(pd.to_datetime(value, format="ISO8601", utc=True, errors="coerce")):
            raise ValueError(
                f"{value!r} is no limit: give a number, a date of ISO 8601, or `{{field: name}}`"
            ) from None
    return value


Limit = float | Annotated[str, AfterValidator(_number_or_date)] | FieldOf
LIMITS: Final = ("at_least", "above", "at_most", "below")


def _pattern(value: str | None) -> str | None:
    if value is not None:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"{value!r} is not a regular expression: {error}") from error
    return value


Pattern = Annotated[str | None, AfterValidator(_pattern)]


class Check(Part):
    """What has to hold of every row (`when` it is one of these, `unless` one of those); a missing value passes.

    Limits are numbers, dates of ISO 8601, or another field.
    """

    field: str
    name: str | None = None
    at_least: Limit | None = None
    at_most: Limit | None = None
    above: Limit | None = None
    below: Limit | None = None
    one_of: Values | None = None
    matches: Pattern = None
    required: bool = False
    when: Condition = Field(default_factory=dict)
    unless: Condition = Field(default_factory=dict)

    @model_validator(mode="after")
    def _checks_something(self) -> Self:
        given = [key for key in (*LIMITS, "one_of", "matches") if getattr(self, key) is not None]
        if len(given) + self.required == 0:
            raise ValueError(f"give at least one of {', '.join((*LIMITS, 'one_of', 'matches', 'required'))}")
        return self


class Rate(Part):
    """More touchpoints than this in so many seconds are no person's."""

    touchpoints: int = Field(ge=2)
    seconds: float = Field(gt=0)


class TrafficRule(Part):
    """Rows that are no customer's: by a column of the file (dropped ones too) or a field, or by their rate.

    `mark` stores them set aside, out of all analyses; `discard` sends them to quarantine.
    """

    name: str = Field(min_length=1, max_length=100)
    kind: Literal["bot", "test", "internal"]
    column: str | None = None
    field: str | None = None
    matches: Pattern = None
    one_of: Values | None = None
    rate: Rate | None = None
    then: Literal["mark", "discard"] = "mark"

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        if sum(condition is not None for condition in (self.matches, self.one_of, self.rate)) != 1:
            raise ValueError("give exactly one of matches, one_of, rate")
        if self.rate is None and (self.column is None) == (self.field is None):
            raise ValueError("give either column (of the file) or field (of the touchpoint)")
        if self.rate is not None and (self.column or self.field or self.then == "discard"):
            raise ValueError(
                "a rate is of all touchpoints of a visitor, which only the graph knows: it marks, by no column"
            )
        return self


class ImputeRule(Part):
    """How a missing value is filled: from statistics of the rows that the same condition holds for."""

    by: Literal["median", "mode", "neighbours", "missing"]
    neighbours_from: tuple[str, ...] = Field((), alias="from")
    k: int = Field(5, ge=1, le=100)
    within: str | None = None
    when: Condition = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.by == "neighbours") != bool(self.neighbours_from):
            raise ValueError("`by: neighbours` needs from (numbers to be near in), and nothing else has it")
        if self.by == "neighbours" and self.within is not None:
            raise ValueError("within is for median and mode")
        return self


class DuplicateRule(Part):
    """Touchpoints of one customer, step and product from different sources within so many seconds are one event.

    `prefer` names sources whose touchpoint stays, the first first; `sources` are the only ones looked at.
    """

    seconds: float = Field(gt=0, le=86_400)
    prefer: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
