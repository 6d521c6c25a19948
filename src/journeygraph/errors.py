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

from bisect import bisect_left
from collections.abc import Sequence
from difflib import get_close_matches

#: Names that a sentence lists where none is near.
_LISTED = 10
#: Neighbours of an id in sorted order among which the nearest one is looked for: all of a million would take minutes.
_AROUND = 50


def did_you_mean(name: str, known: Sequence[str], *, cutoff: float = 0.6) -> str:
    """The end of a sentence about an unknown name: the nearest one there is, nothing where none is near.

    `cutoff` is the similarity (difflib's ratio) from which a name is near: higher where all begin alike.

    >>> did_you_mean("platfrom", ["platform", "store"]), did_you_mean("nosuchstep", ["purchase"])
    (" Did you mean 'platform'?", '')
    >>> did_you_mean("STORE", ["platform", "store"])
    " Did you mean 'store'?"
    """
    lower = {one.lower(): one for one in known}
    near = get_close_matches(name.lower(), lower, n=1, cutoff=cutoff)
    return f" Did you mean {lower[near[0]]!r}?" if near else ""


def did_you_mean_or_list(name: str, known: Sequence[str]) -> str:
    """The same for sentences that do not list the names: where none is near, the first ten that there are.

    >>> did_you_mean_or_list("crt", ["cart", "view"]), did_you_mean_or_list("nosuchstep", ["cart", "purchase"])
    (" Did you mean 'cart'?", ' There are: cart, purchase.')
    """
    names = sorted(known)
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    listed = f" There are: {', '.join(names[:_LISTED])}{more}." if names else ""
    return did_you_mean(name, known) or listed


def did_you_mean_id(name: str, ordered: Sequence[str]) -> str:
    """The nearest of ids in ascending order, of which there may be millions.

    >>> did_you_mean_id("C1-00010", ["C1-000009", "C1-000010", "C1-000011"])
    " Did you mean 'C1-000010'?"
    """
    at = bisect_left(ordered, name)
    return did_you_mean(name, ordered[max(0, at - _AROUND) : at + _AROUND])


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
