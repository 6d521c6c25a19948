"""A local service with pages, which can be told to fail."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

#: Status, headers, body (as JSON unless bytes).
Answer = tuple[int, dict[str, str], Any]


@dataclass
class Asked:
    """One request as it came."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]


@dataclass
class Service:
    """`answer` says what is answered; `asked` is what was asked for."""

    answer: Callable[[Asked], Answer]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""


@contextmanager
def running(answer: Callable[[Asked], Answer]) -> Iterator[Service]:
    """A service on the loopback address."""
    service = Service(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            params = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            one = Asked(parts.path, params, {name.lower(): value for name, value in self.headers.items()})
            service.asked.append(one)
            status, headers, body = service.answer(one)
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}/events"
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
