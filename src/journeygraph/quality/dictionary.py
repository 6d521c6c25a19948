"""The data dictionary: every property in the graph, what it means, how filled it is, and where it came from."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from journeygraph import queries
from journeygraph.answers import Answer, Reproducible
from journeygraph.graph import Graph, Row
from journeygraph.quality.meanings import LABELS, OWN, PERSONAL, meaning

#: Properties of touchpoints that the product makes: they came from no column.
_MADE: Final = (
    "ingested_at",
    "batch_id",
    "file_number",
    "line",
    "occurred_at_us",
    "stage",
    "set_aside_as",
    "set_aside_by",
)
#: The field of a mapping that becomes a property of another name.
_FIELD_OF: Final = {"known_customer_id": "customer_id", "source_session_id": "session_id"}
_LONGEST_EXAMPLE: Final = 60


class Origin(Answer):
    """A file that a property came from: how many of its touchpoints have it, and on which lines they begin and end.

    `column` is what the mapping says; None where it says nothing, and the column of the same or a usual name was taken.
    """

    source: str
    file: str | None
    format: str | None
    mapping: str | None
    mapping_version: str | None
    contract_version: int | None
    column: str | None
    batch_id: str
    filled: int
    first_line: int | None
    last_line: int | None


class Entry(Answer):
    """A property: `filled` of `of` nodes or relationships have it.

    `types` are Cypher's.  `example` is the smallest value: None for what says who somebody is, its shape (`Aaa 99`) for
    text of sources' own properties.  `statement` is a key of `Dictionary.statements`.
    """

    kind: str
    property: str
    meaning: str
    unit: str
    types: tuple[str, ...]
    filled: int
    of: int
    share: float
    personal: bool
    example: str | None
    origins: tuple[Origin, ...]
    statement: str


class Dictionary(Answer):
    """All properties, and the statements that give their figures."""

    entries: tuple[Entry, ...]
    statements: dict[str, Reproducible]


def dictionary(graph: Graph, home: Path) -> Dictionary:
    """Every property that a node or relationship of the graph has."""
    asked = {
        "properties": _statement("quality/properties", labels=list(LABELS), personal=list(PERSONAL)),
        "relationship_properties": _statement("quality/relationship_properties", personal=list(PERSONAL)),
        "origins": _statement("quality/origins", without=list(_MADE)),
    }
    found = {name: graph.run(queries.get(f"quality/{name}").cypher, one.parameters) for name, one in asked.items()}
    origins = _origins(found["origins"], home)
    entries = [
        entry for name in ("properties", "relationship_properties") for entry in _entries(name, found[name], origins)
    ]
    return Dictionary(entries=tuple(entries), statements=asked)


def _statement(name: str, **parameters: Any) -> Reproducible:
    return Reproducible(cypher=queries.get(name).cypher, parameters=parameters)


def _entries(statement: str, rows: list[Row], origins: Mapping[str, list[Origin]]) -> list[Entry]:
    totals = {row["label"]: int(row["filled"]) for row in rows if row["property"] is None}
    entries = []
    for row in rows:
        kind, name = row["label"], row["property"]
        if name is None:
            continue
        told = meaning(kind, name)
        entries.append(
            Entry(
                kind=kind, property=name, meaning=told.text, unit=told.unit, types=tuple(_types(row["types"])),
                filled=row["filled"], of=totals[kind], share=row["filled"] / totals[kind], personal=told.personal,
                example=None if told.personal else example(row["example"], masked=_is_free(kind, name)),
                origins=tuple(origins.get(name, ())) if kind == "Touchpoint" else (), statement=statement,
            )
        )  # fmt: skip
    return entries


def _types(types: list[str]) -> list[str]:
    return sorted({kind.removesuffix(" NOT NULL").replace(" NOT NULL>", ">") for kind in types})


def _is_free(kind: str, name: str) -> bool:
    return kind in OWN and name.startswith("p_")


def example(value: Any, *, masked: bool = False) -> str | None:
    """A value as it is shown, or only its shape.

    >>> example("Anna-Lena 42", masked=True), example(["view", "cart"]), example(3, masked=True)
    ('Aaaa-Aaaa 99', 'view, cart', '3')
    """
    if value is None:
        return None
    if isinstance(value, list):
        text = ", ".join(str(item) for item in value)
    else:
        text = value.isoformat() if isinstance(value, date) else str(value)
    if masked and isinstance(value, str | list):
        text = re.sub(r"\d", "9", re.sub(r"[^\W\d_]", lambda letter: "A" if letter[0].isupper() else "a", text))
    return text if len(text) <= _LONGEST_EXAMPLE else text[: _LONGEST_EXAMPLE - 1] + "…"


def _origins(rows: list[Row], home: Path) -> dict[str, list[Origin]]:
    columns: dict[str, Mapping[str, Any]] = {}
    found: dict[str, list[Origin]] = {}
    for row in rows:
        version = row["mapping_version"] or ""
        if version not in columns:
            columns[version] = _columns(home / "mappings" / f"{version}.json")
        column = columns[version].get(_FIELD_OF.get(str(row["property"]), str(row["property"])))
        about = {key: value for key, value in row.items() if key != "property"}
        found.setdefault(row["property"], []).append(Origin(**about, column=_rule(column)))
    return found


def _columns(path: Path) -> Mapping[str, Any]:
    """What a version of a mapping says of each field; nothing where it was not kept."""
    try:
        columns: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))["mapping"]["columns"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return columns


def _rule(rule: Mapping[str, Any] | None) -> str | None:
    """A rule of a mapping in one line.

    >>> _rule({"column": "sku", "prefix": "x-"}), _rule({"constant": "web"}), _rule(None)
    ('sku', "always 'web'", None)
    """
    if not rule:
        return None
    if rule.get("constant") is not None:
        return f"always {rule['constant']!r}"
    lookup = f"{rule['value']} of {rule['lookup']} by {rule['key']}" if rule.get("lookup") else None
    return rule.get("column") or rule.get("template") or lookup
