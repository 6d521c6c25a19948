"""A chunk of raw rows -> validated `Row`s and bad rows; pydantic checks a column at a time.

The rules are those of `schema.Touchpoint`'s fields: one `TypeAdapter` for a list of each.  That is some ten times as
fast as a model per row, and a fault still names its row, column and value.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from itertools import compress
from math import isinf
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import TypeAdapter, ValidationError

from journeygraph.errors import InputError
from journeygraph.privacy.suppression import SENTENCE, Suppressions
from journeygraph.schema import BELONGS_TO, BELONGS_TO_FIELDS, LARGEST_VALUE, PlainName, Touchpoint
from journeygraph_loaders.chunks import BadRow, Chunk
from journeygraph_loaders.cleaning.cleaner import Cleaner
from journeygraph_loaders.cleaning.names import property_of
from journeygraph_loaders.cleaning.traffic import Traffic
from journeygraph_loaders.columns import Plan
from journeygraph_loaders.encodings import NOT_UTF8
from journeygraph_loaders.hashing import canonical, content_ids
from journeygraph_loaders.local_times import NO_CLOCK, Clock
from journeygraph_loaders.mapping import FIELDS, ColumnRule, Section
from journeygraph_loaders.minimised import Minimised
from journeygraph_loaders.rows import ANONYMOUS, Described, Row, Scalar, belongings
from journeygraph_loaders.several import gathered, parts
from journeygraph_loaders.steps import Steps
from journeygraph_loaders.suppressed import leave_out
from journeygraph_loaders.times import parse_column
from journeygraph_loaders.values import Tables, as_text, evaluate, pointed, scalars, texts, treated, with_points

if TYPE_CHECKING:
    from journeygraph_loaders.cleaning.checks import Checks
    from journeygraph_loaders.cleaning.imputation import Imputer

DAY_US: Final = 86_400_000_000
Properties = list[dict[str, Scalar] | None]
Belongings = Sequence[tuple[str, str]] | None


class Converter:
    """Makes rows of chunks, by what a mapping's section declares; one for each section.

    `channel` and `source` hold for rows that have none of their own; no instant is after `latest_us`; rows about people
    who are `suppressed` are bad ones.
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
        suppressed: Suppressions | None = None,
        clock: Clock = NO_CLOCK,
        imputer: Imputer | None = None,
    ) -> None:
        self._nulls = frozenset(section.null_values) | {""}
        self._parse, self._tables = parse, tables
        self._channel, self._source = channel.strip().lower(), source.strip()
        self._steps = Steps(section)
        self._latest_us, self._suppressed = latest_us, suppressed
        self._comma = section.decimal == ","
        asks = suppressed is not None and suppressed.policy.asks_of_rows
        self._minimised = Minimised(suppressed, self._source) if suppressed is not None and asks else None
        self._cleaner = Cleaner(section.clean, clock)
        self._traffic = Traffic(section.traffic)
        self._checks, self._imputer = _checks(section), imputer

    def convert(self, chunk: Chunk, plan: Plan) -> tuple[list[Row], list[int], list[BadRow]]:
        """Rows that are right, their places in the chunk, and the others as bad rows.

        What the privacy policy does not want to be kept is taken out of the chunk.
        """
        if self._minimised is None:
            return self._converted(chunk, plan)
        self._minimised.leave_out(chunk, plan)
        return self._minimised.finish(chunk, plan, *self._converted(chunk, plan))

    def _converted(self, chunk: Chunk, plan: Plan) -> tuple[list[Row], list[int], list[BadRow]]:
        faults = _Faults(chunk, plan)
        if plan.lacking:
            for row in range(len(chunk)):
                faults.add(row, plan.lacking[0], None, f"The row has no {' and no '.join(plan.lacking)}{plan.hint}.")
            return [], [], faults.rows
        columns = self._columns(chunk, plan, faults)
        properties = self._properties(chunk, plan, faults)
        columns["belongs_to"] = self._belongings(chunk, plan, faults)
        columns["occurred_at"] = self._instants(chunk, plan, faults)
        if self._minimised:
            self._minimised.conceal(columns, properties)
        rows, places = self._rows(chunk, columns, properties, faults)
        rows, places = self._judged(rows, places, chunk, plan, faults)
        if self._imputer is not None and rows:
            if "p_imputed" in plan.properties:
                raise InputError(f"{chunk.path} has a column 'imputed', which is to say what was filled in: drop it.")
            rows = self._imputer.apply(rows)
        if self._suppressed:
            rows, places, refused = leave_out(rows, places, chunk, self._suppressed)
            return rows, places, faults.rows + refused
        return rows, places, faults.rows

    def describe(self, chunk: Chunk, plan: Plan, key: str = "customer_id") -> tuple[list[Described], list[BadRow]]:
        """What rows say of customers (products, campaigns: `key`), and the rows that are wrong."""
        faults = _Faults(chunk, plan)
        ids = self._names(key, chunk, plan, faults)
        if key == "customer_id":
            _owners(ids, [None] * len(ids), faults)
        for row, name in enumerate(ids):
            if name is None:
                faults.about(row, key, None, "is missing")
            elif key == "customer_id" and self._suppressed and self._suppressed.holds(key, name):
                faults.add(row, None, None, SENTENCE)
        more = [self._names(name, chunk, plan, faults) for name in ("product_name", "product_category", "product_id")]
        properties = self._properties(chunk, plan, faults)
        good = [row for row in range(len(chunk)) if row not in faults.found]
        told = zip(ids, properties, *more, strict=True)
        every = [Described(name or "", held or {}, *others) for name, held, *others in told]
        return [every[row] for row in good], faults.rows

    def _names(self, name: str, chunk: Chunk, plan: Plan, faults: _Faults) -> list[Any]:
        """A field of names, None where the table has it not."""
        rule = plan.fields.get(name)
        if rule is None:
            return [None] * len(chunk)
        raw = _plain(name, evaluate(rule, chunk, self._tables), faults)
        given = _prefixed(rule, self._clean(name, texts(raw, self._nulls), chunk, plan, faults))
        return _validated(name, given, faults)

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
            values = _tidy(name, _prefixed(rule, self._clean(name, texts(raw, self._nulls), chunk, plan, faults)))
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
                sign = _SIGN if any(unicodedata.category(letter) == "Sc" for letter in text) else ""
                faults.about(row, "value", text, f"is not a number: one such as 1.234,50 is needed{sign}")
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
            found = scalars(with_points(raw) if self._comma else raw, self._nulls)
            values = _prefixed(rule, self._clean(name, found, chunk, plan, faults, rule.column))
            columns.append(
                _storable(_validated("properties", values, faults, rule.column or name), faults, rule.column or name)
            )
        return [
            {name: value for name, value in zip(names, row, strict=True) if value is not None} or None
            for row in zip(*columns, strict=True)
        ]

    def _clean(
        self,
        name: str,
        values: list[Any],
        chunk: Chunk,
        plan: Plan,
        faults: _Faults | None,
        column: str | None = None,
    ) -> list[Any]:
        """The values as the mapping cleans them; without `faults` nobody is told of those that cannot be."""
        rules = self._cleaner.rules
        key = next((key for key in rules if (property_of(key) or key) == name), None)
        if key is None:
            return values

        def refused(row: int, value: Any, half: str) -> None:
            if faults is not None:
                faults.about(row, name, value, half, column)

        return self._cleaner.apply(key, values, self._countries(rules[key].country_from, chunk, plan), refused)

    def _countries(self, name: str | None, chunk: Chunk, plan: Plan) -> list[str | None] | None:
        """The countries of the rows, by the property or field that has them."""
        if name is None:
            return None
        own = property_of(name) or name
        rule = plan.fields.get(own) or plan.properties.get(own)
        if rule is None:
            return [None] * len(chunk)
        return self._clean(own, texts(evaluate(rule, chunk, self._tables), self._nulls), chunk, plan, None)

    def _judged(
        self, rows: list[Row], places: list[int], chunk: Chunk, plan: Plan, faults: _Faults
    ) -> tuple[list[Row], list[int]]:
        """The rows that no check and no rule of traffic sends to quarantine."""
        bad: set[int] = set()
        for row, name, value, half in self._checks.failures(rows) if self._checks else ():
            own = property_of(name) or name
            column = plan.properties[own].column if own in plan.properties else None
            faults.about(places[row], own, value, half, column or (None if own == name else name))
            bad.add(row)
        rows, discarded = self._traffic.judged(rows, places, chunk)
        for row, column, value, half in discarded:
            faults.about(places[row], column, value, half, column)
            bad.add(row)
        if not bad:
            return rows, places
        kept = [row for row in range(len(rows)) if row not in bad]
        return [rows[row] for row in kept], [places[row] for row in kept]

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


def _checks(section: Section) -> Checks | None:
    """The section's checks; pandas and pandera are imported only where there are some."""
    if not section.checks:
        return None
    from journeygraph_loaders.cleaning.checks import Checks

    return Checks(section.checks)


#: No amount is in the currency of its sign because it has one: $ is of many, and the row may have another.
_SIGN: Final = ", without a sign: the currency is a field of its own, as in `columns: {currency: {constant: EUR}}`"
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


#: What the database can hold as a number.
_LARGEST: Final = 1 << 63


def _storable(values: list[Any], faults: _Faults, column: str) -> list[Any]:
    """Values of a property as the database and JSON can hold them: longer and endless numbers as text, no half text."""
    kinds = set(map(type, values))
    if int in kinds:
        values = [str(one) if type(one) is int and not -_LARGEST <= one < _LARGEST else one for one in values]
    if float in kinds:
        values = [str(one) if type(one) is float and isinf(one) else one for one in values]
    if str in kinds:
        try:
            "".join(one for one in values if type(one) is str).encode()
        except UnicodeEncodeError:
            for row, one in enumerate(values):
                if type(one) is str and any("\ud800" <= letter <= "\udfff" for letter in one):
                    faults.about(row, "properties", one, NOT_UTF8, column)
    return values


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


_OUT_OF_RANGE: Final = f"is out of range: -{LARGEST_VALUE:,.0f} to {LARGEST_VALUE:,.0f} is allowed"


def _half(name: str, fault: Any, value: Any) -> str:
    """Half a sentence: what is wrong with a value, and what is allowed."""
    kind, message, context = fault["type"], str(fault["msg"]), fault.get("ctx", {})
    comma = ', or `decimal: ","` in the mapping' if isinstance(value, str) and pointed(value) else ""
    known = {
        "float_parsing": f"is not a number: one such as 12.50 is needed{comma}",
        "reserved_step": message,
        "finite_number": "is not a finite number",
        "less_than_equal": _OUT_OF_RANGE,
        "greater_than_equal": _OUT_OF_RANGE,
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
