"""Where trained models lie: one JSON file a version, none ever overwritten, and a note of each goal's current one."""

from __future__ import annotations

import hashlib
import os
import re
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from journeygraph.errors import UsageError
from journeygraph.intent.features.goals import CONVERSION
from journeygraph.intent.models.model import IntentModel

_VERSION = re.compile(r"[0-9a-f]{8,64}")


def save(model: IntentModel, home: Path) -> Path:
    """Keep the model and make it its goal's current one; the same version is the same file."""
    folder = _folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{model.version}.json"
    _replace(path, model.model_dump_json(indent=1) + "\n")
    _replace(_note(home, model.goal), model.version + "\n")
    return path


def load(home: Path, version: str | None = None, goal: str = CONVERSION) -> IntentModel:
    """The model of a version, by default the goal's current one.

    Raises `UsageError` where there is none yet, or none of that version, or its file was damaged.
    """
    version = version or current(home, goal)
    if version is None:
        option = "" if goal == CONVERSION else f" --goal {goal}"
        of_goal = "" if goal == CONVERSION else f" of the goal {goal!r}"
        raise UsageError(
            f"There is no intent model{of_goal} yet: train first, with `journeygraph intent train{option}`."
        )
    path = _folder(home) / f"{version}.json"
    if not _VERSION.fullmatch(version) or not path.is_file():
        kept = ", ".join(versions(home)) or "none"
        raise UsageError(f"There is no intent model of version {version!r}; there are: {kept}.")
    try:
        return _read(path, path.stat().st_mtime_ns)
    except ValidationError as error:
        raise UsageError(
            f"The intent model {path} cannot be read ({error.error_count()} fields): train it again with "
            "`journeygraph intent train`."
        ) from error


@lru_cache(maxsize=8)
def _read(path: Path, changed_ns: int) -> IntentModel:  # noqa: ARG001
    """The model of a file as it stands since it was last changed: read once."""
    return IntentModel.model_validate_json(path.read_bytes())


def versions(home: Path) -> list[str]:
    """All versions that are kept, sorted."""
    return sorted(path.stem for path in _folder(home).glob("*.json"))


def goals(home: Path) -> list[str]:
    """The goals that have a model, and conversion, which always may have one."""
    return sorted({CONVERSION, *(load(home, version).goal for version in versions(home))})


def use(home: Path, version: str) -> IntentModel:
    """Make a kept version its goal's current one again; raises `UsageError` as `load`."""
    model = load(home, version)
    _replace(_note(home, model.goal), model.version + "\n")
    return model


def current(home: Path, goal: str = CONVERSION) -> str | None:
    """The current version of a goal; None where nothing was trained for it yet."""
    path = _note(home, goal)
    return path.read_text(encoding="utf-8").strip() if path.is_file() else None


def _note(home: Path, goal: str) -> Path:
    """The note of a goal's current version; a step may have any name, so a hash stands for it."""
    if goal == CONVERSION:
        return _folder(home) / "current"
    return _folder(home) / f"current-{hashlib.sha256(goal.encode()).hexdigest()[:16]}"


def _folder(home: Path) -> Path:
    return home / "models" / "intent"


def _replace(path: Path, text: str) -> None:
    """Write beside and rename, so that a reader never sees half a model."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
