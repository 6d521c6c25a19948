"""Files that the product wrote and that may name a person: reports, states of schedules, models, kept answers.

JSON is rewritten (members that name the person are left out, texts are made anonymous); a model is deleted, since a
part of it means nothing, and so is any other file: `journeygraph report` and `journeygraph intent train` make them
anew.
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from journeygraph.answers import Answer
from journeygraph.privacy import written
from journeygraph.privacy.needles import Needles

#: What of the home folder is looked at elsewhere, or says nothing about customers.
_OTHER = ("quarantine", "privacy", "purge", "keys.json", "keys.lock")
#: What a bulk load that was killed has left: in no form that can be searched, and of no use where people are stored.
_LEFT = Path("bulk") / "work"


class TouchedFile(Answer):
    """A file that named the person, and what became of it: `rewritten` or `deleted`."""

    file: str
    became: str


def find(home: Path, needles: Needles) -> list[Path]:
    """The files that name the person."""
    return [path for path in owned(home) if _names(path, needles)]


def erase(home: Path, needles: Needles) -> list[TouchedFile]:
    """Rewrite or delete those files; which they were, each name without the identifiers."""
    touched = []
    if (home / _LEFT).is_dir():
        shutil.rmtree(home / _LEFT)
        touched.append(TouchedFile(file=str(_LEFT), became="deleted"))
    for path in find(home, needles):
        became = "deleted"
        if path.suffix == ".json" and "models" not in path.relative_to(path.anchor).parts:
            became = _rewritten(path, needles)
        if became == "deleted":
            path.unlink()
            _forget_model(path)
        shown = path.relative_to(home) if path.is_relative_to(home) else path
        touched.append(TouchedFile(file=str(needles.without(str(shown))), became=became))
    return touched


def owned(home: Path) -> Iterator[Path]:
    """Every file of the home folder but the database's, and every file of the reports and exports that it knows."""
    if home.is_dir():
        for entry in sorted(home.iterdir()):
            if entry.name not in _OTHER and not entry.name.startswith("neo4j-"):
                yield from _walk(entry)
    yield from (path for path in reported(home) if not path.is_relative_to(home))


def reported(home: Path) -> Iterator[Path]:
    """Every file of the reports and exports that the home folder knows, wherever they lie."""
    return written.every(home)


def _walk(entry: Path) -> Iterable[Path]:
    return [entry] if entry.is_file() else sorted(path for path in entry.rglob("*") if path.is_file())


def _names(path: Path, needles: Needles) -> bool:
    try:
        content = content_of(path)
    except OSError:
        return False
    if not (needles.in_bytes(content) or needles.in_text(path.name)):
        return False
    if path.suffix == ".json":
        try:
            return needles.in_value(json.loads(content))  # a figure is no identifier
        except ValueError:
            return True
    return True


def content_of(path: Path) -> bytes:
    """What a file holds; of an archive what it has packed."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as packed:
        return b"\n".join(packed.read(name) for name in packed.namelist())


def _rewritten(path: Path, needles: Needles) -> str:
    try:
        document = json.loads(path.read_bytes())
    except ValueError:
        return "deleted"
    fresh = path.with_name(f".{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, path.stat().st_mode & 0o777)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(json.dumps(needles.without(document), ensure_ascii=False, indent=2) + "\n")
    fresh.replace(path)
    return "rewritten"


def _forget_model(path: Path) -> None:
    """Notes of a goal's current model that name the deleted one go with it."""
    if "models" in path.parts and path.suffix == ".json":
        for note in path.parent.glob("current*"):
            if note.read_text(encoding="utf-8").strip() == path.stem:
                note.unlink()
