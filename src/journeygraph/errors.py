"""Everything that can go wrong, as sentences.

    JourneyGraphError              exit status 1
    ├── UsageError                 2  an argument, option or setting that cannot be used
    │   ├── InputError             2  a file that cannot be read as touchpoints
    │   ├── NotFound               2  a name or id that the graph does not hold
    │   └── Conflict               2  the same key with something else
    ├── GraphError                 1  the database answered, but with a refusal
    │   ├── GraphUnavailable       3  the database did not answer
    │   │   └── LoginRefused       3  it answered, and does not accept the user name or password
    │   └── QueryFailed            1  a statement failed; the statement is attached
    └── ServerError                3  the managed Neo4j could not be provisioned or started

A message names the value, the place and what was allowed, so that whoever reads it can act.
"""

from __future__ import annotations


class JourneyGraphError(Exception):
    """Base of every error that this package raises on purpose."""

    exit_status = 1
    code = "failed"


class UsageError(JourneyGraphError):
    """An argument, option or setting that cannot be used."""

    exit_status = 2
    code = "invalid_request"


class InputError(UsageError):
    """A file that cannot be read as touchpoints."""

    code = "invalid_input"


class NotFound(UsageError):
    """A name or id that the graph does not hold."""

    code = "not_found"


class Conflict(UsageError):
    """A key that was used before, for something else."""

    code = "idempotency_conflict"


class GraphError(JourneyGraphError):
    """The database refused something."""

    code = "graph_error"


class GraphUnavailable(GraphError):
    """The database did not answer."""

    exit_status = 3
    code = "graph_unavailable"


class LoginRefused(GraphUnavailable):
    """The database does not accept the user name or password."""

    code = "login_refused"


class QueryFailed(GraphError):
    """A statement failed; `query` names it and `cypher` is its text."""

    code = "query_failed"

    def __init__(self, message: str, *, query: str, cypher: str) -> None:
        super().__init__(message)
        self.query = query
        self.cypher = cypher


class ServerError(JourneyGraphError):
    """The managed Neo4j could not be provisioned or started."""

    exit_status = 3
    code = "server_error"
