"""The page: one file that needs nothing else, drawn by Jinja with everything escaped that is not markup of ours."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from journeygraph.report import formats, tables
from journeygraph.report.model import Report
from journeygraph.report.views import page

#: Characters of a table that the page still carries inside.
LARGEST_INSIDE: Final = 1_000_000


def render(report: Report) -> str:
    """The whole page."""
    files = {name: text for name, text in tables.files(report).items() if name in tables.BEHIND_PICTURES}
    return drawn("report.html.j2", page.view(report), files)


def drawn(template: str, shown: object, files: Mapping[str, str]) -> str:
    """A page of a template, which sees `shown` as `page` and the files (CSV) that aren't too large as links in `csv`.

    Its Content-Security-Policy allows its own style and its own script, by hash, and nothing else: no request
    leaves the page, and text from the data that looked like markup would still not run.
    """
    style, script = _part("report.css"), _part("report.js")
    return (
        _environment()
        .get_template(template)
        .render(
            page=shown,
            csv={name: _data_uri(text) for name, text in files.items() if len(text) <= LARGEST_INSIDE},
            style=Markup(style),  # noqa: S704 - files of this package
            script=Markup(script),  # noqa: S704
            style_hash=_hash(style),
            script_hash=_hash(script),
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("journeygraph.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["count"] = formats.count
    environment.filters["shortened"] = formats.shortened
    return environment


@cache
def _part(name: str) -> str:
    return (resources.files("journeygraph.report") / "templates" / name).read_text(encoding="utf-8")


def _data_uri(text: str) -> str:
    """A CSV file inside the page: the same bytes as the file beside it, which a page that was mailed has not."""
    return "data:text/csv;charset=utf-8;base64," + base64.b64encode(text.encode()).decode()


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
