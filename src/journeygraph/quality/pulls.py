"""Every pull: how far it came, by the file that it keeps, and what became of its rows, by the graph."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from journeygraph import queries
from journeygraph.answers import Answer, Reproducible
from journeygraph.errors import InputError
from journeygraph.graph import Graph, Row

State = Literal["running", "complete", "ended in its middle", "unknown"]


class PullCard(Answer):
    """One pull.

    `place` is what it reads, without credentials, and `position` the value up to which it has read; both are None for
    one that was last run by a former version, or in another home.  `state` is *complete* where the last one came to
    the end of what there was; *ended in its middle* is completed by the same command; *unknown* is one that this home
    keeps nothing of.  `replaces` is the property whose parts an open round replaces at its end.  Counts of rows are
    of all pulls of that name in this graph, those that begin with `last_` of the last one, which has none where it was
    interrupted.  Received = stored + duplicate + quarantined.
    """

    name: str
    place: str | None
    state: State
    position: str | None
    replaces: str | None
    written_at: str | None
    sources: tuple[str, ...] = ()
    format: str | None = None
    mapping: str | None = None
    pulls: int = 0
    interrupted: int = 0
    received: int = 0
    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0
    last_batch_id: str | None = None
    last_started_at: str | None = None
    last_finished_at: str | None = None
    last_received: int | None = None
    last_stored: int | None = None
    last_duplicate: int | None = None
    last_quarantined: int | None = None


class PullList(Reproducible):
    """All pulls, by name; the statement gives what the graph knows of each."""

    pulls: tuple[PullCard, ...]


def pulls(graph: Graph, home: Path) -> PullList:
    """The pulls that this home keeps the state of, and those that the graph has loads of.

    Raises `InputError` for a state that cannot be read.
    """
    loaded: dict[str, Row] = {row["name"]: row for row in graph.read("quality/pulls", name=None)}
    kept = {path.stem: path for path in (home / "pulls").glob("*.json")}
    cards = [
        PullCard(**{**loaded.get(name, {"name": name}), **_kept(kept.get(name), loaded.get(name))})
        for name in sorted({*loaded, *kept})
    ]
    return PullList(cypher=queries.get("quality/pulls").cypher, parameters={"name": None}, pulls=tuple(cards))


def _kept(path: Path | None, last: Row | None) -> dict[str, Any]:
    if path is None:
        return {"place": None, "state": "unknown", "position": None, "replaces": None, "written_at": None}
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        kept = dict(document["kept"])
        return {
            "place": document.get("place"),
            "state": "running" if _is_running(path) else _state(document, kept, last),
            "position": position(kept),
            "replaces": kept["round"]["property"] if "round" in kept else None,
            "written_at": document["at"],
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"The state {path} cannot be read; `journeygraph pull ... --again` begins that pull anew."
        ) from error


def _state(document: dict[str, Any], kept: dict[str, Any], last: Row | None) -> State:
    """Former versions did not write down whether a pull came to its end."""
    ended = "next" not in kept and (last is None or last["last_received"] is not None)
    return "complete" if document.get("complete", ended) else "ended in its middle"


def position(kept: dict[str, Any]) -> str | None:
    """Up to where a pull has read, of what it keeps; the address of a next page may hold a secret, and is not told.

    >>> position({"cursor": {"date": "2026-03-01"}, "known": []}), position({"since": 7, "greatest": 9}), position({})
    ('2026-03-01', '9', None)
    """
    value = next((kept[name] for name in ("cursor", "greatest", "since") if name in kept), None)
    if isinstance(value, dict):
        value = next(iter(value.values()), None)
    return None if value is None else str(value)


def _is_running(path: Path) -> bool:
    lock = FileLock(path.with_suffix(".lock"), timeout=0)
    try:
        with lock:
            return False
    except Timeout:
        return True
