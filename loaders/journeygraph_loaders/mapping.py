"""The mapping file: which column is what, which raw event is which step, and what is declared about time.

name: my_shop                     # everything is optional
timezone: Europe/Berlin           # of times without an offset; without it such rows go to quarantine
ambiguous_times: earlier         # what clocks show twice: earlier, later or reject (the default: quarantine)
nonexistent_times: offset_before # what they never show: offset_before, shift_forward or reject (the default)
time_format: "%d.%m.%Y %H:%M"     # only where times aren't ISO 8601 or epoch
delimiter: ";"
encoding: windows-1252           # of text that isn't UTF-8; any that Python knows
decimal: ","                      # 1.234,50 is a number
source: shop
channel: web                      # of rows without a channel
explode: events                   # JSONL, Parquet: each element of this list is a touchpoint
contract: freeze                 # of the source named here: evolve, freeze, discard_row or discard_value
null_values: ["", "NA"]
columns:
  customer_id: household          # a column of the file
  step: {constant: purchase}
  occurred_at: {template: "{year}-{month:02}-{day:02}", plus_seconds: order}
  product_id: {column: sku, normalise: integer}           # 28897.0 -> 28897
  touchpoint_id: {column: id, prefix: "till-"}            # another source numbers its rows as well
  product_category: {lookup: products, key: sku, value: category}
  value: null                     # no column is to be taken for this
  order_id: {column: orders, separator: ","}              # several ids in one text; null: never
properties: all                   # of other columns: all, none, or {name: column or rule as above}
drop: [first_name]                # these never become properties
steps:                            # raw event -> step; the first hit wins; what none hits keeps its name
  - {exact: payment_done, step: purchase, stage: purchase}
  - {prefix: /product/, step: view_product, channel: web}
  - {regex: "^/(cart|basket)", step: cart}
stages: {purchase: purchase}
channels: {open_ticket: service}
goals: [purchase]
session_idle: 30m
journey_window: 30d
lookups:
  products: {file: "products*.csv*", key: product_id, normalise: integer}
clean: {country: {as: country}}   # and checks, traffic, impute, statistics, duplicates: see `cleaning.rules`
files:                            # by name: a section of the same keys that replaces those above
  "mails*.csv": {channel: email, columns: {...}}
  "people.csv": {describes: customer, columns: {customer_id: id}}   # or product, campaign: no touchpoints
  "stock.csv": {ignore: "no touchpoints"}
"""

from __future__ import annotations

import re
from collections.abc import Mapping as AnyMapping
from fnmatch import fnmatch
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from journeygraph import yaml_text
from journeygraph.errors import InputError
from journeygraph.schema import BELONGS_TO_FIELDS, Stage
from journeygraph_loaders.cleaning.rules import NEVER_IMPUTED, Check, CleanRule, DuplicateRule, ImputeRule, TrafficRule
from journeygraph_loaders.encodings import check_encoding
from journeygraph_loaders.local_times import Ambiguous, Nonexistent

#: What a touchpoint can have, in the order in which a row's faults are looked for.
FIELDS: Final = (
    "occurred_at", "step", "customer_id", "anonymous_id", "touchpoint_id", "session_id", "channel", "source", "stage",
    "product_id", "product_category", "product_name", "campaign", "value", "currency", "email", "phone",
    *BELONGS_TO_FIELDS,
)  # fmt: skip
#: Stands between several ids in one text, unless the mapping says otherwise.
SEPARATOR: Final = "|"
_NO_TEXT: Final = ("occurred_at", "value", "stage")
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnRule(_Part):
    """Where a field's value comes from: a column, a constant, a template of columns, or a lookup by a column."""

    column: str | None = None
    constant: str | int | float | bool | None = None
    template: str | None = None
    lookup: str | None = None
    key: str | None = None
    value: str | None = None
    values: dict[str, str] = Field(default_factory=dict)
    normalise: Literal["integer"] | None = None
    prefix: str = ""
    plus_seconds: str | None = None
    separator: str | None = Field(SEPARATOR, min_length=1)

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum(origin is not None for origin in (self.column, self.constant, self.template, self.lookup)) != 1:
            raise ValueError("give exactly one of column, constant, template, lookup")
        if self.lookup is not None and (self.key is None or self.value is None):
            raise ValueError("a lookup needs key (a column of this file) and value (a column of the lookup's file)")
        return self

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns that the rule needs."""
        origin = [self.column or self.key] if self.template is None else template_columns(self.template)
        return tuple(column for column in (*origin, self.plus_seconds) if column is not None)


def _column_rule(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


Rule = Annotated[ColumnRule, BeforeValidator(_column_rule)]


class StepRule(_Part):
    """Raw event -> step, by exactly one of an exact text, a prefix, a regular expression found anywhere."""

    step: str = Field(min_length=1)
    exact: str | None = None
    prefix: str | None = None
    regex: str | None = None
    stage: Stage | None = None
    channel: str | None = None

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        if sum(condition is not None for condition in (self.exact, self.prefix, self.regex)) != 1:
            raise ValueError("give exactly one of exact, prefix, regex")
        return self

    @field_validator("regex")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                re.compile(value)
            except re.error as error:
                raise ValueError(f"{value!r} is not a regular expression: {error}") from error
        return value

    def hits(self, event: str) -> bool:
        """Whether the rule is for this raw event.

        >>> StepRule(step="cart", regex="^/(cart|basket)").hits("/basket/7")
        True
        """
        if self.exact is not None:
            return event == self.exact
        if self.prefix is not None:
            return event.startswith(self.prefix)
        return re.search(self.regex or "", event) is not None


Encoding = Annotated[str, AfterValidator(check_encoding)]


class Lookup(_Part):
    """A small table that other rows take values from by a key; read whole, so it must fit into memory."""

    file: str
    key: str
    normalise: Literal["integer"] | None = None
    encoding: Encoding | None = None


def _seconds(value: Any) -> Any:
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhdw])\s*", value)):
        return float(match[1]) * _UNITS[match[2]]
    return value


Duration = Annotated[float, BeforeValidator(_seconds), Field(gt=0)]


ContractMode = Literal["evolve", "freeze", "discard_row", "discard_value"]


class Section(_Part):
    """What can be declared for all files, or for those whose name matches."""

    ignore: str | None = None
    timezone: str | None = None
    ambiguous_times: Ambiguous = "reject"
    nonexistent_times: Nonexistent = "reject"
    time_format: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    encoding: Encoding | None = None
    decimal: Literal[".", ","] = "."
    source: str | None = None
    channel: str | None = None
    explode: str | None = None
    describes: Literal["customer", "product", "campaign"] | None = None
    contract: ContractMode | None = None
    null_values: tuple[str, ...] = ("",)
    columns: dict[str, Rule | None] = Field(default_factory=dict)
    properties: Literal["all", "none"] | dict[str, Rule] = "all"
    drop: tuple[str, ...] = ()
    steps: tuple[StepRule, ...] = ()
    stages: dict[str, Stage] = Field(default_factory=dict)
    channels: dict[str, str] = Field(default_factory=dict)
    clean: dict[str, CleanRule] = Field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    traffic: tuple[TrafficRule, ...] = ()
    impute: dict[str, ImputeRule] = Field(default_factory=dict)

    @field_validator("clean", "impute")
    @classmethod
    def _single(cls, value: dict[str, Any], about: ValidationInfo) -> dict[str, Any]:
        refused = set(BELONGS_TO_FIELDS) if about.field_name == "clean" else NEVER_IMPUTED | set(BELONGS_TO_FIELDS)
        if found := sorted(refused & set(value)):
            raise ValueError(f"{found[0]} cannot be here; nor can {', '.join(sorted(refused - {found[0]}))}")
        return value

    @field_validator("columns")
    @classmethod
    def _known(cls, value: dict[str, ColumnRule | None]) -> dict[str, ColumnRule | None]:
        unknown = sorted(set(value) - set(FIELDS))
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: not a field of a touchpoint; there are: {', '.join(FIELDS)}")
        prefixed = [name for name in _NO_TEXT if (rule := value.get(name)) is not None and rule.prefix]
        if prefixed:
            raise ValueError(f"{prefixed[0]} is no text: it cannot have a prefix")
        single = set(value) - set(BELONGS_TO_FIELDS)
        parted = sorted(name for name in single if (rule := value[name]) and rule.separator != SEPARATOR)
        if parted:
            raise ValueError(f"{parted[0]} is one value: only {', '.join(BELONGS_TO_FIELDS)} can have a separator")
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        if value is not None:
            check_zone(value)
        return value


class Mapping(Section):
    """A whole mapping file."""

    name: str = "mapping"
    description: str = ""
    goals: tuple[str, ...] | None = None
    session_idle: Duration | None = None
    journey_window: Duration | None = None
    lookups: dict[str, Lookup] = Field(default_factory=dict)
    statistics: str | None = None
    duplicates: DuplicateRule | None = None
    files: dict[str, Section] = Field(default_factory=dict)

    def for_file(self, path: Path) -> Section | None:
        """What holds for a file: the first `files` entry that its name matches, over the rest of the mapping.

        None where the mapping speaks of other files only, so that this one is left out.
        """
        common = {name: getattr(self, name) for name in Section.model_fields}
        if not self.files:
            return Section.model_construct(**common)
        for pattern, section in self.files.items():
            if fnmatch(path.name, pattern) or fnmatch(str(path), pattern):
                own = {name: getattr(section, name) for name in section.model_fields_set}
                for name in {"columns", "clean", "impute"} & own.keys():
                    own[name] = {**getattr(self, name), **getattr(section, name)}
                return Section.model_construct(**{**common, **own})
        return None


def check_zone(name: str) -> ZoneInfo:
    """The time zone of that name; raises `ValueError` for one that doesn't exist."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"{name!r} is not a time zone such as UTC or Europe/Berlin") from error


def template_columns(template: str) -> list[str]:
    """The columns named in a template.

    >>> template_columns("{year}-{month:02}")
    ['year', 'month']
    """
    return [match[1] for match in TEMPLATE.finditer(template)]


TEMPLATE: Final = re.compile(r"\{([^{}:]+)(?::0(\d+))?\}")


def shipped() -> list[str]:
    """Names of the mappings that come with the product."""
    folder = resources.files("journeygraph_loaders") / "mappings"
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def load(given: str | Path) -> Mapping:
    """A mapping by file, or by the name of one that is shipped (`--mapping simple_shop`).

    Raises `InputError` that names the file, the key, and what was allowed.
    """
    path = Path(given).expanduser()
    if path.is_file():
        text = path.read_text(encoding="utf-8", errors="replace")
    elif str(given) in shipped():
        text = (resources.files("journeygraph_loaders") / "mappings" / f"{given}.yaml").read_text(encoding="utf-8")
    else:
        raise InputError(f"There is no mapping {str(given)!r}: a YAML file, or one of {', '.join(shipped())}.")
    mapping = parse(text, str(given))
    if mapping.statistics is None:
        return mapping
    return mapping.model_copy(update={"statistics": str(path.absolute().parent / mapping.statistics)})


def parse(text: str, place: str = "mapping") -> Mapping:
    """A mapping from its YAML text; `place` is named in errors."""
    document = yaml_text.read(text, f"The mapping {place}", InputError).content or {}
    if not isinstance(document, AnyMapping):
        raise InputError(
            f"The mapping {place} is not a set of keys; keys are: {', '.join(sorted(Mapping.model_fields))}."
        )
    try:
        return Mapping.model_validate({"name": Path(place).stem, **document})
    except ValidationError as error:
        raise InputError(f"The mapping {place} cannot be used: {_faults(error)}") from error


def _faults(error: ValidationError) -> str:
    sentences = []
    for fault in error.errors()[:5]:
        key = ".".join(str(part) for part in fault["loc"] if part != "function-before[_column_rule()")
        if fault["type"] == "extra_forbidden":
            model: type[BaseModel] = Section if fault["loc"][:1] == ("files",) and len(fault["loc"]) == 3 else Mapping
            allowed = f"; keys are: {', '.join(sorted(model.model_fields))}" if len(fault["loc"]) in (1, 3) else ""
            sentences.append(f"{key} is not known{allowed}.")
        else:
            sentences.append(f"{key}: {fault['msg'].removeprefix('Value error, ')} (it is {fault['input']!r}).")
    return " ".join(sentences)
