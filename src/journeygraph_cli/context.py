"""What commands share: settings and an open graph."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from dateutil.parser import isoparse
from pydantic import ValidationError

from journeygraph.errors import UsageError
from journeygraph.settings import Settings

if TYPE_CHECKING:
    from journeygraph.graph import Graph  # imports the driver, which takes a second


def settings() -> Settings:
    """The settings of this process.

    Raises `UsageError`, naming the variable, for a value that cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        variable = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"The environment variable {variable} is {first['input']!r}: {first['msg']}.") from error


@contextmanager
def open_graph() -> Iterator[Graph]:
    """The graph of `NEO4J_URI`, or of the managed server, with its schema up to date.

    Raises `GraphUnavailable` where it cannot be reached.
    """
    from journeygraph import migrations, server
    from journeygraph.graph import Graph

    with Graph(server.connection(settings())) as graph:
        graph.verify()
        migrations.apply(graph)
        yield graph
        _tell_unbuilt(graph)


def _tell_unbuilt(graph: Graph) -> None:
    """An answer that lacks what a load or a merge has still to build says so: it looks whole."""
    from journeygraph_cli.output import say

    customers = graph.read("journeys/unbuilt")[0]["customers"]
    if customers:
        who = "customer" if customers == 1 else "customers"
        say(
            f"Journeys of {customers:,} {who} are not built yet, so no figure counts them: a load, or a change such as "
            "`identity resolve`, is under way, or was interrupted. Give that command again, or `journeygraph rules` "
            "after a change, and it ends; `journeygraph quality stages` shows what is missing."
        )


def noted(action: str, *customer_ids: str) -> None:
    """Write down in the audit log whose data are read or changed."""
    from journeygraph.privacy import audit

    for customer_id in customer_ids:
        audit.record(settings().home, action, customer_id, durable=False)


def noted_list(action: str) -> None:
    """Write down in the audit log that a list of customers is read."""
    from journeygraph.privacy import audit

    audit.record(settings().home, action, durable=False)


def instant(text: str | None, option: str = "--as-of") -> datetime | None:
    """An option's instant.

    Raises `UsageError` where it isn't ISO 8601 with an offset.
    """
    if text is None:
        return None
    try:
        parsed = isoparse(text)
    except ValueError as error:
        raise UsageError(f"{option} {text!r} is not an ISO 8601 instant such as 2026-01-31T12:00:00Z.") from error
    if parsed.tzinfo is None:
        raise UsageError(f"{option} {text!r} has no offset: add Z or +01:00, as in 2026-01-31T12:00:00Z.")
    return parsed
