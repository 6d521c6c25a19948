"""The same report as Markdown: for a ticket, a wiki or a mail."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from journeygraph.report.model import Report
from journeygraph.report.views import page

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~$])")
_LINE_START = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s|$)")
_BREAKS = re.compile(r"[\r\n\t\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")


def fence(text: str) -> Markup:
    """Text as a code block: shown as it is, between marks that it cannot close.

    >>> print(fence("RETURN 1"))
    ```cypher
    RETURN 1
    ```
    """
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    mark = "`" * max(3, longest + 1)
    return Markup(f"{mark}cypher\n{text.rstrip()}\n{mark}")  # noqa: S704 - Markdown, and nothing in it is markup


def escape(value: Any) -> Markup:
    """A value as text in which nothing is markup, on one line; what is markup already stays.

    >>> print(escape("a|b <script> *c*"))
    a\\|b \\<script\\> \\*c\\*
    """
    if isinstance(value, Markup):
        return value
    flat = _SPECIAL.sub(r"\\\1", _BREAKS.sub(" ", str(value))).replace("&", "&amp;")
    return Markup(_LINE_START.sub(r"\1\\\2", flat))  # noqa: S704


def render(report: Report) -> str:
    """The whole document."""
    text = _environment().get_template("report.md.j2").render(page=page.view(report))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


@cache
def _environment() -> Environment:
    """Every expression goes through `escape`; autoescape only keeps macros' results as they are."""
    environment = Environment(
        loader=PackageLoader("journeygraph.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=escape,
    )
    environment.filters["fence"] = fence
    return environment
