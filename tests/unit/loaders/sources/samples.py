"""The sample of each source, in its own documented names, and the same records in other files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from journeygraph_loaders.chunks import BadRow
from journeygraph_loaders.mapping import Section
from journeygraph_loaders.rows import Row
from journeygraph_loaders.sources import BY_NAME, open_as
from journeygraph_loaders.sources import snowplow as snowplow_format
from journeygraph_loaders.sources.base import Record
from journeygraph_loaders.sources.reading import records
from tests.unit.loaders.helpers import read

FOLDER = Path(__file__).parents[3] / "data" / "sources"
SAMPLES = {name: sorted(FOLDER.glob(f"{name}*")) for name in BY_NAME}


def rows(*paths: Path | str, **options: Any) -> tuple[list[Row], list[BadRow], list[str]]:
    """(rows, bad rows, what was said) of files in any format."""
    return read(*paths, **options)


def content(found: Sequence[Row]) -> set[str]:
    """What rows say, in no order."""
    return {repr((*row._replace(properties=None), sorted((row.properties or {}).items()))) for row in found}


def of(path: Path) -> list[Record]:
    """The records of a sample."""
    opened, source, _ = open_as(path, "auto", Section())
    try:
        assert source is not None
        return [one for one in records(opened, source) if isinstance(one, Record)]
    finally:
        opened.close()


def written(name: str, given: Sequence[Record], form: str) -> bytes:
    """Records of a source in one file; `form` is lines, array or envelope where that is JSON."""
    if name in WRITERS:
        return WRITERS[name](given)
    envelopes = BY_NAME[name].envelopes
    if any(record.envelope for record in given):  # what stands around a record is not its own: an envelope for each
        enveloped = [{**record.envelope, envelopes[0]: [record.document]} for record in given]
        return "".join(json.dumps(one) + "\n" for one in enveloped).encode()
    documents = [dict(record.document) for record in given]
    if form == "lines":
        return "".join(json.dumps(document) + "\n" for document in documents).encode()
    if form == "array" or not envelopes:
        return json.dumps(documents, indent=2).encode()
    return json.dumps({envelopes[0]: documents, "next_page": None}, indent=1).encode()


def _tsv(given: Sequence[Record]) -> bytes:
    lines = ("\t".join(str(record.document.get(name, "")) for name in snowplow_format.FIELDS) for record in given)
    return "".join(f"{line}\n" for line in lines).encode()


def _csv(given: Sequence[Record]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(given[0].document), delimiter=";")
    writer.writeheader()
    writer.writerows(record.document for record in given)
    return out.getvalue().encode()


def _xes(given: Sequence[Record]) -> bytes:
    """A trace for each event: which events stand together makes no difference."""
    traces = []
    for record in given:
        case = {name[5:]: value for name, value in record.document.items() if name.startswith("case:")}
        event = {name: value for name, value in record.document.items() if not name.startswith("case:")}
        traces.append(f"<trace><event>{_attributes(event)}</event>{_attributes(case)}</trace>")
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<log>{''.join(traces)}</log>".encode()


def _attributes(values: dict[str, str]) -> str:
    return "".join(f"<string key={quoteattr(name)} value={quoteattr(value)}/>\n" for name, value in values.items())


WRITERS = {"snowplow": _tsv, "xes": _xes, "event_log": _csv, "dsfinvk": _csv}
