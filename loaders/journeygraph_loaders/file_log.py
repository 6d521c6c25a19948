"""What a load knows of its files: what each is, how it was read, and what became of its rows.

It is written into the graph as `(:Load)-[:READ]->(:File)`: what the files are when the load begins, so that touchpoints
of a load that was killed lead to their file too, and the counts when it ends.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from journeygraph.graph import Graph
from journeygraph_loaders.mapping import Section

#: What is said of a file that may be named after a person.
_NAMES: Final = ("name", "mapping")


@dataclass
class FileCounts:
    """What became of one file's rows, and the sources that they name; `declared` is that of rows that name none."""

    declared: str | None = None
    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0
    sources: set[str] = field(default_factory=set)

    def properties(self) -> dict[str, Any]:
        """As they stand in the graph.  Where no row is good, all are of the source that was declared."""
        nameless = {self.declared} if self.declared else set()
        return {
            "received": self.stored + self.duplicate + self.quarantined,
            "stored": self.stored,
            "duplicate": self.duplicate,
            "quarantined": self.quarantined,
            "sources": sorted(self.sources or nameless),
        }


class FileLog:
    """The files of one load, numbered from 0 in the order in which they were given or first met.

    `protocol` is how they came: file, api, webhook, pull, replay.  `rename` says under what names they are told.
    """

    def __init__(self, protocol: str, rename: Callable[[str], str] = str) -> None:
        self.protocol, self._rename = protocol, rename
        self._numbers: dict[str, int] = {}
        self.about: list[dict[str, Any]] = []
        self.counts: list[FileCounts] = []

    def add(self, file: str, **about: Any) -> int:
        """A file with what is known of it (`source`: that of rows that name none); its number."""
        self._numbers.setdefault(file, len(self.about))
        named = {"name": Path(file).name, **about}
        named = {key: self._rename(said) if key in _NAMES and said else said for key, said in named.items()}
        self.about.append({"protocol": self.protocol, **named})
        self.counts.append(FileCounts(about.get("source")))
        return len(self.about) - 1

    def knows(self, file: str) -> bool:
        """Whether the file was given or met."""
        return file in self._numbers

    def number(self, file: str) -> int:
        """The number of a file; one that wasn't given is added."""
        return self._numbers[file] if file in self._numbers else self.add(file)

    def note(self, number: int, stored: int, duplicate: int, sources: Set[str]) -> None:
        """Add what became of some rows of a file."""
        counts = self.counts[number]
        counts.stored += stored
        counts.duplicate += duplicate
        counts.sources |= sources

    def take(self, counts: Sequence[FileCounts]) -> None:
        """Counts that were made elsewhere, a file each in order."""
        for own, found in zip(self.counts, counts, strict=True):
            own.stored, own.duplicate, own.quarantined = found.stored, found.duplicate, found.quarantined
            own.sources |= found.sources

    def write(self, graph: Graph, batch_id: str) -> None:
        """Write down what the files are."""
        self._write(graph, batch_id, dict(enumerate(self.about)))

    def finish(
        self, graph: Graph, batch_id: str, quarantined: Mapping[str, int], contracts: Mapping[str, int] | None = None
    ) -> None:
        """Write down what became of their rows; `quarantined` are numbers of rows, `contracts` versions by source."""
        for file, rows in quarantined.items():
            self.counts[self.number(file)].quarantined += rows
        versions = [(contracts or {}).get(about.get("source", "")) for about in self.about]
        self._write(
            graph,
            batch_id,
            {
                number: {**self.about[number], **counts.properties(), "contract_version": versions[number]}
                for number, counts in enumerate(self.counts)
            },
        )

    @staticmethod
    def _write(graph: Graph, batch_id: str, properties: Mapping[int, Mapping[str, Any]]) -> None:
        rows = [{"number": number, "properties": dict(held)} for number, held in properties.items()]
        if rows:
            graph.write("load/files", batch_id=batch_id, rows=rows)


def mapping_version(section: Section, options: Mapping[str, Any], home: Path) -> str:
    """What a file's mapping says, as a hash; what it stands for is kept in `home/mappings/<version>.json`.

    `options` are those of the command that win over the mapping.
    """
    said = {"mapping": section.model_dump(mode="json"), "options": {k: v for k, v in options.items() if v is not None}}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, indent=1)
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    path = home / "mappings" / f"{version}.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(text + "\n", encoding="utf-8")
    return version
