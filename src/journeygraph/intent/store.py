"""Where trained models lie: one JSON file a version, none ever overwritten, and a note of the current one."""

from __future__ import annotations

import os
import re
from pathlib import Path

from pydantic import ValidationError

from journeygraph.errors import UsageError
from journeygraph.intent.model import IntentModel

_VERSION = re.compile(r"[0-9a-f]{8,64}")


def save(model: IntentModel, home: Path) -> Path:
    """Keep the model and make it the current one; the same version is the same file."""
    folder = _folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{model.version}.json"
    _replace(path, model.model_dump_json(indent=1) + "\n")
    _replace(folder / "current", model.version + "\n")
    return path


def load(home: Path, version: str | None = None) -> IntentModel:
    """The model of a version, by default the current one.

    Raises `UsageError` where there is none yet, or none of that version, or its file was damaged.
    """
    folder = _folder(home)
    if version is None:
        try:
            version = (folder / "current").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise UsageError("There is no intent model yet: train first, with `journeygraph intent train`.") from None
    path = folder / f"{version}.json"
    if not _VERSION.fullmatch(version) or not path.is_file():
        kept = ", ".join(versions(home)) or "none"
        raise UsageError(f"There is no intent model of version {version!r}; there are: {kept}.")
    try:
        return IntentModel.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise UsageError(
            f"The intent model {path} cannot be read ({error.error_count()} fields): train it again with "
            "`journeygraph intent train`."
        ) from error


def versions(home: Path) -> list[str]:
    """All versions that are kept, sorted."""
    return sorted(path.stem for path in _folder(home).glob("*.json"))


def use(home: Path, version: str) -> IntentModel:
    """Make a kept version the current one again; raises `UsageError` as `load`."""
    model = load(home, version)
    _replace(_folder(home) / "current", model.version + "\n")
    return model


def current(home: Path) -> str | None:
    """The current version; None where nothing was trained yet."""
    path = _folder(home) / "current"
    return path.read_text(encoding="utf-8").strip() if path.is_file() else None


def _folder(home: Path) -> Path:
    return home / "models" / "intent"


def _replace(path: Path, text: str) -> None:
    """Write beside and rename, so that a reader never sees half a model."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
