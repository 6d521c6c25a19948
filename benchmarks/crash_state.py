"""A whole graph as hashes, to be compared node by node and edge by edge in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from benchmarks.scratch import Scratch
from journeygraph import server
from journeygraph.graph import Graph

#: What differs between two loads of the same rows: when and in which batch, and how often journeys were rebuilt.
_VOLATILE = frozenset({"ingested_at", "batch_id", "revision", "step_graph_revision"})
_FILES = "MATCH (f:File) RETURN f.batch_id, f.number, f.sha256"
_LEFT_OUT = "NOT {0}:Load AND NOT {0}:File AND NOT {0}:Migration"
Digests = NDArray[np.void]


@dataclass(frozen=True)
class State:
    """A whole graph as sorted hashes."""

    nodes: Digests
    edges: Digests

    def differences(self, other: State) -> tuple[int, int]:
        """How many nodes and edges are in one of the two only, counted as often as they occur."""
        return _differing(self.nodes, other.nodes), _differing(self.edges, other.edges)


def state(place: Scratch) -> State:
    """Every node and edge of the graph as a hash of what it says and of what it joins."""
    with Graph(server.connection(place.settings)) as graph, graph._driver.session(fetch_size=2_000) as session:
        # A file's number is its place among those of its load, so a file given with others has another.
        files = {(batch, number): sha256 for batch, number, sha256 in session.run(_FILES)}
        names: dict[int, bytes] = {}
        nodes, edges = bytearray(), bytearray()
        for one, labels, held in session.run(
            f"MATCH (n) WHERE {_LEFT_OUT.format('n')} RETURN elementId(n), labels(n), properties(n)"
        ):
            if (number := held.pop("file_number", None)) is not None:
                held["file"] = files[held["batch_id"], number]
            names[_number(one)] = digest = _digest(sorted(labels), _shown(held))
            nodes += digest
        for one, kind, other, held in session.run(
            f"MATCH (n)-[r]->(m) WHERE {_LEFT_OUT.format('n')} AND {_LEFT_OUT.format('m')} "
            "RETURN elementId(n), type(r), elementId(m), properties(r)"
        ):
            edges += _digest(names[_number(one)], kind, names[_number(other)], _shown(held))
    return State(_sorted(nodes), _sorted(edges))


def _number(element_id: str) -> int:
    """What tells nodes of one database apart, at a quarter of the memory that the whole id takes."""
    return int(element_id.rpartition(":")[2])


def _shown(held: dict[str, object]) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in sorted(held.items()) if name not in _VOLATILE]


def _digest(*parts: object) -> bytes:
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _sorted(digests: bytearray) -> Digests:
    return np.sort(np.frombuffer(bytes(digests), dtype="V16"))


def _differing(one: Digests, other: Digests) -> int:
    both, counts = np.unique(np.concatenate([one, other]), return_counts=True)
    mine = np.searchsorted(one, both, "right") - np.searchsorted(one, both, "left")
    return int(np.abs(2 * mine - counts).sum())
