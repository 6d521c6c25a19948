"""Errors as RFC 9457 problem documents with a stable `code`."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from journeygraph.errors import Conflict, GraphUnavailable, JourneyGraphError, NotFound, ServerError, UsageError

RETRY_AFTER_SECONDS = 5
#: The first kind that fits decides.
_STATUS: dict[type[Exception], int] = {NotFound: 404, Conflict: 409, UsageError: 422}
_log = structlog.get_logger("journeygraph.api")


class Problem(BaseModel):
    """What every failure looks like (`application/problem+json`)."""

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    code: str = Field(description="stable, for programs", examples=["not_found"])
    detail: str = Field(description="a sentence for people", examples=["There is no customer 'c-17'."])
    errors: list[dict[str, Any]] | None = Field(None, description="each invalid field: where, what, why")


class Refused(Exception):
    """A request that is turned down before it reaches the domain."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        errors: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.headers = status, code, detail, dict(headers or {})
        self.errors = errors


#: Responses that every route may give, for OpenAPI.
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": text, "content": {"application/problem+json": {}}}
    for status, text in {
        401: "no key, or one that isn't known",
        403: "the key lacks the scope",
        404: "there is no such thing",
        422: "a parameter or body that cannot be used",
        503: "Neo4j does not answer; try again after `Retry-After` seconds",
    }.items()
}


def response(
    status: int,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    errors: list[dict[str, Any]] | None = None,
) -> JSONResponse:
    """A problem document as a response."""
    problem = Problem(
        type="about:blank", title=HTTPStatus(status).phrase, status=status, code=code, detail=detail, errors=errors
    )
    return JSONResponse(
        problem.model_dump(exclude_none=True),
        status_code=status,
        headers=dict(headers or {}),
        media_type="application/problem+json",
    )


def install(app: FastAPI) -> None:
    """Answer every failure of the application with a problem document."""

    @app.exception_handler(JourneyGraphError)
    def domain(request: Request, error: JourneyGraphError) -> JSONResponse:
        if isinstance(error, GraphUnavailable | ServerError):
            request.app.state.graphs.forget()
            return response(503, error.code, str(error), headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
        status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
        if status == 500:
            _log.error("failed", route=_route(request), error=str(error))
        return response(status, error.code, str(error))

    @app.exception_handler(Refused)
    def refused(_: Request, error: Refused) -> JSONResponse:
        return response(error.status, error.code, error.detail, headers=error.headers, errors=error.errors)

    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            {"where": ".".join(str(part) for part in item["loc"]), "why": item["msg"], "code": item["type"]}
            for item in error.errors()
        ]
        detail = "; ".join(f"{item['where']}: {item['why']}" for item in errors[:3])
        return response(422, "invalid_request", detail, errors=errors)

    @app.exception_handler(HTTPException)
    def http(_: Request, error: HTTPException) -> JSONResponse:
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
        return response(error.status_code, code, str(error.detail), headers=error.headers)

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> JSONResponse:
        _log.exception("unexpected", route=_route(request), kind=type(error).__name__)
        return response(500, "unexpected", "Something unexpected happened; the server's log tells what.")


def _route(request: Request) -> str:
    """The route that was asked, without ids of customers."""
    return str(getattr(request.scope.get("route"), "path", "(none)"))
