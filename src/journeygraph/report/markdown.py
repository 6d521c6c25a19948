"""The same report as Markdown: for a ticket, a wiki or a mail."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from journeygraph.report.model import Report
from journeygraph.report.views import page

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~$])")
_LINE_START = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s|$)")
_BREAKS = re.compile(r"[\r\n\t\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")


class Fence(str):
    """Text for a fenced block: shown as it is, in a fence that it cannot close."""

    def __str__(self) -> str:
        longest = max((len(run) for run in re.findall(r"`+", self[:])), default=0)
        fence = "`" * max(3, longest + 1)
        return f"{fence}cypher\n{self[:].rstrip()}\n{fence}"


def escape(value: Any) -> Any:
    """Text in which nothing is markup, on one line.

    >>> escape("a|b <script> *c*")
    'a\\\\|b \\\\<script\\\\> \\\\*c\\\\*'
    """
    if isinstance(value, Fence) or not isinstance(value, str):
        return value
    flat = _SPECIAL.sub(r"\\\1", _BREAKS.sub(" ", value))
    return _LINE_START.sub(r"\1\\\2", flat).replace("&", "&amp;")


def render(report: Report) -> str:
    """The whole document."""
    text = _environment().get_template("report.md.j2").render(page=page.view(report))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


@cache
def _environment() -> Environment:
    # Not HTML: `escape` is what makes every expression safe in Markdown.
    environment = Environment(  # noqa: S701
        loader=PackageLoader("journeygraph.report"), undefined=StrictUndefined, trim_blocks=True, finalize=escape
    )
    environment.filters["fence"] = Fence
    return environment
