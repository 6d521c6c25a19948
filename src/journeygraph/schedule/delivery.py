"""A report to the people who fix something: by mail, or to a webhook, signed and tried again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import smtplib
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

import requests
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from journeygraph.answers import Answer
from journeygraph.errors import JourneyGraphError, UsageError
from journeygraph.settings import Settings

ATTEMPTS = 4
_SECONDS = 30
_AGAIN = (408, 425, 429)


class DeliveryFailed(JourneyGraphError):
    """A report did not arrive; it stays in the list of what is to be delivered."""

    code = "delivery_failed"


class _TryAgain(Exception):
    """A failure that may pass."""


class Destination(Answer):
    """Where a report goes: an e-mail address, or the URL of a webhook."""

    kind: Literal["mail", "webhook"]
    target: str


class Message(Answer):
    """What is delivered: the digest with the report's page, or the digest as JSON."""

    report_id: str
    subject: str
    digest: str
    statuses: dict[str, int]
    folder: str


class Delivery(Answer):
    """Whether a report arrived."""

    destination: Destination
    report_id: str
    delivered: bool
    error: str | None = None


def destination(kind: Literal["mail", "webhook"], target: str, settings: Settings) -> Destination:
    """A destination, once it is sure that it can be used.

    Raises `UsageError` for an address or URL that is none, or where its settings are missing.
    """
    if kind == "mail":
        if target.count("@") != 1 or any(char.isspace() for char in target):
            raise UsageError(f"--mail {target!r} is no e-mail address.")
        _smtp(settings)
    else:
        if urlsplit(target).scheme not in ("http", "https") or not urlsplit(target).hostname:
            raise UsageError(f"--webhook {target!r} is no http or https URL.")
        _secret(settings)
    return Destination(kind=kind, target=target)


def deliver(
    message: Message, to: Destination, settings: Settings, now: datetime, *, wait: Callable[[float], None]
) -> Delivery:
    """Deliver a message, trying again up to three times where the failure may pass; `wait` sleeps between."""
    send = _mail if to.kind == "mail" else _post
    retrying = Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(multiplier=1, max=30),
        retry=retry_if_exception_type(_TryAgain),
        sleep=wait,
        reraise=True,
    )
    try:
        retrying(send, message, to.target, settings, now)
    except (_TryAgain, DeliveryFailed) as error:
        return Delivery(destination=to, report_id=message.report_id, delivered=False, error=str(error))
    return Delivery(destination=to, report_id=message.report_id, delivered=True)


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 as the Standard Webhooks specification has it: `v1,` and the Base64 of the code.

    >>> signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
    ...     b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def _post(message: Message, url: str, settings: Settings, now: datetime) -> None:
    body = json.dumps({"type": "report.written", "timestamp": now.isoformat(), "data": message.model_dump()}).encode()
    timestamp, message_id = int(now.timestamp()), f"report-{message.report_id}"
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(_secret(settings), message_id, timestamp, body),
    }
    try:
        answer = requests.post(url, data=body, headers=headers, timeout=_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        raise _TryAgain(f"The webhook {_shown(url)} does not answer: {type(error).__name__}.") from error
    if answer.status_code >= 500 or answer.status_code in _AGAIN:
        raise _TryAgain(f"The webhook {_shown(url)} answers {answer.status_code}.")
    if not answer.ok or answer.is_redirect:
        raise DeliveryFailed(f"The webhook {_shown(url)} refuses with {answer.status_code}.")


def _mail(message: Message, address: str, settings: Settings, now: datetime) -> None:
    host, port, username, password, encrypted = _smtp(settings)
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = message.subject, settings.mail_from, address
    mail["Date"] = now
    mail["Message-ID"] = f"<report-{message.report_id}@journeygraph>"  # the same report is the same mail
    mail.set_content(message.digest)
    page = Path(message.folder) / "report.html"
    if page.is_file():
        mail.add_attachment(page.read_bytes(), maintype="text", subtype="html", filename="report.html")
    opened = smtplib.SMTP_SSL if encrypted else smtplib.SMTP
    try:
        with opened(host, port, timeout=_SECONDS) as server:
            server.ehlo()
            if not encrypted and server.has_extn("starttls"):
                server.starttls()
                server.ehlo()
            if username:
                server.login(username, password)
            server.send_message(mail)
    except smtplib.SMTPResponseException as error:
        text = f"The mail server {host} answers {error.smtp_code}"
        raise (_TryAgain(f"{text}.") if 400 <= error.smtp_code < 500 else DeliveryFailed(f"{text}.")) from error
    except smtplib.SMTPRecipientsRefused as error:
        raise DeliveryFailed(f"The mail server {host} does not accept {address}.") from error
    except (OSError, smtplib.SMTPException) as error:
        raise _TryAgain(f"The mail server {host} does not answer: {type(error).__name__}.") from error


def _smtp(settings: Settings) -> tuple[str, int, str, str, bool]:
    """Host, port, user name, password, and whether the connection is encrypted from the start."""
    url = settings.smtp_url.get_secret_value() if settings.smtp_url else ""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise UsageError("Mail needs JOURNEYGRAPH_SMTP_URL, such as smtp://user:password@mail.example.com:587.")
    encrypted = parts.scheme == "smtps"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return parts.hostname, parts.port or (465 if encrypted else 587), user, password, encrypted


def _secret(settings: Settings) -> str:
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
    try:
        usable = len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) >= 24
    except ValueError:
        usable = False
    if not usable:
        raise UsageError("A webhook needs JOURNEYGRAPH_WEBHOOK_SECRET: 24 bytes or more in Base64, to sign with.")
    return secret


def _shown(url: str) -> str:
    """A URL without what may be secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{parts.path}"
