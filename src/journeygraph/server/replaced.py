"""Another folder of databases in the place of the present one: whole, or not at all.

`<base>/data.new` is a folder that is to take the place of `<base>/data`.  Whoever starts the server completes that
first, so it does not matter when the command that put it there was killed.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from journeygraph.server.layout import Layout


def put(layout: Layout, folder: Path) -> None:
    """Let this folder (on the same disk) be the databases from now on; the server must be down."""
    folder.replace(_new(layout))
    complete(layout)


def complete(layout: Layout) -> None:
    """Take up where a replacement was interrupted; nothing to do where there was none."""
    old = layout.data.with_name("data.old")
    if _new(layout).exists():
        if layout.data.exists():
            shutil.rmtree(old, ignore_errors=True)
            layout.data.replace(old)
        _new(layout).replace(layout.data)
        for log in layout.logs.glob("*"):  # what was said about the former data
            if log.is_file():
                log.unlink()
    shutil.rmtree(old, ignore_errors=True)


def _new(layout: Layout) -> Path:
    return layout.data.with_name("data.new")
