"""Pages of an API: where the records are in an answer, what the next request is, and what the next pull begins with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urldefrag, urljoin

import requests

from journeygraph.errors import InputError
from journeygraph_loaders.pull.client import Client, Reply, shown
from journeygraph_loaders.pull.declared import Http, Paging, Scalar
from journeygraph_loaders.pull.pages import Page
from journeygraph_loaders.pull.state import fingerprint

#: An address, and the parameters that are not declared: what is declared may be secret, and is not kept.
Request = tuple[str, dict[str, Scalar]]


def identity(declared: Http) -> str:
    """What is read, whoever reads it; headers may hold credentials, and parameters other pages."""
    return fingerprint(shown(declared.url), declared.records, declared.paging, declared.since)


def place(declared: Http) -> str:
    """What to call it in sentences."""
    return shown(declared.url)


def pages(declared: Http, state: Mapping[str, Any], client: Client) -> Iterator[Page]:
    """The pages that are not in the graph yet, from where an earlier pull ended or was ended.

    `state` holds `since`, and where a pull was ended in its middle `next` (the request) and `greatest` so far.

    Raises `InputError` where an answer has no records where they should be, or leads back to a page that was read.
    """
    since, greatest = state.get("since"), state.get("greatest", state.get("since"))
    request: Request | None = _begun(declared, since)
    if "next" in state:
        request = (str(state["next"][0]), dict(state["next"][1]))
    first, asked = 1, set[int]()
    while request is not None:
        if hash(repr(request)) in asked:
            raise InputError(f"{shown(request[0])} leads back to a page that was read: its paging never ends.")
        asked.add(hash(repr(request)))
        url, params = request
        reply = client.get(url, {**declared.params, **params} if url == declared.url else params)
        records, around = _records(declared, reply)
        greatest = _greatest(declared, reply, records, greatest)
        following = _next(declared.paging, request, reply, records)
        if following is None:
            kept: dict[str, Any] = {} if greatest is None else {"since": greatest}
        else:
            kept = {"since": since, "greatest": greatest, "next": list(following)}
            kept = {name: value for name, value in kept.items() if value is not None}
        yield Page(first, records, kept, around)
        first += len(records)
        request = following
        if declared.limits.pages is not None and len(asked) >= declared.limits.pages:
            return


def _begun(declared: Http, since: Scalar | None) -> Request:
    params: dict[str, Scalar] = {}
    paging = declared.paging
    if paging is not None and paging.page is not None:
        params[paging.page] = 1 if paging.first is None else paging.first
    if paging is not None and paging.offset is not None:
        params[paging.offset] = paging.first or 0
    if declared.since is not None:
        value = declared.since.first if since is None else since
        if value is not None:
            params[declared.since.parameter] = value
    return declared.url, params


def at(document: Any, path: str) -> Any:
    """What stands at a place such as `data.events` or `links.0.href`, None where nothing does.

    >>> at({"data": {"events": [{"id": 7}]}}, "data.events.0.id")
    7
    """
    for name in path.split("."):
        if isinstance(document, list) and name.isdigit() and int(name) < len(document):
            document = document[int(name)]
        elif isinstance(document, Mapping):
            document = document.get(name)
        else:
            return None
    return document


def _records(declared: Http, reply: Reply) -> tuple[list[Any], Mapping[str, Any]]:
    """The records of an answer, and what stands around them."""
    document = reply.document
    found = document if declared.records is None else at(document, declared.records)
    if found is None and declared.records is not None and isinstance(document, Mapping):
        parent = at(document, declared.records.rpartition(".")[0]) if "." in declared.records else document
        if isinstance(parent, Mapping) and declared.records.rpartition(".")[2] in parent:
            found = []
    if not isinstance(found, list):
        has = f"; it has {', '.join(map(str, document))[:200]}" if isinstance(document, Mapping) else ""
        where = f"at {declared.records!r}" if declared.records else "in it (`records:` says where it is)"
        raise InputError(f"The answer of {shown(reply.url)} has no list of records {where}{has}.")
    name = declared.records
    around = {key: value for key, value in document.items() if key != name} if isinstance(document, Mapping) else {}
    return found, around


def _greatest(declared: Http, reply: Reply, records: list[Any], so_far: Any) -> Any:
    """What the next pull begins with, as far as this one has come."""
    since = declared.since
    if since is None:
        return None
    if since.answer is not None:
        value = at(reply.document, since.answer)
        return so_far if value is None else value
    for record in records:
        value = at(record, str(since.field))
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            try:
                so_far = value if so_far is None or value > so_far else so_far
            except TypeError:
                raise InputError(
                    f"{shown(declared.url)}: {since.field} is text in some records and a number in others, so no pull "
                    "can begin with it."
                ) from None
    return so_far


def _next(paging: Paging | None, request: Request, reply: Reply, records: list[Any]) -> Request | None:
    if paging is None or _is_last(paging, reply):
        return None
    url, params = request
    for counter, step in ((paging.page, 1), (paging.offset, len(records))):
        if counter is not None:
            return (url, {**params, counter: int(params[counter]) + step}) if records else None
    if paging.cursor is not None:
        cursor = at(reply.document, paging.cursor)
        return None if cursor in (None, "", False) else (url, {**params, paging.parameter: cursor})
    address = _linked(reply) if paging.link else at(reply.document, str(paging.next))
    return _address(reply, address)


def _is_last(paging: Paging, reply: Reply) -> bool:
    if paging.more is not None and not at(reply.document, paging.more):
        return True
    return paging.until is not None and bool(at(reply.document, paging.until))


def _linked(reply: Reply) -> Any:
    links = requests.utils.parse_header_links(reply.headers.get("Link", ""))
    return next((link.get("url") for link in links if "next" in link.get("rel", "").split()), None)


def _address(reply: Reply, address: Any) -> Request | None:
    """The next page's address, which may be relative."""
    if not isinstance(address, str) or not address:
        return None
    return urldefrag(urljoin(reply.url, address)).url, {}
