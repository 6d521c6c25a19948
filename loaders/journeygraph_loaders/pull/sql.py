"""Pages of a table or query, in the order of a column that grows, read by a cursor of the database's own.

What is new is at or after the last value that is in the graph.  Rows that have that very value may have come since,
so it is asked for again, and the rows that were read already are known by a hash.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import sqlalchemy
from sqlalchemy import Connection, Select, bindparam, column, func, select, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from journeygraph.errors import InputError, JourneyGraphError, UsageError
from journeygraph_loaders.pull.declared import Sql
from journeygraph_loaders.pull.pages import Page
from journeygraph_loaders.pull.state import fingerprint, packed, unpacked

#: Rows of one cursor value that are remembered; of more than these, the others are read again and are duplicates.
_KNOWN: Final = 10_000
_DAY: Final = 86_400
_DAY_TEXT: Final = re.compile(r"(\d{4})(-?)(\d\d)\2(\d\d)", re.ASCII)


class DatabaseUnavailable(JourneyGraphError):
    """The database that is pulled from did not answer, or refused."""

    exit_status = 3
    code = "source_unavailable"


def identity(declared: Sql) -> str:
    """What is read, whoever reads it."""
    url = _url(declared)
    place = (url.get_backend_name(), url.host, url.port, url.database)
    return fingerprint(*place, declared.db_schema, declared.table, declared.query, declared.cursor)


def place(declared: Sql) -> str:
    """What to call it in sentences, without user or password.

    >>> place(Sql(url="postgresql+pg8000://me:secret@db/shop", table="orders"))
    'orders of postgresql db/shop'
    """
    url = _url(declared)
    where = f"{url.host}/{url.database}" if url.host else str(url.database)
    return f"{declared.table or 'the query'} of {url.get_backend_name()} {where}"


def pages(declared: Sql, state: Mapping[str, Any], size: int) -> Iterator[Page]:
    """Pages of at most `size` rows that are not in the graph yet; memory is bounded by one.

    Raises `DatabaseUnavailable` where the database does not answer, `InputError` where it has no such table or column.
    """
    with _failures(declared), _connection(declared) as connection:
        rows = connection.execution_options(stream_results=True, yield_per=size).execute(
            statement(declared, state), _after(declared, state)
        )
        names = list(rows.keys())
        _check(declared, names)
        seen = _Boundary(declared.cursor, state)
        first = 1
        for part in rows.partitions(size):
            records = [dict(zip(names, map(_value, row), strict=True)) for row in part]
            fresh = [record for record, row in zip(records, part, strict=True) if seen.is_new(record, names, row)]
            if fresh:
                yield Page(first, fresh, seen.state())
            first += len(fresh)


def without_cursor(declared: Sql) -> int:
    """How many rows have no value in the cursor column, and so are never read."""
    if declared.cursor is None:
        return 0
    query = select(func.count()).select_from(_origin(declared)).where(column(declared.cursor).is_(None))
    with _failures(declared), _connection(declared) as connection:
        return int(connection.execute(query).scalar_one())


def statement(declared: Sql, state: Mapping[str, Any]) -> Select[Any]:
    """The statement that is sent; the value after which it reads is its parameter `after`."""
    query = select(text("*")).select_from(_origin(declared))
    if declared.cursor is None:
        return query
    by: sqlalchemy.ColumnClause[Any] = column(declared.cursor)
    query = query.where(by.is_not(None)).order_by(by)
    return query.where(by >= bindparam("after")) if "cursor" in state else query


def _origin(declared: Sql) -> Any:
    if declared.table is not None:
        return sqlalchemy.table(declared.table, schema=declared.db_schema)
    query = str(declared.query).strip().rstrip(";")
    # A colon is the query's own and no parameter; a comment may be its last line.
    escaped = query.replace("\\", "\\\\").replace(":", "\\:") if ":" in query else query
    return text(f"(\n{escaped}\n) pulled")


def _after(declared: Sql, state: Mapping[str, Any]) -> dict[str, Any]:
    if declared.cursor is None or "cursor" not in state:
        return {}
    after = unpacked(state["cursor"])
    if declared.overlap is None:
        return {"after": after}
    before = _earlier(after, declared.overlap)
    if before is None:
        raise InputError(
            f"The cursor {declared.cursor} is {type(after).__name__}: an overlap needs times, days or numbers "
            "(seconds)."
        )
    return {"after": before}


def _earlier(value: Any, seconds: float) -> Any:
    """A cursor's value so much before; of days, written as text too, whole days.  None for what is none of these.

    >>> _earlier("20260301", 86_400), _earlier("2026-03-01", 3_600), _earlier(100, 60.0), _earlier("x", 60.0)
    ('20260228', '2026-02-28', 40, None)
    """
    if isinstance(value, datetime):
        return value - timedelta(seconds=seconds)
    if isinstance(value, date):
        return value - timedelta(days=math.ceil(seconds / _DAY))
    if isinstance(value, Decimal):
        return value - Decimal(seconds)
    if isinstance(value, int | float):
        return type(value)(value - seconds)
    found = _DAY_TEXT.fullmatch(value) if isinstance(value, str) else None
    try:
        day = None if found is None else date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        return None
    return None if day is None or found is None else _earlier(day, seconds).strftime(f"%Y{found[2]}%m{found[2]}%d")


def _check(declared: Sql, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"{place(declared)} has the column {twice[0]!r} twice: name one otherwise, with AS.")
    if declared.cursor is not None and declared.cursor not in names:
        raise InputError(
            f"{place(declared)} has no column {declared.cursor!r} to go on by; there are: {', '.join(names)}."
        )


class _Boundary:
    """The last cursor value so far, and which rows have it."""

    def __init__(self, cursor: str | None, state: Mapping[str, Any]) -> None:
        self._cursor = cursor
        self._value: Any = unpacked(state["cursor"]) if "cursor" in state else None
        self._before = frozenset(state.get("known", ()))
        self._known: set[str] = set(self._before)

    def is_new(self, record: Mapping[str, Any], names: list[str], row: Any) -> bool:
        """Whether the row wasn't read by an earlier pull; it is noted as read."""
        if self._cursor is None:
            return True
        value = row[names.index(self._cursor)]
        mark = blake2b(json.dumps(record, default=str, sort_keys=True).encode("utf-8", "surrogatepass"), digest_size=16)
        if value != self._value:  # the database's order, which needn't be Python's
            self._value, self._known = value, set()
        if len(self._known) < _KNOWN:
            self._known.add(mark.hexdigest())
        return mark.hexdigest() not in self._before

    def state(self) -> dict[str, Any]:
        """What to keep once these rows are in the graph."""
        if self._cursor is None:
            return {}
        return {"cursor": packed(self._value), "known": sorted(self._known)}


def _value(value: Any) -> Any:
    """A column's value as the readers of files give it."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            return str(value)
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if value is None or isinstance(value, str | int | float | datetime | date | list | dict):
        return value
    return str(value)


def _url(declared: Sql) -> sqlalchemy.URL:
    try:
        return sqlalchemy.make_url(declared.url)
    except (ArgumentError, ValueError):
        raise UsageError(
            "The database's url cannot be read: one such as postgresql+pg8000://user@host/name is needed, with "
            "${VARIABLE} for what is secret."
        ) from None


def _refuse_no_file(url: sqlalchemy.URL) -> None:
    """SQLite makes an empty database of a file that does not exist: a mistyped path would leave one."""
    file = url.database or ":memory:"
    in_no_file = file == ":memory:" or file.startswith("file:")
    if url.get_backend_name() == "sqlite" and not in_no_file and not Path(file).is_file():
        raise InputError(f"There is no SQLite database {file} (of the folder {Path.cwd()}): a file is needed.")


@contextmanager
def _connection(declared: Sql) -> Iterator[Connection]:
    url = _url(declared)
    _refuse_no_file(url)
    try:
        engine = sqlalchemy.create_engine(url, hide_parameters=True, pool_pre_ping=True)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        needed = getattr(error, "name", None) or url.drivername
        raise UsageError(
            f"The driver of {url.drivername} is not installed ({needed}): install it, or name another in the url, as "
            "in postgresql+pg8000://."
        ) from error
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _failures(declared: Sql) -> Iterator[None]:
    """Errors of the database as sentences, without the url or what the parameters were."""
    try:
        yield
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or type(error).__name__).split("\n", 1)[0][:300]
        kind: type[JourneyGraphError] = InputError
        if isinstance(error, sqlalchemy.exc.OperationalError | sqlalchemy.exc.InterfaceError):
            # SQLite calls a missing table that as well.
            is_file = _url(declared).host is None and "unable to open" not in said
            kind = InputError if is_file else DatabaseUnavailable
        raise kind(f"{place(declared)} cannot be read: {_without_secret(said, declared)}.") from None


def _without_secret(said: str, declared: Sql) -> str:
    url = _url(declared)
    for secret in (url.password, declared.url):
        said = said.replace(str(secret), "...") if secret else said
    return said.rstrip(". ")
