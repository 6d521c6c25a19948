"""Everything that is held about one person, as JSON and CSV in one archive (GDPR articles 15 and 20)."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from defusedcsv import csv as defused_csv

from journeygraph import identity
from journeygraph.graph import Graph
from journeygraph.privacy import audit, files, quarantined
from journeygraph.privacy.person import Part, Person, held

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first instant that a ZIP archive can tell: the same data give the same bytes


class Export(identity.OfCustomer):
    """All that is held; `counts` by part.

    `quarantine` are rows that could not be stored, `files` the names of files that the product wrote and that name the
    person (reports, say).  Intent scores are computed when they are asked for and kept nowhere.
    """

    customer_id: str
    exported_at: str
    counts: dict[str, int]
    parts: tuple[Part, ...]


def export(graph: Graph, home: Path, customer_id: str, *, actor: str | None = None) -> Export:
    """Collect everything about a customer, and write down that it was read.

    Raises `NotFound` for a customer that neither the graph nor a row in quarantine has.
    """
    who = identity.lead(graph, customer_id)
    person = Person.anywhere(graph, home, who.customer_id)
    audit.record(home, "export", who.customer_id, actor)
    parts = [*held(graph, home, who.customer_id), *_outside(home, person)]
    return Export(
        asked_for=who.asked_for,
        customer_id=who.customer_id,
        exported_at=datetime.now(UTC).isoformat(),
        counts={part.name: part.count for part in parts},
        parts=tuple(parts),
    )


def _outside(home: Path, person: Person) -> list[Part]:
    rows = quarantined.find(home, person.needles)
    named = [{"file": str(path)} for path in files.find(home, person.needles)]
    return [
        Part(name="quarantine", count=len(rows), rows=tuple(rows), cypher=""),
        Part(name="files", count=len(named), rows=tuple(named), cypher=""),
    ]


def archive(exported: Export) -> bytes:
    """The export as a ZIP archive: `person.json` with everything, and one CSV file a part."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        document = json.dumps(exported.model_dump(mode="json"), ensure_ascii=False, indent=2)
        _put(packed, "person.json", document + "\n")
        for part in exported.parts:
            _put(packed, f"{part.name}.csv", _table(part))
    return buffer.getvalue()


def _put(packed: zipfile.ZipFile, name: str, text: str) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    packed.writestr(entry, text.encode("utf-8", "backslashreplace"))


def _table(part: Part) -> str:
    """The part as CSV that no spreadsheet takes for formulas; lists and maps as JSON."""
    columns = sorted({name for row in part.rows for name in row})
    out = io.StringIO(newline="")
    writer = defused_csv.writer(out)
    writer.writerow(columns)
    for row in part.rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else value
