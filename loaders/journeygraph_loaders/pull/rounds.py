"""Pulls that bring parts of a source whole, such as days that are corrected later: what a part lacks is set aside.

A round is what one such pull reads, from its beginning to its end.  A pull that is ended in its middle leaves its round
open: the next one goes on with it, and only at the end of the round is anything replaced.  So a part counts as whole
only once all of it was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from journeygraph.errors import InputError
from journeygraph.graph import Graph
from journeygraph_loaders.mapping import Section
from journeygraph_loaders.pull.declared import Pull
from journeygraph_loaders.replacing import Replacement

_KEY: Final = "round"
#: What a state says of the middle of a pull, or of rows that the next one needn't read: a new round reads them again.
_OF_ONE_PULL: Final = ("known", "next", "greatest")


class Round:
    """A round under way: `replacement` notes what it reads, `begins` is the state from which the pages are read."""

    def __init__(self, declared: Pull, section: Section, kept: Mapping[str, Any], batch_id: str) -> None:
        """Go on with the round that the state holds, or begin one.

        Raises `InputError` where the pull's pages cannot hold whole parts, or its open round replaces something else.
        """
        self.property = str(declared.replaces)
        _refuse_pieces(declared, section)
        refuse_other_round(declared, kept)
        held = kept.get(_KEY)
        self.replacement = Replacement(self.property, held["load"] if held else batch_id)
        if held:
            self.replacement.parts |= {source: set(values) for source, values in held["parts"].items()}
        self.begins = {
            name: value for name, value in kept.items() if name != _KEY and (held or name not in _OF_ONE_PULL)
        }

    def kept(self) -> dict[str, Any]:
        """What the state has to hold while the round is open."""
        parts = {source: sorted(values, key=repr) for source, values in self.replacement.parts.items()}
        return {_KEY: {"property": self.property, "load": self.replacement.batch_id, "parts": parts}}

    def end(self, graph: Graph) -> tuple[int, int]:
        """Replace: how many touchpoints are set aside, and how many count again."""
        return self.replacement.apply(graph)


def without_round(kept: Mapping[str, Any]) -> dict[str, Any]:
    """A state whose round is over."""
    return {name: value for name, value in kept.items() if name != _KEY}


def refuse_other_round(declared: Pull, kept: Mapping[str, Any]) -> None:
    """Raise `InputError` where an open round replaces something else than the pull that is to go on with it."""
    held = kept.get(_KEY)
    if held and held["property"] != declared.replaces:
        raise InputError(
            f"The pull {declared.name} was ended in the middle of one that replaces {held['property']}: give "
            f"--replaces {held['property']} to complete it, or --again to begin from the start."
        )


def _refuse_pieces(declared: Pull, section: Section) -> None:
    """Rows that are read because they changed are no whole parts; those from one part on are."""
    by = declared.sql.cursor if declared.sql else _since(declared)
    column = _column_of(section, str(declared.replaces))
    if by is not None and by != column:
        raise InputError(
            f"The pull {declared.name} reads what is new by {by}, so the rows of one {declared.replaces} needn't come "
            f"together, and what is missing isn't gone: with --replaces {declared.replaces} it has to go on by "
            f"{column}, or to read everything."
        )


def _since(declared: Pull) -> str | None:
    since = declared.http.since if declared.http else None
    return None if since is None else since.field or str(since.answer)


def _column_of(section: Section, wanted: str) -> str:
    """The column that a property comes from."""
    name = wanted.removeprefix("p_")
    rule = section.properties.get(name) if isinstance(section.properties, dict) else None
    return rule.column if rule is not None and rule.column else name
