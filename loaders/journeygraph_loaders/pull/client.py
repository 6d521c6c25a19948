"""One request after the other to a service: patient where it asks for patience, and careful whom it gives credentials.

- 429 and 503 wait as long as `Retry-After` says; other passing failures wait longer each time, with jitter.
- A redirect, and the next page's address, may lead to another host: there go no headers of the declaration.  From a
  public host none leads to an address inside a network, and from https none to http.
"""

from __future__ import annotations

import ipaddress
import json
import random
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from journeygraph.errors import InputError, JourneyGraphError
from journeygraph_loaders.pull.declared import Http, Scalar

_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_BACK_OFF: Final = 60.0
_REDIRECTS: Final = 5
_FAILED: Final = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError,
                  requests.exceptions.ContentDecodingError, urllib3.exceptions.HTTPError)  # fmt: skip
Say = Callable[[str], None]


class ServiceUnavailable(JourneyGraphError):
    """The service that is pulled from did not answer within the tries that were allowed, or refused."""

    exit_status = 3
    code = "source_unavailable"


@dataclass(frozen=True)
class Reply:
    """A page as it came: its JSON, its headers, and the address that it came from."""

    document: Any
    headers: Mapping[str, str]
    url: str


@dataclass
class Client:
    """Requests of one declared API; `sleep` waits, `say` is told why."""

    declared: Http
    say: Say = lambda _: None
    sleep: Callable[[float], None] = time.sleep
    _session: requests.Session = field(default_factory=requests.Session)
    _last: float = 0.0

    def __post_init__(self) -> None:
        # A .netrc would replace the declared credentials, and give its own to other hosts.
        self._session.auth = lambda request: request
        self._home = _origin(self.declared.url)

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def get(self, url: str, params: Mapping[str, Scalar]) -> Reply:
        """The JSON answer of an address.

        Raises `ServiceUnavailable` where it doesn't come, `InputError` where the service refuses the request.
        """
        limits = self.declared.limits
        for attempt in range(1, limits.attempts + 1):
            try:
                answer = self._follow(url, params)
                if answer.status_code not in _PASSING:
                    return self._read(answer)
                why, asked = f"answers {answer.status_code}", _retry_after(answer.headers.get("Retry-After"))
                answer.close()
            except _FAILED as error:
                why, asked = f"does not answer ({type(error).__name__})", None
            if attempt == limits.attempts:
                break
            self._wait(why, asked, attempt)
        raise ServiceUnavailable(
            f"{shown(url)} {why} after {limits.attempts} tries; the same command goes on where this one ended."
        )

    def _wait(self, why: str, asked: float | None, attempt: int) -> None:
        longest = self.declared.limits.longest_wait_seconds
        if asked is not None and asked > longest:
            raise ServiceUnavailable(
                f"{self._home} {why} and asks to come back in {asked:,.0f} seconds, which is longer than "
                f"longest_wait_seconds allows ({longest:,.0f}); the same command goes on where this one ended."
            )
        backing_off = random.uniform(0.5, 1.0) * min(2.0 ** (attempt - 1), _LONGEST_BACK_OFF, longest)  # noqa: S311
        seconds = backing_off if asked is None else asked + random.uniform(0, min(1.0, 0.1 * asked))  # noqa: S311
        self.say(f"{self._home} {why}: trying again in {seconds:.1f} s ...")
        self.sleep(seconds)

    def _follow(self, url: str, params: Mapping[str, Scalar]) -> requests.Response:
        """The answer at the end of redirects."""
        for _ in range(_REDIRECTS + 1):
            answer = self._once(url, params)
            if not answer.is_redirect:
                return answer
            answer.close()
            url, params = urljoin(url, answer.headers["Location"]), {}
        raise InputError(f"{shown(url)} redirects more than {_REDIRECTS} times.")

    def _once(self, url: str, params: Mapping[str, Scalar]) -> requests.Response:
        own = _origin(url) == self._home
        if not own:
            check_other(self.declared.url, url)
        self._pace()
        headers = {"Accept": "application/json", "User-Agent": "journeygraph"}
        headers |= self.declared.headers if own else {}
        timeout = self.declared.limits.timeout_seconds
        self._session.cookies.clear()
        return self._session.get(
            url, params=dict(params), headers=headers, timeout=timeout, allow_redirects=False, stream=True
        )

    def _pace(self) -> None:
        rate = self.declared.limits.requests_per_second
        if rate is not None:
            wait = self._last + 1 / rate - time.monotonic()
            if self._last and wait > 0:
                self.sleep(wait)
        self._last = time.monotonic()

    def _read(self, answer: requests.Response) -> Reply:
        place = shown(answer.url)
        with answer:
            if answer.status_code in (401, 403):
                raise InputError(f"{place} refuses with {answer.status_code}: are the declared headers those it wants?")
            if not answer.ok:
                raise InputError(f"{place} refuses with {answer.status_code} ({answer.reason}).")
            body = bytearray()
            for block in answer.iter_content(1 << 16):
                body += block
                if len(body) > self.declared.limits.answer_bytes:
                    raise InputError(
                        f"{place} answers with more than {self.declared.limits.answer_bytes:,} bytes: ask for smaller "
                        "pages, or allow more (limits: {answer_bytes: ...})."
                    )
            return Reply(_parsed(bytes(body), place), answer.headers, answer.url)


def _parsed(body: bytes, place: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place} answers with something else than JSON: {error}.") from error


def shown(url: str) -> str:
    """An address without what may be secret in it.

    >>> shown("https://api.example.com/v1/events?token=secret")
    'https://api.example.com/v1/events'
    """
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"


def check_other(home: str, url: str) -> None:
    """Raise `InputError` where a declared host must not lead to this address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(f"{_origin(home)} leads to {url[:80]!r}, which is no http or https address.")
    if urlsplit(home).scheme == "https" and parts.scheme != "https":
        raise InputError(f"{_origin(home)} leads to {_origin(url)}, which is not encrypted: it is not followed.")
    if not _inside(str(urlsplit(home).hostname)) and _inside(parts.hostname):
        raise InputError(f"{_origin(home)} leads to {_origin(url)}, inside this network: it is not followed.")


def _inside(host: str) -> bool:
    """Whether any of a host's addresses is no public one; a host without address is left to the request."""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return not all(ipaddress.ip_address(str(one).split("%")[0]).is_global for one in found)


def _origin(url: str) -> str:
    """Scheme, host and port, which credentials belong to.

    >>> _origin("https://API.example.com:443/v1")
    'https://api.example.com'
    """
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"


def _retry_after(text: str | None, now: datetime | None = None) -> float | None:
    """Seconds to wait: a number, or the time until a date.

    >>> _retry_after("7"), _retry_after("Wed, 21 Oct 2026 07:28:00 GMT", datetime(2026, 10, 21, 7, 27, tzinfo=UTC))
    (7.0, 60.0)
    >>> _retry_after("soon")
    """
    if text is None:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (until - (now or datetime.now(UTC))).total_seconds()) if until.tzinfo else None
