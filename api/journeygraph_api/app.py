"""The application: routers, metrics, request log."""

from __future__ import annotations

import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from fastapi import Depends, FastAPI, Request, Response
from fastapi_offline import FastAPIOffline
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from journeygraph import __version__
from journeygraph.keys import KeyStore
from journeygraph.settings import Settings
from journeygraph_api import parameters, problems
from journeygraph_api.graphs import Graphs
from journeygraph_api.ingest import Ingest, Replay
from journeygraph_api.routers import ROUTERS

MAXIMUM_BODY_BYTES = 8 * 1024 * 1024
_log = structlog.get_logger("journeygraph.api")
_DESCRIPTION = """Customer journeys as a graph. **Every number carries the Cypher that reproduces it**: paste an
answer's `cypher` with its `parameters` into Neo4j Browser and you get the same figure.

Failures are `application/problem+json` with a stable `code`. Lists page by `cursor`. `as_of` answers with what the
system knew at that instant."""


def create_app(settings: Settings, ingest: Ingest, replay: Replay | None = None) -> FastAPI:
    """The API over the graph that the settings name; Neo4j may be away when it starts.

    `ingest` stores what is sent to `/v1/touchpoints`, `replay` loads rows in quarantine again.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        gc.collect()
        gc.freeze()  # what was imported stays: looking through it again and again holds requests up
        yield
        app.state.graphs.close()

    app = FastAPIOffline(  # its /docs page asks no other machine for scripts
        title="JourneyGraph",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=lifespan,
        responses=problems.RESPONSES,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    app.state.settings = settings
    app.state.graphs = Graphs(settings)
    app.state.ingest = ingest
    app.state.replay = replay
    app.state.keys = KeyStore(settings.home)
    app.state.registry = CollectorRegistry()
    problems.install(app)
    _measure(app)
    for router in ROUTERS:
        app.include_router(router, dependencies=[Depends(parameters.only_known)])
    return app


def _measure(app: FastAPI) -> None:
    labels = ["method", "route", "status"]
    requests = Counter("journeygraph_requests", "Requests answered.", labels, registry=app.state.registry)
    seconds = Histogram("journeygraph_request_seconds", "Time to answer.", labels[:2], registry=app.state.registry)

    app.add_middleware(_Measured, requests=requests, seconds=seconds)


class _Measured:
    """Bounds each body, counts and times each answer, and logs it.

    Plain ASGI: what `app.middleware` makes of a function costs more than a session's score.
    """

    def __init__(self, app: ASGIApp, requests: Counter, seconds: Histogram) -> None:
        self.app, self.requests, self.seconds = app, requests, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request = Request(scope)
        if refusal := _refused_body(request):
            await refusal(scope, receive, send)
            return
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        await self.app(scope, receive, noted)
        elapsed = time.perf_counter() - started
        route: Any = scope.get("route")
        template = getattr(route, "path", "(none)")  # the template, not the path: customer ids stay out of metrics
        self.requests.labels(request.method, template, status).inc()
        self.seconds.labels(request.method, template).observe(elapsed)
        _log.info("answered", method=request.method, route=template, status=status, seconds=elapsed)


def _refused_body(request: Request) -> Response | None:
    """A body is read whole before it is parsed, so its length must be said and bounded."""
    length = request.headers.get("content-length")
    if length is None and request.headers.get("transfer-encoding"):
        return problems.response(411, "length_required", "Send the body with a Content-Length.")
    if length is not None and (not length.isdecimal() or int(length) > MAXIMUM_BODY_BYTES):
        sentence = f"The body is larger than {MAXIMUM_BODY_BYTES} bytes: send fewer touchpoints at a time."
        return problems.response(413, "body_too_large", sentence)
    return None
