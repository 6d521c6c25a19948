"""Building the managed server's store anew, so that nothing that was deleted is left in it.

    stop -> copy -> read the copy out -> import -> indexes, counts compared -> swap -> old store and logs away -> start

Nobody can write meanwhile: the server is down, and what is read is a copy of it on ports that nobody knows.  The old
store is untouched until the new one is whole and has been compared; the swap is one renaming, which whoever starts the
server completes.  So the command may be killed at any moment and given again.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, LiteralString, cast

from journeygraph.answers import Answer
from journeygraph.errors import GraphError, UsageError
from journeygraph.graph import Graph, batches
from journeygraph.privacy import audit, mentions
from journeygraph.privacy.proof import Proof, sign
from journeygraph.privacy.purge.carried import Carried, carry
from journeygraph.privacy.purge.search import Searched, search
from journeygraph.server import ManagedServer, disk, replaced
from journeygraph.settings import Settings

_MENDED_AT_ONCE: Final = 1_000
_OWN_SERVER: Final = (
    "deleted bytes stay in its store until they are used again, and in its transaction logs until these are pruned. "
    "Enterprise Edition rebuilds a store with `neo4j-admin database copy --compact-node-store neo4j fresh`; with "
    "Community Edition load the files into an empty database (the suppression list keeps erased people out) and drop "
    "the old one. Then delete its old transaction logs, its logs and its dumps."
)
Say = Callable[[str], None]
Counts = dict[str, tuple[int, int]]


class Purge(Answer):
    """A store that was built anew; `searched` says where the values still are that were to be looked for: nowhere.

    The proof is a signed statement of it, without the values.
    """

    nodes: int
    relationships: int
    bytes_before: int
    bytes_after: int
    seconds: float
    searched: Searched | None
    proof: Proof


def purge(
    settings: Settings,
    *,
    look_for: Sequence[str] = (),
    before_search: Callable[[], None] = lambda: None,
    say: Say = lambda _: None,
    actor: str | None = None,
) -> Purge:
    """Build the store of the managed server anew, and search every file, and the graph, for these values afterwards.

    `before_search` is called once the new store is in its place.

    Raises `UsageError` where the server is not the managed one or holds what cannot be carried over, `GraphError` where
    the new store is not what the old one was; the old one stays then.
    """
    require_managed(settings)
    started = time.monotonic()
    server = ManagedServer(settings, tell=say)
    audit.record(settings.home, "purge begun", actor=actor)
    before = _size(server.layout.base)
    carried = _rebuilt(settings, server, say)
    server.start()
    head = audit.record(settings.home, "purge done", actor=actor)
    figures = {
        "nodes": carried.nodes,
        "relationships": carried.relationships,
        "bytes_before": before,
        "bytes_after": _size(server.layout.base),
        "seconds": round(time.monotonic() - started, 1),
    }
    before_search()
    searched = _searched(settings, server, look_for) if look_for else None
    statement = {
        "erasure_id": secrets.token_hex(8),
        "mode": "purge",
        "at": datetime.now(UTC).isoformat(),
        **figures,
        "searched": searched and {**searched.model_dump(exclude={"holding"}), "holding": len(searched.holding)},
        "audit": head.model_dump(),
    }
    return Purge(**figures, searched=searched, proof=sign(settings.home, statement))


def _searched(settings: Settings, server: ManagedServer, look_for: Sequence[str]) -> Searched:
    with Graph(server.connection()) as graph:

        def known(words: Collection[str]) -> list[str]:
            return [row["word"] for row in graph.read("privacy/known_ids", words=list(words))]

        found = search(settings.home, look_for, known)
        left = mentions.count_values(graph, look_for)
        return found.model_copy(update={"in_graph": left.places, "kept": left.kept})


def require_managed(settings: Settings) -> None:
    """Raise `UsageError`, which says what to do instead, where the server is not the managed one."""
    if not settings.managed:
        raise UsageError(
            f"The graph is on a server of your own ({settings.neo4j_uri}), whose files JourneyGraph does not touch: "
            + _OWN_SERVER
        )


def _rebuilt(settings: Settings, server: ManagedServer, say: Say) -> Carried:
    """Put a new store in the place of the old one; the server is down meanwhile."""
    beside = ManagedServer(settings, tell=say, base=settings.home / "purge" / secrets.token_hex(4) / "neo4j")
    with server.down():
        _clear(settings)
        try:
            _copy(server, beside)
            beside.start()
            with Graph(beside.connection()) as graph:
                carried = carry(graph, beside.layout.base.parent / "csv")
                counts, schema = _counts(graph), _schema(graph)
            beside.stop()
            say(f"{carried.nodes:,} nodes and {carried.relationships:,} relationships go into a new store.")
            _build(beside, carried, counts, schema)
            replaced.put(server.layout, beside.layout.data)
        finally:
            _clear(settings)
    return carried


def _copy(server: ManagedServer, beside: ManagedServer) -> None:
    """The data with the logins, on ports of its own."""
    disk.require(server.layout.base, 2 * _size(server.layout.data), "JOURNEYGRAPH_HOME")
    beside.layout.base.mkdir(parents=True, mode=0o700)
    shutil.copytree(server.layout.data, beside.layout.data)
    shutil.copy2(server.layout.password_file, beside.layout.password_file)


def _clear(settings: Settings) -> None:
    """Remove what this or an interrupted purge left beside the store."""
    for folder in (settings.home / "purge").glob("*"):
        ManagedServer(settings, base=folder / "neo4j").stop()
    shutil.rmtree(settings.home / "purge", ignore_errors=True)


def _build(beside: ManagedServer, carried: Carried, counts: Counts, schema: Sequence[str]) -> None:
    """A new store in the place of the copy, compared with what was read, and stopped."""
    for folder in ("databases", "transactions"):
        shutil.rmtree(beside.layout.data / folder / "neo4j", ignore_errors=True)
    beside.admin("database", "import", "full", "neo4j", "--overwrite-destination=true", *carried.arguments)
    beside.start()
    with Graph(beside.connection()) as graph:
        _mend(graph, carried)
        # Statements of the database itself.
        graph.apply_schema([cast(LiteralString, text) for text in schema])  # type: ignore[redundant-cast,unused-ignore]
        graph.read("schema/await_indexes", seconds=3_600)
        if (found := _counts(graph)) != counts:
            differing = sorted(kind for kind in counts.keys() | found.keys() if counts.get(kind) != found.get(kind))
            raise GraphError(f"The new store differs from the old one in {', '.join(differing)}: it is not used.")
    beside.stop()


def _mend(graph: Graph, carried: Carried) -> None:
    for what in ("nodes", "relationships"):
        for page in batches(carried.mends(what), _MENDED_AT_ONCE):
            changes = {str(row["number"]): row["changes"] for row in page}
            asked = {"first": page[0]["number"], "after": page[-1]["number"] + 1, "changes": changes}
            graph.write("privacy/purge_mend_nodes" if what == "nodes" else "privacy/purge_mend_relationships", **asked)


def _counts(graph: Graph) -> Counts:
    found = graph.read("privacy/purge_counts")
    return {":".join(sorted(row["kind"])): (row["count"], row["properties"]) for row in found}


def _schema(graph: Graph) -> list[str]:
    both = [*graph.read("privacy/purge_constraints"), *graph.read("privacy/purge_indexes")]
    return [row["statement"] for row in both]


def _size(folder: Path) -> int:
    """What a folder takes on the disk: logs may be longer than what is written of them."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())
