"""Where Maven artifacts come from: jgo's repositories, those of its settings file first."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import PurePosixPath

import requests
from jgo.config import GlobalSettings
from jgo.maven import MavenContext

from journeygraph.errors import ServerError
from journeygraph.server.download import Interrupted

_CHUNK = 256 * 1024
_ATTEMPTS = 3
_TIMEOUT_SECONDS = 20.0


class MavenRepositories:
    """Downloads over one kept connection; proxies and certificates as the environment says (HTTPS_PROXY, ...)."""

    def __init__(self) -> None:
        self._session = requests.Session()
        own: dict[str, str] = GlobalSettings.load().repositories
        self._addresses = [*own.values(), *MavenContext().remote_repos.values()]

    def __call__(self, path: PurePosixPath) -> Iterator[bytes]:
        """The artifact's bytes, in chunks.

        Raises `ServerError` where no repository gives it, `Interrupted` where it comes in part.
        """
        response = self._response(path)
        try:
            yield from response.iter_content(_CHUNK)
        except requests.RequestException as error:
            raise Interrupted(_sentence(path, "the transfer broke off")) from error
        finally:
            response.close()

    def _response(self, path: PurePosixPath) -> requests.Response:
        failure: Exception | None = None
        for attempt in range(_ATTEMPTS):
            time.sleep(attempt)
            for address in self._addresses:
                try:
                    response = self._session.get(f"{address}/{path}", stream=True, timeout=_TIMEOUT_SECONDS)
                    response.raise_for_status()
                    return response
                except requests.RequestException as error:
                    failure = error
        raise _unreachable(path, failure) from failure


def _unreachable(path: PurePosixPath, error: Exception | None) -> ServerError:
    if isinstance(error, requests.HTTPError):
        return ServerError(_sentence(path, f"the Maven repository answered {error.response.status_code}"))
    return ServerError(_sentence(path, "no Maven repository answered"))


def _sentence(path: PurePosixPath, reason: str) -> str:
    return (
        f"{path.name} could not be fetched: {reason}. Check the network (behind a proxy set HTTPS_PROXY; a mirror "
        "goes into ~/.config/jgo.conf under [repositories]) and run the command again: what has arrived is kept. "
        "Without network, set NEO4J_URI to a Neo4j that you have."
    )
