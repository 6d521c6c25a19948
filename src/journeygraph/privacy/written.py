"""Files that commands wrote where somebody wanted them: reports, exports, tables; an erasure looks into them, too.

`<home>/written` has a card for each folder, with the names of the files in it.  What is copied elsewhere, and what a
shell wrote of a command's output, nobody knows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from filelock import FileLock


def note(home: Path, folder: Path, names: Iterable[str]) -> None:
    """Remember files of a folder, beside those that were written there before."""
    cards = home / "written"
    cards.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = folder.absolute()
    card = cards / f"{hashlib.sha256(str(folder).encode('utf-8', 'surrogateescape')).hexdigest()[:16]}.json"
    with FileLock(cards / "written.lock"):
        known = next(iter(_read([card])), (folder, []))[1]
        there = sorted({*names, *(name for name in known if any(path.is_file() for path in _beside(folder / name)))})
        fresh = card.with_suffix(".new")
        fresh.write_text(json.dumps({"folder": str(folder), "files": there}) + "\n", encoding="utf-8")
        fresh.replace(card)


def note_file(home: Path, path: Path) -> None:
    """Remember one file."""
    note(home, path.absolute().parent, [path.name])


def every(home: Path) -> Iterator[Path]:
    """Every such file that is there, half written ones too; those that only a list of reports knows as well."""
    cards = [card for room in ("written", "reports") for card in sorted((home / room).glob("*.json"))]
    found = dict.fromkeys(path for folder, names in _read(cards) for name in names for path in _beside(folder / name))
    return (path for path in found if path.is_file())


def _beside(path: Path) -> tuple[Path, Path]:
    """A file, and what a process that was killed while it wrote it has left."""
    return path, path.with_name(f".{path.name}.new")


def _read(cards: Iterable[Path]) -> Iterator[tuple[Path, list[str]]]:
    for card in cards:
        try:
            told = json.loads(card.read_text(encoding="utf-8"))
            yield Path(told["folder"]), [str(name) for name in told["files"]]
        except (OSError, ValueError, KeyError, TypeError):
            continue
