"""Commands about one customer: their journey, and why their touchpoints are theirs."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the commands `journey` and `identity`."""
