"""What Neo4j Browser opens: a guide with every question of the cookbook (`:play URL`), a style sheet (`:style URL`).

Both hold nothing of the graph, so no key is needed; Neo4j Browser fetches them from another origin.
"""

from __future__ import annotations

from functools import cache

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from journeygraph import cookbook

router = APIRouter(prefix="/browser", tags=["neo4j browser"])

_OPEN = {"Access-Control-Allow-Origin": "*"}


@router.get("/guide", response_class=Response)
def guide(request: Request) -> Response:
    """A guide: run `:play` with this address in Neo4j Browser."""
    page = _environment().get_template("guide.html.j2").render(rooms=cookbook.rooms(), base=str(request.base_url))
    return Response(page, media_type="text/html", headers=_OPEN)


@router.get("/style.grass", response_class=Response)
def style() -> Response:
    """Colours that the colour-blind can tell apart, and captions: run `:style` with this address in Neo4j Browser."""
    sheet = _environment().get_template("style.grass").render()
    return Response(sheet, media_type="text/plain", headers=_OPEN)


@router.options("/{name}", include_in_schema=False)
def may_be_fetched(name: str) -> Response:  # noqa: ARG001
    """What Neo4j Browser asks before it fetches from another origin."""
    allowed = {"Access-Control-Allow-Methods": "GET", "Access-Control-Allow-Headers": "*"}
    return Response(status_code=204, headers=_OPEN | allowed)


@cache
def _environment() -> Environment:
    return Environment(loader=PackageLoader("journeygraph_api"), autoescape=True, undefined=StrictUndefined)
