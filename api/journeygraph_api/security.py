"""Who may ask: keys in `Authorization: Bearer`, each with scopes.

While no key exists, the API answers anybody on this machine and refuses to listen anywhere else (see `cli serve`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from journeygraph.keys import KeyStore
from journeygraph_api.problems import Refused

_bearer = HTTPBearer(auto_error=False, description="A key made by `journeygraph keys create`.")
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="journeygraph"'}


def requires(scope: str) -> Callable[..., None]:
    """A dependency that lets a request through if its key has the scope."""

    def check(request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> None:
        keys: KeyStore = request.app.state.keys
        if credentials is None:
            if keys.all():
                raise Refused(401, "key_missing", "Send a key as `Authorization: Bearer <key>`.", _CHALLENGE)
            return
        key = keys.find(credentials.credentials)
        if key is None:
            raise Refused(401, "key_unknown", "This key isn't known, or it was revoked.", _CHALLENGE)
        if scope not in key.scopes:
            raise Refused(403, "scope_missing", f"This key lacks the scope {scope!r}; it has: {', '.join(key.scopes)}.")

    return check
