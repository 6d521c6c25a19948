"""`journeygraph serve`: the API."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from journeygraph.errors import UsageError
from journeygraph_cli import context
from journeygraph_cli.output import say

if TYPE_CHECKING:
    from fastapi import FastAPI

    from journeygraph.graph import Graph
    from journeygraph.quality.waiting import Which
    from journeygraph.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def serve(
        host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
        port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8000,
    ) -> None:
        """Serve the API until stopped (Ctrl-C, SIGTERM)."""
        import uvicorn

        from journeygraph.keys import KeyStore
        from journeygraph_cli.logs import configure
        from journeygraph_cli.refreshing import step_graph_refreshed

        settings = context.settings()
        keys = KeyStore(settings.home).all()
        if not keys and not _loopback(host):
            raise UsageError(
                f"--host {host} can be reached from other machines, and no key exists yet: "
                "make one with `journeygraph keys create NAME`, or listen on 127.0.0.1."
            )
        configure(settings.log_format)
        _check_port(host, port)
        say(f"API on http://{host}:{port}/docs" + ("" if keys else " (no key exists: open to this machine only)"))
        app = application(settings)
        with step_graph_refreshed(app.state.graphs):
            uvicorn.run(app, host=host, port=port, log_config=None, access_log=False)


def application(settings: Settings) -> FastAPI:
    """The API with the loaders behind `/v1/touchpoints`; one batch at a time rebuilds journeys."""
    from journeygraph_api.app import create_app
    from journeygraph_loaders import documents
    from journeygraph_loaders.replay import replay

    one_at_a_time = threading.Lock()

    def ingest(
        graph: Graph, given: Sequence[Mapping[str, Any]], idempotency_key: str | None, source: str | None = None
    ) -> dict[str, Any]:
        with one_at_a_time:
            stored = documents.store(
                graph, settings.home, given, idempotency_key=idempotency_key, source=source, refreshed_later=True
            )
        return stored.model_dump()

    def once_more(
        graph: Graph,
        which: Which,
        given: Mapping[int, Mapping[str, Any]],
        mapping: str | None,
        timezone: str | None,
        actor: str,
    ) -> dict[str, Any]:
        with one_at_a_time:
            done = replay(
                graph, settings.home, mapping=_shipped(mapping), timezone=timezone, which=which,
                corrections=dict(given) or None, actor=actor, refreshed_later=True,
            )  # fmt: skip
        return done.model_dump()

    return create_app(settings, ingest, once_more)


def _shipped(mapping: str | None) -> str | None:
    """The name of a mapping that comes with the product: a caller names no file of this machine."""
    from journeygraph_loaders.mapping import shipped

    if mapping is not None and mapping not in shipped():
        raise UsageError(f"There is no shipped mapping {mapping!r}; there are: {', '.join(shipped())}.")
    return mapping


def _check_port(host: str, port: int) -> None:
    """Raise `UsageError` where the address cannot be listened on."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise UsageError(f"--host {host} --port {port} cannot be listened on: {error.strerror}.") from error


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
