"""XES, the standard of process mining's event logs (XML), and tables with its names.

Documented in IEEE Std 1849, "XES for Achieving Interoperability in Event Logs and Event Streams": a log of traces of
events, each with attributes `<string key="concept:name" value="..."/>`, and the extensions Concept, Time, Lifecycle,
Organizational and Identity.  In tables, as PM4Py writes them, a trace's attributes have the prefix `case:`; so they
have here.

A case (`case:concept:name`) is the customer.  A step is `concept:name`, with the lifecycle's transition unless that
is `complete`, so that the start of an activity isn't counted as its end.  XML with a document type or entities is
refused.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any, Final
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from journeygraph.errors import InputError
from journeygraph_loaders.chunks import BadRow
from journeygraph_loaders.files import Opened
from journeygraph_loaders.sources.base import Document, Flat, Record, Sample, Source, present

_BYTES: Final = 256 * 1024
_TYPES: Final = frozenset({"string", "date", "int", "float", "boolean", "id"})
CASE: Final = "case:"
#: The first element, whose names may have a prefix that stands for the namespace.
_LOG: Final = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?log[\s>]")
#: What OCEL, whose first element is called the same, lists its events and objects in.
_OBJECT_CENTRIC: Final = re.compile(r"<(?:events|objects|event-types|object-types)[\s/>]")
_DECLARED: Final = re.compile(rb"""\s*(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([^"'>]*)["']""")
#: By Python's names of them.
_ENCODINGS: Final = re.compile(r"ascii|utf-8|utf-16(-[lb]e)?|iso8859-\d+|cp(125\d|437|850|852|866)|koi8-[rtu]|mac-\w+")


def recognise(sample: Sample) -> str | None:
    """Why this is XES, or None."""
    if sample.format == "xml" and _LOG.search(sample.text) and not _OBJECT_CENTRIC.search(sample.text):
        return "it is XML with a <log> element, as XES has"
    if sample.has("case:concept:name", "concept:name", "time:timestamp"):
        return "it has the columns case:concept:name, concept:name and time:timestamp of XES in a table"
    return None


def read(opened: Opened) -> Iterator[Record | BadRow] | None:
    """The events of XML, trace by trace; None for a table."""
    return _events(opened) if opened.format == "xml" else None


def rows(event: Document, _: Document) -> Iterator[Flat]:
    """The touchpoint of an event."""
    name, transition = event.get("concept:name"), event.get("lifecycle:transition")
    ended = not transition or str(transition).lower() == "complete"
    yield present({**event, "step": name if ended or not name else f"{name} ({transition})"})


def _events(opened: Opened) -> Iterator[Record | BadRow]:
    _require_known_encoding(opened)
    handler = _Handler()
    parser = DefusedExpatParser(forbid_dtd=True)
    parser.setContentHandler(handler)
    handler.setDocumentLocator(parser)  # only `parse` does so by itself
    try:
        while block := opened.stream.read(_BYTES):
            parser.feed(block)
            yield from handler.taken()
        parser.close()
        yield from handler.taken()
    except DefusedXmlException as error:
        raise InputError(
            f"The file {opened.path} is refused: its XML declares a document type or entities, and XES has none "
            f"({error})."
        ) from error
    except SAXParseException as error:
        yield from handler.taken(unfinished=True)
        line = max(error.getLineNumber() or 1, 1)
        reason = f"From here on the file cannot be read as XML: {error.getMessage()}."
        yield BadRow(str(opened.path), line, None, None, reason, {"(line)": f"line {line}"}, whole=False)
    except SAXException as error:
        raise InputError(f"The file {opened.path} cannot be read as XML: {error}.") from error


def _require_known_encoding(opened: Opened) -> None:
    """Refuse what the parser would have Python look up, and cannot read."""
    declared = _DECLARED.match(opened.sample)
    if declared is None:
        return
    name = declared[1].decode("ascii", "backslashreplace")
    try:
        known = _ENCODINGS.fullmatch(codecs.lookup(name).name)
    except (LookupError, ValueError):
        known = None
    if known is None:
        raise InputError(
            f"The file {opened.path} declares the encoding {name[:40]!r}: UTF-8, UTF-16 and those of a byte a letter, "
            "such as ISO-8859-1, are read."
        )


class _Handler(ContentHandler):
    """Collects a trace's events until it ends, as its own attributes may stand after them."""

    def __init__(self) -> None:
        super().__init__()
        self._open: list[str] = []
        self._traces = 0
        self._case: dict[str, str] = {}
        self._event: dict[str, str] = {}
        self._waiting: list[tuple[int, dict[str, str]]] = []
        self._ready: list[Record | BadRow] = []

    def taken(self, *, unfinished: bool = False) -> list[Record | BadRow]:
        """What is ready; with `unfinished`, the events of a trace that doesn't end as well."""
        if unfinished:
            self._finish()
        ready, self._ready = self._ready, []
        return ready

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - the name is SAX's
        """An element begins."""
        name = name.rpartition(":")[2]
        parent = self._open[-1] if self._open else ""
        self._open.append(name)
        self._traces += name == "trace"
        if name == "event":
            self._event = {}
            self._waiting.append((self._line(), self._event))
        elif name in _TYPES and parent in ("trace", "event"):
            values = self._event if parent == "event" else self._case
            values[attrs.get("key", "")] = attrs.get("value", "")

    def endElement(self, name: str) -> None:  # noqa: N802 - the name is SAX's
        """An element ends."""
        name = name.rpartition(":")[2]
        self._open.pop()
        self._traces -= name == "trace"
        if name == "trace" or (name == "event" and not self._traces):
            self._finish()

    def _finish(self) -> None:
        case = {f"{CASE}{name}": value for name, value in self._case.items()}
        self._ready += [Record(line, {**case, **event}, {}) for line, event in self._waiting]
        self._waiting, self._case = [], {}

    def _line(self) -> int:
        locator: Any = self._locator  # type: ignore[attr-defined]
        return int(locator.getLineNumber() or 1)


SOURCE: Final = Source("xes", "XES event log", recognise, rows, read=read)
