"""A report as files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal, get_args

from journeygraph.answers import Answer
from journeygraph.errors import UsageError
from journeygraph.report import html, markdown, tables
from journeygraph.report.identity import identity as of_text
from journeygraph.report.model import Report

Format = Literal["html", "json", "md", "csv"]
FORMATS: tuple[Format, ...] = get_args(Format)


class Written(Answer):
    """What was written: the report's id and its files, in `folder`."""

    id: str
    title: str
    as_of: str | None
    data_end: str | None
    findings: int
    folder: str
    files: tuple[str, ...]


def document(report: Report) -> str:
    """report.json: every figure with its statement."""
    return json.dumps(report.model_dump(mode="json"), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def identity(report: Report) -> str:
    """Id of a report: a hash of its content, so the same figures have the same id."""
    return of_text(document(report))


def write(
    report: Report,
    folder: Path,
    formats: Sequence[Format] = FORMATS,
    before: Callable[[Path, Iterable[str]], None] = lambda _folder, _names: None,
) -> Written:
    """Write the files of these formats into a folder, which is created; a file is replaced whole or not at all.

    `before` is told of them: what is killed while it writes must be found, too.  The same report gives the same bytes.
    Raises `UsageError` where the folder cannot be written to.
    """
    contents: dict[str, str] = {}
    if "html" in formats:
        contents["report.html"] = html.render(report)
    if "json" in formats:
        contents["report.json"] = document(report)
    if "md" in formats:
        contents["report.md"] = markdown.render(report)
    if "csv" in formats:
        contents |= tables.files(report)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        before(folder.absolute(), contents)
        for name, content in contents.items():
            fresh = folder / f".{name}.new"
            fresh.write_text(content, encoding="utf-8", newline="")
            fresh.replace(folder / name)
    except OSError as error:
        raise UsageError(f"The report cannot be written to {folder}: {error.strerror or error}.") from error
    return Written(
        id=identity(report),
        title=report.title,
        as_of=report.as_of,
        data_end=report.data_end,
        findings=len((report.gaps.answer or {}).get("findings", [])),
        folder=str(folder.absolute()),
        files=tuple(contents),
    )


def chosen(text: str) -> tuple[Format, ...]:
    """The formats of `--formats`, in their usual order.

    >>> chosen("md, html")
    ('html', 'md')
    """
    wanted = {part.strip() for part in text.split(",") if part.strip()}
    if not wanted or wanted - set(FORMATS):
        raise UsageError(f"--formats {text!r} must be a list of {', '.join(FORMATS)}, separated by commas.")
    return tuple(name for name in FORMATS if name in wanted)
