"""Room on the disk, asked before it is needed and explained where it ran out."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from journeygraph.errors import ServerError


def require(folder: Path, size: int, setting: str) -> None:
    """Raise `ServerError` unless `size` bytes are free where `folder` is or will be."""
    existing = folder
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free
    if free < size:
        raise ServerError(
            f"The disk of {folder} has {_megabytes(free)} free and {_megabytes(size)} are needed: "
            f"make room there, or set {setting} to a folder on another disk."
        )


@contextmanager
def explained(folder: Path, setting: str) -> Iterator[None]:
    """Turn a full disk or a folder that can't be written into a `ServerError` that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ServerError(
                f"The disk of {folder} is full: make room there, or set {setting} to a folder on another disk, "
                "and run the command again; what is already there is kept."
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise ServerError(
                f"{error.filename or folder} cannot be written: make {folder} writable for this user, "
                f"or set {setting} to another folder."
            ) from error
        raise


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
