"""Which of the files that a command names are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from journeygraph.errors import InputError
from journeygraph_loaders import sources
from journeygraph_loaders.columns import resolve
from journeygraph_loaders.files import expand, is_empty, looks_like_data
from journeygraph_loaders.mapping import Mapping, Section
from journeygraph_loaders.sources.sample import of

_SHOWN: Final = 5


def chosen_files(
    paths: Sequence[str | Path], mapping: Mapping, say: Callable[[str], None]
) -> list[tuple[Path, Section]]:
    """The files to read, each with what the mapping declares for it; the others are named to `say`.

    Tables about customers are none of them (see `describing`); an empty file is left out where others are not, so that
    a folder of exports has room for a day without any.  Of a folder all files are looked at: one whose name doesn't say
    that it is data is read where its content, or the mapping, does.  Raises `InputError` where nothing is left.
    """
    chosen: list[tuple[Path, Section]] = []
    lookups = [lookup.file for lookup in mapping.lookups.values()]
    described = False
    found, others = files_of(paths, mapping)
    if others:
        shown = ", ".join(str(path) for path in others[:_SHOWN])
        more = f" and {len(others) - _SHOWN:,} more" if len(others) > _SHOWN else ""
        say(f"Left out, as nothing in them looks like touchpoints: {shown}{more}.")
    for path in found:
        section = mapping.for_file(path)
        if section is None or section.ignore is not None:
            why = section.ignore if section else None
            looked_up = any(path.match(pattern) for pattern in lookups)
            why = why or ("a table that others look up" if looked_up else "no entry under `files:` has its name")
            say(f"{path} is left out: {why}.")
        elif section.describes is None:
            chosen.append((path, section))
        else:
            described = True
    if not chosen and not described:
        raise InputError(
            f"The mapping {mapping.name} is for files named {', '.join(mapping.files)}; none of the given files is."
        )
    empty = {path for path, _ in chosen if is_empty(path)}
    if len(empty) == len(chosen):
        return chosen  # to be refused when they are opened
    for path in sorted(empty):
        say(f"{path} is left out: it is empty.")
    return [(path, section) for path, section in chosen if path not in empty]


def files_of(paths: Sequence[str | Path], mapping: Mapping) -> tuple[list[Path], list[Path]]:
    """The files that paths, folders and globs name, and what lies in the folders beside them.

    Raises `InputError` for a path that names nothing.
    """
    others: list[Path] = []

    def is_data(path: Path) -> bool:
        holds = _is_declared if mapping.files else _holds_touchpoints
        if looks_like_data(path) or holds(path, mapping):
            return True
        others.append(path)
        return False

    return expand(paths, is_data), others


def _is_declared(path: Path, mapping: Mapping) -> bool:
    section = mapping.for_file(path)
    return section is not None and section.ignore is None


def _holds_touchpoints(path: Path, mapping: Mapping) -> bool:
    """Whether the beginning of a file is that of a known source, or of a table with the columns that are needed."""
    section = mapping.for_file(path) or Section()
    try:
        opened, source, _ = sources.open_as(path, "auto", section)
        with closing(opened):
            return source is not None or not resolve(sorted(of(opened, ()).columns), section, str(path)).missing
    except InputError:
        return False
