"""Query parameters that a route does not know are refused: a misspelt one would otherwise change nothing, unnoticed."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from journeygraph.errors import did_you_mean
from journeygraph_api.problems import Refused

_WHERE = "/v1/"


def only_known(request: Request) -> None:
    """Refuse a request under /v1 that asks with a parameter that its route has not; for every route alike."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or not route.path.startswith(_WHERE):
        return
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in (known := names(route))]
    if not unknown:
        return
    there = f"it has {', '.join(known)}" if known else "it has none"
    raise Refused(
        422,
        "unknown_parameter",
        f"{request.method} {route.path} has no parameter {unknown[0]!r}; {there}.{did_you_mean(unknown[0], known)}",
        errors=[
            {
                "where": f"query.{name}",
                "why": f"no such parameter.{did_you_mean(name, known)}",
                "code": "unknown_parameter",
            }
            for name in unknown
        ],
    )


def names(route: APIRoute) -> list[str]:
    """The query parameters of a route and of everything that it depends on."""
    return list(dict.fromkeys(_of(route.dependant)))


def _of(dependant: Dependant) -> Iterator[str]:
    for field in dependant.query_params:
        yield field.alias
    for one in dependant.dependencies:
        yield from _of(one)
