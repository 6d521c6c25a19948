"""An environment with the packages that are measured against; nothing of the project depends on them."""

from __future__ import annotations

import subprocess
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def environment(python: str | None, folder: Path, *packages: str) -> Iterator[str]:
    """The interpreter of an environment with these packages, made for this run where none is given."""
    if python:
        yield python
        return
    place = folder / "peers"
    venv.create(place, with_pip=True)
    made = str(place / "bin" / "python")
    subprocess.run([made, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages], check=True)
    yield made
