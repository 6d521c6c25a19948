"""The one gateway to Neo4j: read, stream and write named queries, with retries and readable failures.

Nothing else imports the driver.  All statements are files in `cypher/` (see `queries`), so a value reaches the
database as a parameter only.  Transactions are managed: the driver repeats them on a leader switch, a deadlock or
a lost connection, which is why every writing query must be repeatable (MERGE on an id, or guarded by a mark).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from types import TracebackType
from typing import Any, LiteralString, Self

import neo4j
import neo4j.time
from neo4j.exceptions import AuthError, ClientError, DriverError, Neo4jError, ServiceUnavailable

from journeygraph import queries
from journeygraph.errors import GraphError, GraphUnavailable, LoginRefused, QueryFailed
from journeygraph.schema import Grain

Row = dict[str, Any]
_AWAY = (ServiceUnavailable, neo4j.exceptions.SessionExpired, OSError)

logging.getLogger("neo4j").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Connection:
    """Where a graph is and how to log in."""

    uri: str
    username: str
    password: str


@dataclass(frozen=True)
class Written:
    """What writing statements changed, as the server counted it, and the rows that they returned."""

    counters: Mapping[str, int]
    rows: Sequence[Row]

    def __getitem__(self, counter: str) -> int:
        return self.counters.get(counter, 0)


class Graph:
    """A connection pool to one Neo4j database; usable by many threads; a context manager.

    Every method takes a query's name and its parameters by keyword.  `as_of` (an aware datetime, or None) is a
    parameter like the others and chooses the query's text over the journeys known at that instant; so does `grain`,
    where it isn't "customer", for the journeys of households, accounts or orders.

    Raises `GraphUnavailable` where the server does not answer (after the driver's own retries), `QueryFailed`, with
    the statement, for whatever the server refuses.
    """

    def __init__(self, connection: Connection, *, retry_seconds: float = 15.0) -> None:
        self.connection = connection
        self._driver = neo4j.GraphDatabase.driver(
            connection.uri,
            auth=(connection.username, connection.password),
            max_transaction_retry_time=retry_seconds,
            connection_timeout=5.0,
            connection_acquisition_timeout=max(retry_seconds, 5.0),
            notifications_min_severity="OFF",
            user_agent="journeygraph",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._driver.close()

    def verify(self) -> None:
        """Raise `GraphUnavailable` unless the server answers and accepts the login."""
        with _Readable("verify", "RETURN 1", self.connection.uri):
            self._driver.verify_connectivity()

    def version(self) -> tuple[str, str]:
        """The server's version and edition, e.g. `("5.26.30", "community")`."""
        row = self.read("schema/server")[0]
        return str(row["version"]), str(row["edition"])

    def read(
        self,
        query: str,
        *,
        as_of: datetime | None = None,
        grain: Grain = "customer",
        selected: bool = False,
        **parameters: Any,
    ) -> list[Row]:
        """All rows of a reading query; `selected`: over some journeys, by the parameters of a selection."""
        text = queries.get(query, as_of=as_of is not None, of_grain=grain != "customer", selected=selected)
        return self.run(text.cypher, {**parameters, **queries.asked(as_of, grain)}, name=query)

    def run(self, cypher: LiteralString, parameters: Mapping[str, Any], *, name: str = "query") -> list[Row]:
        """All rows of a reading statement's text: what an answer carries can be run again with this."""

        def work(transaction: neo4j.ManagedTransaction) -> list[Row]:
            return [_plain(record) for record in transaction.run(cypher, dict(parameters))]

        with _Readable(name, cypher, self.connection.uri), self._session(neo4j.READ_ACCESS) as session:
            return session.execute_read(work)

    def stream(
        self,
        query: str,
        *,
        as_of: datetime | None = None,
        grain: Grain = "customer",
        selected: bool = False,
        least_confidence: float | None = None,
        **parameters: Any,
    ) -> Iterator[Row]:
        """The rows of a reading query one by one, in bounded memory; not repeated once rows were handed out.

        `least_confidence`: over the journeys that there are under merges of at least that.
        """
        surer = least_confidence is not None
        text = queries.get(query, as_of=as_of is not None, of_grain=grain != "customer", surer=surer, selected=selected)
        asked = {
            **parameters,
            **queries.asked(as_of, grain),
            **({"least_confidence": least_confidence} if surer else {}),
        }
        with _Readable(query, text.cypher, self.connection.uri), self._session(neo4j.READ_ACCESS) as session:
            for record in session.run(text.cypher, asked):
                yield _plain(record)

    def write(self, query: str, **parameters: Any) -> Written:
        """Run one writing query in a managed transaction."""
        return self.write_all([(query, parameters)])

    def write_all(self, statements: Sequence[tuple[str, Mapping[str, Any]]]) -> Written:
        """Run several writing queries, in order, in one managed transaction: all of them happen, or none."""
        named = [(queries.get(name), parameters) for name, parameters in statements]

        def work(transaction: neo4j.ManagedTransaction) -> Written:
            totals: dict[str, int] = {}
            rows: list[Row] = []
            for query, parameters in named:
                result = transaction.run(query.cypher, dict(parameters))
                rows.extend(_plain(record) for record in result)
                for counter, amount in vars(result.consume().counters).items():
                    if isinstance(amount, int) and not isinstance(amount, bool):
                        totals[counter] = totals.get(counter, 0) + amount
            return Written(totals, rows)

        label = ", ".join(query.name for query, _ in named)
        cypher = ";\n".join(query.cypher for query, _ in named)
        with _Readable(label, cypher, self.connection.uri), self._session(neo4j.WRITE_ACCESS) as session:
            return session.execute_write(work)

    def write_rows(self, query: str, rows: Iterable[Any], *, batch_size: int = 5_000, **parameters: Any) -> int:
        """Run a writing query for batches of rows (`UNWIND $rows`), each in its own managed transaction.

        Returns the number of rows handed over.
        """
        total = 0
        for batch in batches(rows, batch_size):
            self.write(query, rows=batch, **parameters)
            total += len(batch)
        return total

    @contextmanager
    def alone(self, name: str, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Let one process at a time do the work of that name, on whatever machine it runs.

        A transaction that is never committed holds a lock in the server, so a process that dies leaves nothing behind.
        `waiting` is called, in a thread of its own, once it is clear that somebody else holds it.
        """
        with self._session(neo4j.WRITE_ACCESS) as session:
            with _Readable("journeys/alone", "", self.connection.uri):
                transaction = session.begin_transaction()
                _take(transaction, name, waiting)
            try:
                yield
            finally:
                with suppress(Neo4jError, DriverError):  # the server went away, and the lock with it
                    transaction.rollback()

    def apply_schema(self, statements: Sequence[LiteralString]) -> None:
        """Run repeatable schema statements (`... IF NOT EXISTS`) in one transaction, without data in the same one."""

        def work(transaction: neo4j.ManagedTransaction) -> None:
            for statement in statements:
                transaction.run(statement).consume()

        with _Readable("schema", ";\n".join(statements), self.connection.uri), self._session(neo4j.WRITE_ACCESS) as s:
            try:
                s.execute_write(work)
            except ClientError as error:
                # IF NOT EXISTS does not see what a second process is creating at this moment, but will the next time.
                if error.code != "Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists":
                    raise
                s.execute_write(work)

    def explain(self, cypher: LiteralString, parameters: Mapping[str, Any]) -> list[str]:
        """Plan a statement without running it; the names of the columns that it would return."""
        with _Readable("explain", cypher, self.connection.uri), self._session(neo4j.READ_ACCESS) as session:
            return list(session.run("EXPLAIN " + cypher, dict(parameters)).keys())

    def wait_until_ready(self, seconds: float) -> None:
        """Return once the server answers; raise `GraphUnavailable` when it has not within `seconds`."""
        _wait(self.verify, seconds)

    def _session(self, access: str) -> neo4j.Session:
        return self._driver.session(default_access_mode=access, fetch_size=2_000)


def _take(transaction: neo4j.Transaction, name: str, waiting: Callable[[], None]) -> None:
    patience = threading.Timer(2.0, waiting)
    patience.daemon = True
    patience.start()
    try:
        transaction.run(queries.get("journeys/alone").cypher, name=name).consume()
    finally:
        patience.cancel()


def batches(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of `size` rows, the last one shorter.

    >>> list(batches(range(5), 2))
    [[0, 1], [2, 3], [4]]
    """
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch


def _wait(attempt: Callable[[], None], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except LoginRefused:
            raise
        except GraphUnavailable:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.2)


def _plain(record: neo4j.Record) -> Row:
    return {key: plain(value) for key, value in record.items()}  # type: ignore[no-untyped-call,unused-ignore]


def plain(value: Any) -> Any:
    """A driver value as plain Python: aware datetimes in UTC, dicts for nodes and maps, lists."""
    if isinstance(value, str | int | float) or value is None:
        return value
    if isinstance(value, list):
        # Long lists of scalars are the bulk of what is read: one look at the first element must do.
        return [plain(item) for item in value] if value and not isinstance(value[0], str | int | float) else value
    if isinstance(value, neo4j.time.DateTime):
        return value.to_native().astimezone(UTC)
    if isinstance(value, neo4j.time.Date):
        return value.to_native()
    if isinstance(value, Mapping | neo4j.graph.Entity):
        return {key: plain(item) for key, item in value.items()}
    return value


class _Readable:
    """Turn driver errors into this package's sentences."""

    def __init__(self, name: str, cypher: str, uri: str) -> None:
        self.name, self.cypher, self.uri = name, cypher, uri

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, AuthError):
            raise LoginRefused(
                f"Neo4j at {self.uri} refused the login: check NEO4J_USERNAME and NEO4J_PASSWORD."
            ) from error
        if isinstance(error, ClientError) and "Security" in (error.code or ""):
            raise LoginRefused(f"Neo4j at {self.uri} refused the login: {error.message}") from error
        if isinstance(error, Neo4jError) and "OutOfMemory" in (error.code or ""):  # it would pass, but not by waiting
            raise QueryFailed(
                f"The query {self.name!r} needs more memory than Neo4j may use: {error.message} Ask about fewer "
                "journeys (--since, --where), or give the server more (server.memory.heap.max_size).",
                query=self.name,
                cypher=self.cypher,
            ) from error
        if isinstance(error, _AWAY) or (isinstance(error, Neo4jError) and error.is_retryable()):
            raise GraphUnavailable(
                f"Neo4j at {self.uri} does not answer: is it running? (`journeygraph db status` tells)"
            ) from error
        if isinstance(error, Neo4jError):
            raise QueryFailed(
                f"The query {self.name!r} failed: {error.message}", query=self.name, cypher=self.cypher
            ) from error
        if isinstance(error, DriverError):
            raise GraphError(f"The query {self.name!r} failed in the driver: {error}") from error
