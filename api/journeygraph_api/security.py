"""Who may ask: keys in `Authorization: Bearer`, each with scopes.

While no key exists, the API answers anybody on this machine and refuses to listen anywhere else (see `cli serve`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from journeygraph.keys import Key, KeyStore
from journeygraph.privacy import audit
from journeygraph_api.problems import Refused

_bearer = HTTPBearer(auto_error=False, description="A key made by `journeygraph keys create`.")
#: Routes for which the scope `customers` is needed, and that name nobody or say so themselves.
_FIGURES = ("/privacy/consent", "/identity/households")
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="journeygraph"'}


def requires(scope: str) -> Callable[..., Awaitable[None]]:
    """A dependency that lets a request through if its key has the scope."""

    async def check(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> None:
        keys: KeyStore = request.app.state.keys
        if credentials is None:
            if keys.all():
                raise Refused(401, "key_missing", "Send a key as `Authorization: Bearer <key>`.", _CHALLENGE)
            await _note_reading(request, None, scope)
            return
        key = keys.find(credentials.credentials)
        if key is None:
            raise Refused(401, "key_unknown", "This key isn't known, or it was revoked.", _CHALLENGE)
        if scope not in key.scopes:
            raise Refused(403, "scope_missing", f"This key lacks the scope {scope!r}; it has: {', '.join(key.scopes)}.")
        await _note_reading(request, key, scope)

    return check


def actor(key: Key | None) -> str:
    """Who asks, for the audit log."""
    return "api: no key" if key is None else f"key:{key.name} ({key.key_id})"


def asking(request: Request) -> str:
    """Who sends a request: the name of the key, for the audit log."""
    scheme, _, presented = request.headers.get("authorization", "").partition(" ")
    keys: KeyStore = request.app.state.keys
    return actor(keys.find(presented.strip()) if scheme.lower() == "bearer" else None)


def sees_identifiers(request: Request) -> bool:
    """Whether who asks may see direct identifiers unmasked: while no key exists, or with that scope."""
    scheme, _, presented = request.headers.get("authorization", "").partition(" ")
    keys: KeyStore = request.app.state.keys
    key = keys.find(presented.strip()) if scheme.lower() == "bearer" else None
    return key is None or "identifiers" in key.scopes


async def _note_reading(request: Request, key: Key | None, scope: str) -> None:
    """Write down whose data are read, and that a list of customers is; what changes or exports them does so itself."""
    customer_id = request.path_params.get("customer_id")
    route = getattr(request.scope.get("route"), "path", "")
    about_people = customer_id is not None or (scope == "customers" and not route.endswith(_FIGURES))
    if not about_people or request.method != "GET" or route.endswith("/export"):
        return
    home = request.app.state.settings.home
    action = f"read {route.replace('{customer_id:path}', '...').replace('{customer_id}', '...')}"
    await run_in_threadpool(audit.record, home, action, customer_id, actor(key), durable=False)
