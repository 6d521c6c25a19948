"""Formats of what companies really have, one file each, and the recognition of a file's format by what is in it.

base, reading, json_document    what a source is; its records and rows, with the line of each
segment, ga4, ...               one documented format each; columns to fields and steps in `mappings/<name>.yaml`
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic_core import from_json

from journeygraph.answers import Answer
from journeygraph.errors import InputError
from journeygraph_loaders import mapping as mappings
from journeygraph_loaders.files import FORMATS as CONTAINERS
from journeygraph_loaders.files import Opened, one_array, one_document, open_file
from journeygraph_loaders.mapping import FIELDS, ColumnRule, Section
from journeygraph_loaders.sources import (
    cloudevents,
    dsfinvk,
    event_log,
    ga4,
    mailchimp,
    mastodon,
    matomo,
    posthog,
    segment,
    sendgrid,
    shopify,
    snowplow,
    xes,
    zendesk,
)
from journeygraph_loaders.sources.base import Sample, Source
from journeygraph_loaders.sources.sample import of

#: Asked in this order: those whose marks are unmistakable first.
SOURCES: Final = (
    snowplow.SOURCE, xes.SOURCE, dsfinvk.SOURCE, ga4.SOURCE, cloudevents.SOURCE, sendgrid.SOURCE, mailchimp.SOURCE,
    matomo.SOURCE, shopify.SOURCE, zendesk.SOURCE, mastodon.SOURCE, posthog.SOURCE, segment.SOURCE, event_log.SOURCE,
)  # fmt: skip
BY_NAME: Final = {source.name: source for source in SOURCES}
#: What `--format` takes.
FORMATS: Final = (*CONTAINERS, *BY_NAME)
#: A mapping that says both is of a table, whatever the file looks like.
_WHOLE: Final = frozenset({"step", "occurred_at"})


class FileFormat(Answer):
    """What a file is read as, and why."""

    file: str
    format: str
    reason: str


def open_as(path: Path, wanted: str, section: Section) -> tuple[Opened, Source | None, FileFormat]:
    """Open a file as the format asked for, or as what it is; the source is None for a touchpoint table.

    Raises `InputError` where it cannot be read, or is no touchpoint table and none of the known sources.
    """
    if wanted not in FORMATS:
        raise InputError(f"--format {wanted!r} is not known; there are: {', '.join(FORMATS)}.")
    forced = BY_NAME.get(wanted)
    opened = open_file(path, "auto" if forced else wanted, section.encoding, documents=True)
    if forced or wanted != "auto":
        return opened, forced, FileFormat(file=str(path), format=wanted, reason="asked for with --format")
    try:
        source, reason = _recognised(opened, section)
        name = source.name if source else opened.format
        return opened, source, FileFormat(file=str(path), format=name, reason=reason)
    except BaseException:
        opened.close()
        raise


def formats(files: Iterable[tuple[Path, Section]], wanted: str) -> list[FileFormat]:
    """What files are read as, and why; those that cannot be read are left out."""
    found: list[FileFormat] = []
    for path, section in files:
        with suppress(InputError):
            opened, _, form = open_as(path, wanted, section)
            opened.close()
            found.append(form)
    return found


def _recognised(opened: Opened, section: Section) -> tuple[Source | None, str]:
    told = {name for name, rule in section.columns.items() if rule is not None}
    if opened.format in ("csv", "jsonl", "parquet") and (told >= _WHOLE or section.explode):
        return None, f"its content is {opened.format}, and the mapping says which columns are step and occurred_at"
    sample = of(opened, tuple(key for source in SOURCES for key in source.envelopes))
    for source in SOURCES:
        if reason := source.recognise(sample):
            return source, reason
    if mostly := _mostly(sample):
        return mostly
    if opened.format == "xml":
        raise InputError(
            f"The file {opened.path} is XML and no event log: of XML, XES with a <log> of traces is read (OCEL is not)."
        )
    if opened.format == "json":
        if sample.text.lstrip().startswith("["):
            raise one_array(opened.path)
        if not _has_objects_on_lines(sample.text):
            raise one_document(opened.path)
        opened.format = "jsonl"
    return None, f"its content is {opened.format}, and no known source has such fields: the touchpoint table"


def _mostly(sample: Sample) -> tuple[Source, str] | None:
    """The source of at least half of the records: one that is odd, or broken, doesn't make a file another's."""
    found: tuple[Source, str] | None = None
    most = max(1, (len(sample.records) + 1) // 2) - 1
    for source in SOURCES:
        own = [record for record in sample.records if source.recognise(sample.only([record]))]
        if len(own) > most and (reason := source.recognise(sample.only(own))):
            most, found = len(own), (source, f"of the first {len(sample.records)} records {len(own)} are so: {reason}")
    return found


def _has_objects_on_lines(text: str) -> bool:
    """Whether most lines are a JSON object each, so that what begins like a document is a broken line.

    >>> _has_objects_on_lines('{"a":\\n{"a": 1}\\n{"a": 2}'), _has_objects_on_lines('{\\n"a": 1,\\n"b": 2\\n}')
    (True, False)
    """
    lines = [line for line in map(str.strip, text.split("\n")) if line]
    return len(lines) == 1 or 2 * sum(map(_is_object, lines)) >= len(lines)


def _is_object(line: str) -> bool:
    try:
        return isinstance(from_json(line), dict)
    except ValueError:
        return False


def section_for(source: Source, given: Section) -> Section:
    """What the source's shipped mapping declares, changed by what the given one does.

    A field that neither names is taken from no column: a source's columns are known.
    """
    shipped = mappings.load(source.name)
    defaults = {name: field.get_default(call_default_factory=True) for name, field in Section.model_fields.items()}
    own = {name: getattr(shipped, name) for name in defaults}
    own |= {name: getattr(given, name) for name, default in defaults.items() if getattr(given, name) != default}
    columns: dict[str, ColumnRule | None] = dict.fromkeys(FIELDS)
    own["columns"] = columns | shipped.columns | given.columns
    own["steps"] = given.steps + shipped.steps
    own["stages"] = {**shipped.stages, **given.stages}
    own["channels"] = {**shipped.channels, **given.channels}
    own["drop"] = (*shipped.drop, *given.drop)
    return Section.model_construct(**own)
