"""A graph as files for the import tool: everything that it answers with, and nothing that only its store remembers."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from journeygraph.errors import UsageError
from journeygraph.graph import Graph, Row
from journeygraph.privacy.purge.columns import SEPARATOR, can_be_named, can_be_written, cell, column_type

#: What a node or relationship is recognised by where a property has to be set afterwards.
NUMBER: Final = "_purge_id"
MARK: Final = "Purging"
Kind = tuple[str, ...]  # labels, or the one type
Types = dict[Kind, dict[str, list[str]]]


@dataclass
class _Table:
    """One file: a header, and rows of the same kind whose values have the same types."""

    keys: list[str]
    file: IO[str]
    rows: int = 0

    def write(self, first: Iterable[Any], values: dict[str, Any]) -> None:
        cells = [cell(value) for value in first]
        cells += [cell(values.get(key)) for key in self.keys]
        self.file.write(",".join(cells) + "\n")
        self.rows += 1


@dataclass
class Carried:
    """The files of a graph: arguments for the import tool, and what has to be mended after it."""

    folder: Path
    arguments: list[str] = field(default_factory=list)
    nodes: int = 0
    relationships: int = 0

    def mends(self, what: str) -> Iterator[dict[str, Any]]:
        """The properties that no file can say, of `nodes` or `relationships`: `number` and `changes`."""
        path = self.folder / f"{what}.mend"
        if path.exists():
            with path.open(encoding="utf-8") as lines:
                yield from map(json.loads, lines)


def carry(graph: Graph, folder: Path) -> Carried:
    """Write the whole graph into files of this folder, in bounded memory.

    Raises `UsageError` where a value is of a type that the import tool does not know.
    """
    folder.mkdir(parents=True, mode=0o700)
    carried = Carried(folder)
    node_types = _types(graph.read("privacy/purge_node_kinds"), "labels")
    carried.nodes = _write(carried, "nodes", graph.stream("privacy/purge_nodes"), node_types)
    path_types = _types(graph.read("privacy/purge_relationship_kinds"), "type")
    carried.relationships = _write(carried, "relationships", graph.stream("privacy/purge_relationships"), path_types)
    carried.arguments += ["--id-type=integer", "--multiline-fields=true", f"--array-delimiter=U+{ord(SEPARATOR):04X}"]
    carried.arguments.append(f"--report-file={folder / 'import.report'}")
    return carried


def _types(rows: Iterable[Row], kind: str) -> Types:
    """The columns' types of each property, by the kind of node or relationship that has it."""
    found: Types = defaultdict(dict)
    for row in rows:
        own = [row[kind]] if isinstance(row[kind], str) else sorted(row[kind])
        types = {type_ for value_type in row["types"] if (type_ := column_type(value_type)) is not None}
        if types and can_be_named(row["key"]):
            found[tuple(own)][row["key"]] = sorted(types)
        elif any(name not in ("string", "boolean", "long", "double") for name in types):
            raise UsageError(f"The property {row['key']!r} cannot be carried over: its name has a colon or the like.")
    return found


def _write(carried: Carried, what: str, rows: Iterator[Row], types: Types) -> int:
    """Write all nodes or all relationships; how many they are."""
    tables: dict[tuple[Kind, Kind], _Table] = {}
    mended = 0
    with ExitStack() as opened:
        mend = opened.enter_context((carried.folder / f"{what}.mend").open("w", encoding="utf-8"))
        for row in rows:
            kind = tuple(sorted(row["labels"])) if "labels" in row else (row["type"],)
            own = types.get(kind, {})
            values, named, changes = _divided(row["properties"], own)
            if changes:
                mended += 1
                values[NUMBER] = mended
                mend.write(json.dumps({"number": mended, "changes": changes}) + "\n")
            table = tables.get((kind, named))
            if table is None:
                table = tables[kind, named] = _table(carried, what, len(tables), own, named, opened)
            if "labels" in row:
                table.write([_number(row["id"]), SEPARATOR.join([*kind, *([MARK] if changes else [])])], values)
            else:
                table.write([_number(row["from"]), _number(row["to"]), row["type"]], values)
    return sum(table.rows for table in tables.values())


def _divided(properties: Sequence[Any], types: dict[str, list[str]]) -> tuple[dict[str, Any], Kind, dict[str, Any]]:
    """What stands in the row, the types of the properties that have several, and what has to be mended."""
    values: dict[str, Any] = {}
    changes: dict[str, Any] = {}
    several: dict[str, str] = {}
    for key, value_type, value in properties:
        if key in types and can_be_written(value):
            values[key] = value
            if len(types[key]) > 1:
                several[key] = str(column_type(value_type))
        else:
            changes[key] = value
    return values, tuple(f"{key}:{several[key]}" for key in sorted(several)), changes


def _table(
    carried: Carried, what: str, number: int, types: dict[str, list[str]], named: Kind, opened: ExitStack
) -> _Table:
    """A new file with its header, and its argument for the import tool."""
    chosen = dict(column.rsplit(":", 1) for column in named)
    keys = [key for key in sorted(types) if len(types[key]) == 1 or key in chosen]
    first = [":ID", ":LABEL"] if what == "nodes" else [":START_ID", ":END_ID", ":TYPE"]
    header = [*first, *(f"{key}:{chosen.get(key, types[key][0])}" for key in keys), f"{NUMBER}:long"]
    path = carried.folder / f"{what}-{number}.csv"
    path.with_suffix(".header").write_text(",".join(header) + "\n", encoding="utf-8")
    carried.arguments.append(f"--{what}={path.with_suffix('.header')},{path}")
    file = opened.enter_context(path.open("w", encoding="utf-8", newline="", buffering=1 << 16))
    return _Table([*keys, NUMBER], file)


def _number(element_id: str) -> int:
    """The number within an element id: unique among the nodes, or the relationships, of one database."""
    return int(element_id.rsplit(":", 1)[1])
