"""How commands speak: one JSON document or readable text on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape
from rich.table import Table

JsonFlag = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, nothing else there.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="T", help="Only what the system knew at this instant (ISO 8601 with offset)."),
]

#: A file or pipe has no width: a table there must not lose what doesn't fit a screen.
_WIDE = None if sys.stdout.isatty() else 240
# Names are shown as they are: `pull:m:` has no emoji in it.
stdout = Console(highlight=False, emoji=False, width=_WIDE)
stderr = Console(stderr=True, highlight=False, emoji=False)


def emit(answer: BaseModel | dict[str, Any], as_json: bool, human: Callable[[], None]) -> None:
    """Print the answer as JSON, or call `human` to print it for a person."""
    if not as_json:
        if asked_for := getattr(answer, "asked_for", None):
            say(f"{asked_for} is part of {getattr(answer, 'customer_id', 'another customer')}.")
        if withheld := getattr(answer, "withheld", None):
            who = "customer" if withheld.customers == 1 else "customers"
            say(f"Left out, for consent to analytics was withdrawn: {withheld.customers:,} {who}.")
        human()
        return
    document = answer.model_dump(mode="json") if isinstance(answer, BaseModel) else answer
    text = json.dumps(document, ensure_ascii=False, indent=2, default=str, allow_nan=False)
    # Half a character (bytes that are no text, in a bad row) can only be written as JSON's own escape.
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode() + "\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; whatever a customer could have typed is shown as typed, never as markup."""
    shown = Table(title=escape(title), title_justify="left")
    for column in columns:
        shown.add_column(escape(column))
    for row in rows:
        shown.add_row(*(escape("" if cell is None else str(cell)) for cell in row))
    stdout.print(shown)


def say(sentence: str) -> None:
    """Tell a person something that is not the answer (standard error)."""
    stderr.print(escape(sentence), soft_wrap=True)


def left_out(currencies: Sequence[str]) -> str:
    """What a title says of values in several currencies.

    >>> left_out(["EUR"]), left_out(["EUR", "JPY"])
    ('', '; value is left out: conversions are in EUR, JPY')
    """
    return f"; value is left out: conversions are in {', '.join(currencies)}" if len(currencies) > 1 else ""


def share(value: float | None) -> str:
    """A share as percent.

    >>> share(0.1234)
    '12.3 %'
    """
    return "" if value is None else f"{value:.1%}".replace("%", " %")


def span(seconds: float | None) -> str:
    """A duration in its largest unit.

    >>> span(5400.0), span(2.5)
    ('1.5 h', '2.5 s')
    """
    if seconds is None:
        return ""
    for unit, size in (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s"
