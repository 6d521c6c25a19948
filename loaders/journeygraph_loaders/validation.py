"""A chunk of raw rows -> validated `Row`s and bad rows; pydantic checks a column at a time.

The rules are those of `schema.Touchpoint`'s fields: one `TypeAdapter` for a list of each.  That is some ten times as
fast as a model per row, and a fault still names its row, column and value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import compress
from typing import Annotated, Any, Final

from pydantic import TypeAdapter, ValidationError

from journeygraph.schema import BELONGS_TO, BELONGS_TO_FIELDS, PlainName, Touchpoint
from journeygraph_loaders.chunks import BadRow, Chunk
from journeygraph_loaders.columns import Plan
from journeygraph_loaders.encodings import NOT_UTF8
from journeygraph_loaders.hashing import canonical, content_ids
from journeygraph_loaders.mapping import FIELDS, ColumnRule, Section
from journeygraph_loaders.rows import ANONYMOUS, Row, Scalar, belongings
from journeygraph_loaders.several import gathered, parts
from journeygraph_loaders.steps import Steps
from journeygraph_loaders.times import parse_column
from journeygraph_loaders.values import Tables, as_text, evaluate, pointed, scalars, texts, treated, with_points

DAY_US: Final = 86_400_000_000
Properties = list[dict[str, Scalar] | None]
Belongings = Sequence[tuple[str, str]] | None


class Converter:
    """Makes rows of chunks, by what a mapping's section declares; one for each section.

    `channel` and `source` hold for rows that have none of their own; no instant is after `latest_us`.
    """

    def __init__(
        self,
        section: Section,
        parse: Callable[[Any], int],
        tables: Tables,
        *,
        channel: str,
        source: str,
        latest_us: int,
    ) -> None:
        self._nulls = frozenset(section.null_values) | {""}
        self._parse, self._tables = parse, tables
        self._channel, self._source = channel.strip().lower(), source.strip()
        self._steps = Steps(section)
        self._latest_us = latest_us
        self._comma = section.decimal == ","

    def convert(self, chunk: Chunk, plan: Plan) -> tuple[list[Row], list[int], list[BadRow]]:
        """Rows that are right, their places in the chunk, and the others as bad rows."""
        faults = _Faults(chunk, plan)
        if plan.lacking:
            for row in range(len(chunk)):
                faults.add(row, plan.lacking[0], None, f"The row has no {' and no '.join(plan.lacking)}{plan.hint}.")
            return [], [], faults.rows
        columns = self._columns(chunk, plan, faults)
        properties = self._properties(chunk, plan, faults)
        columns["belongs_to"] = self._belongings(chunk, plan, faults)
        columns["occurred_at"] = self._instants(chunk, plan, faults)
        rows, places = self._rows(chunk, columns, properties, faults)
        return rows, places, faults.rows

    def _columns(self, chunk: Chunk, plan: Plan, faults: _Faults) -> dict[str, Sequence[Any]]:
        nothing = [None] * len(chunk)
        columns: dict[str, Sequence[Any]] = {}
        for name in FIELDS:
            rule = plan.fields.get(name)
            if name == "occurred_at" or name in BELONGS_TO_FIELDS:
                continue
            if rule is None:
                columns[name] = nothing
                continue
            raw = evaluate(rule, chunk, self._tables)
            if name == "value" and self._comma:
                raw = self._numbers(raw, faults)
            if name in _PLAIN:
                raw = _plain(name, raw, faults)
            values = _tidy(name, _prefixed(rule, texts(raw, self._nulls)))
            columns[name] = _validated(name, values, faults)
            if name == "value":  # there is one zero
                columns[name] = [None if value is None else value + 0.0 for value in columns[name]]
            if name == "step" and None in values:
                for row in (place for place, value in enumerate(values) if value is None):
                    faults.about(row, "step", None, "is missing")
        return columns

    def _belongings(self, chunk: Chunk, plan: Plan, faults: _Faults) -> Sequence[Belongings]:
        """What each row belongs to; None throughout for a file that says nothing of it."""
        ids: dict[str, list[tuple[str, ...]]] = {}
        for grain, name in zip(BELONGS_TO, BELONGS_TO_FIELDS, strict=True):
            rule = plan.fields.get(name)
            if rule is not None:
                raw = evaluate(rule.model_copy(update={"normalise": None, "values": {}}), chunk, self._tables)
                rows, values = parts(rule, raw)
                values = _prefixed(rule, texts(treated(rule, _plain(name, values, faults, rows)), self._nulls))
                ids[grain] = gathered(rows, _validated(name, values, faults, rows=rows), len(chunk))
        if not ids:
            return [None] * len(chunk)
        return [belongings(dict(zip(ids, row, strict=True))) for row in zip(*ids.values(), strict=True)]

    def _numbers(self, raw: Sequence[Any], faults: _Faults) -> list[Any]:
        """Text with a decimal comma as text with a point; numbers of JSON and Parquet stay as they are."""
        found: list[Any] = []
        for row, value in enumerate(raw):
            text = value.strip() if type(value) is str else None
            if text is None or text in self._nulls:
                found.append(value)
                continue
            number = pointed(text)
            if number is None:
                faults.about(row, "value", text, "is not a number: one such as 1.234,50 is needed")
            found.append(number[0] if number else None)
        return found

    def _instants(self, chunk: Chunk, plan: Plan, faults: _Faults) -> Sequence[int | None]:
        rule = plan.fields["occurred_at"]
        raw = [
            (value.strip() if type(value) is str else value) or (None if value == "" else value)
            for value in evaluate(rule, chunk, self._tables)
        ]
        raw = [None if value in self._nulls else value for value in raw] if self._nulls != {""} else raw
        instants, wrong = parse_column(raw, self._parse, self._latest_us)
        if rule.plus_seconds is not None:
            offsets = evaluate(type(rule)(column=rule.plus_seconds), chunk, self._tables)
            instants = _moved(instants, offsets, plan, wrong)
        for row, half in wrong.items():
            faults.about(row, "occurred_at", raw[row], half)
        return instants

    def _properties(self, chunk: Chunk, plan: Plan, faults: _Faults) -> Properties:
        if not plan.properties:
            return [None] * len(chunk)
        names = list(plan.properties)
        columns = []
        for name, rule in plan.properties.items():
            raw = evaluate(rule, chunk, self._tables)
            values = _prefixed(rule, scalars(with_points(raw) if self._comma else raw, self._nulls))
            columns.append(_validated("properties", values, faults, rule.column or name))
        return [
            {name: value for name, value in zip(names, row, strict=True) if value is not None} or None
            for row in zip(*columns, strict=True)
        ]

    def _rows(
        self, chunk: Chunk, columns: dict[str, Sequence[Any]], properties: Properties, faults: _Faults
    ) -> tuple[list[Row], list[int]]:
        owners = _owners(columns["customer_id"], columns["anonymous_id"], faults)
        good = [row not in faults.found for row in range(len(chunk))]
        places = list(compress(range(len(chunk)), good))
        if not places:
            return [], []
        if len(places) < len(chunk):
            columns = {name: list(compress(values, good)) for name, values in columns.items()}
            properties, owners = list(compress(properties, good)), list(compress(owners, good))
        own_channels = [channel or self._channel for channel in columns["channel"]]
        sources = [source or self._source for source in columns["source"]]
        ids = _ids(columns, own_channels, sources, properties)
        steps, stages, channels = self._steps.classify(
            columns["step"], columns["stage"], columns["channel"], self._channel
        )
        columns = {**columns, "owner": owners, "source": sources, "id": ids, "properties": properties}
        columns |= {"step": steps, "stage": stages, "channel": channels}
        return list(map(Row, *(columns[name] for name in _ROW_COLUMNS))), places


#: The columns that make a `Row`, in its order.
_ROW_COLUMNS: Final = (
    "id", "owner", "step", "channel", "stage", "occurred_at", "source", "customer_id", "anonymous_id", "session_id",
    "value", "currency", "product_id", "product_category", "product_name", "campaign", "email", "phone", "properties",
    "belongs_to",
)  # fmt: skip


def _ids(
    columns: dict[str, Sequence[Any]], channels: Sequence[str], sources: Sequence[str], properties: Properties
) -> list[str]:
    """Own ids, else the hash of what the source said (the raw event, so that mended step rules change no identity)."""
    own = columns["touchpoint_id"]
    if all(own):
        return list(own)
    contents = zip(
        columns["customer_id"], columns["anonymous_id"], columns["step"], channels, columns["occurred_at"], sources,
        columns["session_id"], columns["product_id"], columns["product_category"], columns["campaign"],
        columns["value"], columns["currency"], columns["email"], columns["phone"],
        [held and [(name, canonical(value)) for name, value in held.items()] for held in properties],
        strict=True,
    )  # fmt: skip
    # Only where there is something: rows of files without such columns keep the identity that they always had.
    hashed = content_ids(
        [(*content, held) if held else content for content, held in zip(contents, columns["belongs_to"], strict=True)]
    )
    return [given or made for given, made in zip(own, hashed, strict=True)]


def _owners(known: Sequence[str | None], anonymous: Sequence[str | None], faults: _Faults) -> list[str | None]:
    owners: list[str | None] = []
    for row, (customer, visitor) in enumerate(zip(known, anonymous, strict=True)):
        if customer is not None:
            if customer.startswith(ANONYMOUS):
                faults.about(
                    row, "customer_id", customer, f"starts with {ANONYMOUS!r}: that is kept for anonymous visitors"
                )
            owners.append(customer)
        elif visitor is not None:
            owners.append(ANONYMOUS + visitor)
        else:
            owners.append(None)
            faults.add(row, "customer_id", None, "The row names nobody: customer_id and anonymous_id are both missing.")
    return owners


def _moved(
    instants: Sequence[int | None], offsets: Sequence[Any], plan: Plan, wrong: dict[int, str]
) -> list[int | None]:
    moved: list[int | None] = []
    for row, (instant, offset) in enumerate(zip(instants, offsets, strict=True)):
        try:
            moved.append(None if instant is None else instant + round(float(offset) * 1_000_000))
        except (TypeError, ValueError, OverflowError):
            wrong.setdefault(row, f"is to be moved by {plan.fields['occurred_at'].plus_seconds} = {offset!r} seconds")
            moved.append(None)
    return moved


def _prefixed(rule: ColumnRule, values: list[Any]) -> list[Any]:
    return [None if value is None else f"{rule.prefix}{value}" for value in values] if rule.prefix else values


#: Fields whose JSON value is text or a number.
_PLAIN: Final = frozenset({"step", "channel", "source", "customer_id", "anonymous_id", "touchpoint_id", "session_id"})
_NO_NAMES: Final = frozenset({bool, list, dict})


def _plain(name: str, raw: Sequence[Any], faults: _Faults, rows: Sequence[int] | None = None) -> Sequence[Any]:
    """The values; truth values and lists become faults and None.  `rows`: those of the values, where not one each."""
    if not _NO_NAMES & set(map(type, raw)):
        return raw
    for row, value in zip(rows or range(len(raw)), raw, strict=True):
        if type(value) in _NO_NAMES:
            faults.about(
                row, name, as_text(value), "is neither text nor a number, as JSON has it: one of them is needed"
            )
    return [None if type(value) in _NO_NAMES else value for value in raw]


def _tidy(name: str, values: list[str | None]) -> list[str | None]:
    if name in ("channel", "email", "stage"):
        return [None if value is None else value.lower() for value in values]
    if name == "currency":
        return [None if value is None else value.upper() for value in values]
    if name == "phone":
        return [None if value is None else value.translate(_PHONE_NOISE) or None for value in values]
    return values


_PHONE_NOISE: Final = str.maketrans("", "", " -()./")


@cache
def _adapter(name: str) -> TypeAdapter[list[Any]]:
    if name == "properties":
        return TypeAdapter(list[str | int | float | bool | None])
    if name in BELONGS_TO_FIELDS:
        return TypeAdapter(list[PlainName | None])
    field = Touchpoint.model_fields[name]
    kind: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    return TypeAdapter(list[kind | None])


def _validated(
    name: str, values: list[Any], faults: _Faults, column: str | None = None, rows: Sequence[int] | None = None
) -> list[Any]:
    """The column as pydantic accepts it; refused values become faults and None.  `rows` as for `_plain`."""
    adapter = _adapter(name)
    try:
        return adapter.validate_python(values)
    except ValidationError as error:
        kept = list(values)
        for fault in error.errors(include_url=False, include_context=True):
            place = int(fault["loc"][0])
            row = place if rows is None else rows[place]
            faults.about(row, name, values[place], _half(name, fault, values[place]), column)
            kept[place] = None
        return adapter.validate_python(kept)
    except UnicodeEncodeError:  # pragma: no cover - older pydantic-core
        raise


def _half(name: str, fault: Any, value: Any) -> str:
    """Half a sentence: what is wrong with a value, and what is allowed."""
    kind, message, context = fault["type"], str(fault["msg"]), fault.get("ctx", {})
    comma = ', or `decimal: ","` in the mapping' if isinstance(value, str) and pointed(value) else ""
    known = {
        "float_parsing": f"is not a number: one such as 12.50 is needed{comma}",
        "reserved_step": message,
        "finite_number": "is not a finite number",
        "string_unicode": NOT_UTF8,
        "string_too_long": f"is longer than {context.get('max_length')} characters",
        "string_too_short": "is blank",
        "enum": f"is not a {name}: there are {context.get('expected')}",
        "string_pattern_mismatch": "is not a currency code of three letters such as EUR"
        if name == "currency"
        else "holds a control character such as NUL, a tab or a line break: names are on one line",
    }
    return known.get(kind, f"cannot be used: {message}")


class _Faults:
    """The first fault of each row."""

    def __init__(self, chunk: Chunk, plan: Plan) -> None:
        self._chunk, self._plan = chunk, plan
        self.found: dict[int, BadRow] = {}

    @property
    def rows(self) -> list[BadRow]:
        """Bad rows in the chunk's order."""
        return [self.found[row] for row in sorted(self.found)]

    def about(self, row: int, name: str, value: Any, half: str, column: str | None = None) -> None:
        """A fault of a value: `half` is what is wrong with it."""
        column = column or self._plan.column_of(name)
        text = None if value is None else str(value).encode("utf-8", "backslashreplace").decode()[:200]
        sentence = f"The {column} {half}." if text is None else f"The {column} {text!r} {half}."
        # A list of bad rows is for people: what nobody could see there is written out.
        shown = text and "".join(repr(letter)[1:-1] if ord(letter) < 32 else letter for letter in text)
        self.add(row, column, shown, sentence)

    def add(self, row: int, column: str | None, value: str | None, sentence: str) -> None:
        """A fault in so many words."""
        if row not in self.found:
            chunk = self._chunk
            self.found[row] = BadRow(str(chunk.path), chunk.lines[row], column, value, sentence, chunk.fields(row))
