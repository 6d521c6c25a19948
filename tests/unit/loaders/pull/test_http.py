"""Pages of an API: every way of paging, back-off, going on where it ended, and who gets the credentials."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from journeygraph.errors import InputError
from journeygraph_loaders.pull import client as clients
from journeygraph_loaders.pull import http
from journeygraph_loaders.pull.client import Client, ServiceUnavailable
from journeygraph_loaders.pull.declared import Http
from tests.unit.loaders.pull.service import Answer, Asked, Service, running

ALL = [{"id": number, "at": 100 + number} for number in range(7)]


def taken(
    declared: Http, state: dict[str, Any] | None = None, pages: int = 100, say: Callable[[str], None] = lambda _: None
) -> tuple[list[Any], dict[str, Any], list[float]]:
    """(records, the state to keep, what was waited)."""
    waited: list[float] = []
    kept = dict(state or {})
    records: list[Any] = []
    client = Client(declared, say, waited.append)
    for number, page in enumerate(http.pages(declared, dict(kept), client), start=1):
        assert page.first == len(records) + 1
        records += page.records
        kept = json.loads(json.dumps(page.state))
        if number == pages:
            break
    client.close()
    return records, kept, waited


def by_cursor(asked: Asked) -> Answer:
    start = int(asked.params.get("cursor", "0"))
    return 200, {}, {"data": {"events": ALL[start : start + 3]}, "next": str(start + 3) if start + 3 < 7 else None}


def by_page(asked: Asked) -> Answer:
    start = (int(asked.params["page"]) - 1) * 3
    return 200, {}, ALL[start : start + 3]


def by_offset(asked: Asked) -> Answer:
    start = int(asked.params["skip"])
    return 200, {}, {"items": ALL[start : start + 3]}


def by_link(asked: Asked) -> Answer:
    start = int(asked.params.get("after", "0"))
    more = {"Link": f'</events?after={start + 3}&x=1>; rel="next", </events>; rel="first"'} if start + 3 < 7 else {}
    return 200, more, ALL[start : start + 3]


def by_next(asked: Asked) -> Answer:
    start = int(asked.params.get("after", "0"))
    end = {"end_of_stream": start + 3 >= 7, "next_page": f"/events?after={min(start + 3, 7)}", "end_time": 99}
    return 200, {}, {"tickets": ALL[start : start + 3], **end}


WAYS: dict[str, tuple[Callable[[Asked], Answer], dict[str, Any]]] = {
    "cursor": (by_cursor, {"records": "data.events", "paging": {"cursor": "next"}}),
    "page": (by_page, {"paging": {"page": "page"}}),
    "offset": (by_offset, {"records": "items", "paging": {"offset": "skip"}}),
    "link": (by_link, {"paging": {"link": True}}),
    "next": (by_next, {"records": "tickets", "paging": {"next": "next_page", "until": "end_of_stream"}}),
}


def declared(service: Service, **more: Any) -> Http:
    return Http(url=service.url, headers={"Authorization": "Bearer hunter2"}, params={"key": "s3cret"}, **more)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("ended_after", [1, 2, 100])
def test_every_way_of_paging_brings_all_records_once_also_when_it_was_ended(way: str, ended_after: int) -> None:
    answer, said = WAYS[way]
    with running(answer) as service:
        found, state, _ = taken(declared(service, **said), pages=ended_after)
        if ended_after < 100:
            assert "s3cret" not in json.dumps(state)
            rest, state, _ = taken(declared(service, **said), state)
            found += rest
        assert found == ALL
        assert all(one.headers["authorization"] == "Bearer hunter2" for one in service.asked)
        assert state == {}


def test_the_next_pull_begins_with_the_greatest_value_also_after_one_that_was_ended() -> None:
    said = {**WAYS["cursor"][1], "since": {"parameter": "since", "field": "at", "first": 0}}
    with running(by_cursor) as service:
        _, state, _ = taken(declared(service, **said), pages=2)
        assert state == {"greatest": 105, "next": [service.url, {"since": 0, "cursor": "6"}]}
        _, state, _ = taken(declared(service, **said), state)
        assert state == {"since": 106}
        taken(declared(service, **said), state, pages=1)
        assert [one.params["since"] for one in service.asked] == ["0", "0", "0", "106"]
        said = {**WAYS["next"][1], "since": {"parameter": "start_time", "answer": "end_time"}}
        service.answer = by_next
        assert taken(declared(service, **said))[1] == {"since": 99}


def test_a_busy_service_is_given_the_time_that_it_asks_for_and_a_failing_one_ever_more() -> None:
    answers = [(429, {"Retry-After": "7"}, ""), (500, {}, ""), (502, {}, ""), (503, {}, "")]

    def answer(asked: Asked) -> Answer:
        return answers.pop(0) if answers else by_page(asked)

    said: list[str] = []
    with running(answer) as service:
        found, _, waited = taken(declared(service, **WAYS["page"][1]), say=said.append)
    assert found == ALL
    assert 7 <= waited[0] <= 8
    assert [1 <= waited[1] <= 2, 2 <= waited[2] <= 4, 4 <= waited[3] <= 8] == [True] * 3
    assert "answers 429: trying again in 7" in said[0]
    assert "hunter2" not in "".join(said)
    assert "s3cret" not in "".join(said)


def test_a_service_that_keeps_failing_or_asks_for_too_long_ends_the_pull() -> None:
    with running(lambda _: (503, {}, "")) as service:
        with pytest.raises(ServiceUnavailable, match="answers 503 after 3 tries; the same command goes on"):
            taken(declared(service, limits={"attempts": 3}))
        service.answer = lambda _: (429, {"Retry-After": "9999"}, "")
        with pytest.raises(ServiceUnavailable, match="come back in 9,999 seconds"):
            taken(declared(service))
    with pytest.raises(ServiceUnavailable, match="does not answer"):
        taken(declared(service, limits={"attempts": 2}))


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((401, {}, ""), "refuses with 401"),
        ((404, {}, ""), "refuses with 404"),
        ((200, {}, b"<html>"), "something else than JSON"),
        ((200, {}, {"rows": []}), "no list of records in it .*; it has rows"),
        ((200, {}, b"[" + b" " * 5_000 + b"]"), "more than 4,096 bytes"),
        ((200, {"Content-Encoding": "gzip"}, gzip.compress(b"[" + b" " * 10**6 + b"]")), "more than 4,096 bytes"),
        ((302, {"Location": "/events"}, ""), "redirects more than"),
        ((302, {"Location": "file:///etc/passwd"}, ""), "no http or https"),
    ],
)
def test_an_answer_that_cannot_be_used_is_a_sentence(answer: Answer, sentence: str) -> None:
    with running(lambda _: answer) as service, pytest.raises(InputError, match=sentence) as caught:
        taken(declared(service, limits={"answer_bytes": 4_096, "attempts": 1}))
    assert "s3cret" not in str(caught.value)


def test_paging_that_leads_back_ends() -> None:
    with (
        running(lambda _: (200, {}, {"data": ALL, "next": "same"})) as service,
        pytest.raises(InputError, match="leads back"),
    ):
        taken(declared(service, records="data", paging={"cursor": "next"}))


@pytest.mark.parametrize("how", ["redirect", "next"])
def test_another_host_gets_no_credentials(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(lambda _: (200, {"Set-Cookie": "a=b"}, {"data": ALL})) as other:

        def answer(_: Asked) -> Answer:
            if how == "redirect":
                return 302, {"Location": other.url, "Set-Cookie": "session=hunter2"}, ""
            return 200, {"Set-Cookie": "session=hunter2"}, {"data": [], "next": other.url}

        with running(answer) as service:
            found, _, _ = taken(declared(service, records="data", paging={"next": "next"}))
    assert found == ALL
    (asked,) = other.asked
    assert not {"authorization", "cookie"} & set(asked.headers)
    assert asked.params == {}


def test_a_public_host_leads_into_no_network_and_https_not_to_http(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"api.example.com": "93.184.216.34", "cdn.example.com": "93.184.216.35", "evil.example.com": "10.0.0.7"}

    def resolved(host: str, _: Any) -> list[Any]:
        return [(0, 0, 0, "", (known.get(host, host), 0))]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    home = "https://api.example.com/v1"
    clients.check_other(home, "https://cdn.example.com/page")
    for url, sentence in [
        ("https://evil.example.com/", "inside this network"),
        ("https://169.254.169.254/latest/meta-data", "inside this network"),
        ("https://127.0.0.1/", "inside this network"),
        ("http://cdn.example.com/", "not encrypted"),
        ("ftp://cdn.example.com/", "no http or https"),
    ]:
        with pytest.raises(InputError, match=sentence):
            clients.check_other(home, url)


def test_requests_a_second_are_kept() -> None:
    with running(by_page) as service:
        _, _, waited = taken(declared(service, **WAYS["page"][1], limits={"requests_per_second": 2}))
    assert len(waited) == 3
    assert all(0 < seconds <= 0.5 for seconds in waited)
