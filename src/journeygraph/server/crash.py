"""Why the server ended while it was starting: its logs' last words as one sentence.

The logs are those of this start alone: `launch` puts the earlier ones aside.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from journeygraph.server.layout import Layout

_PORT_TAKEN: Final = r"Address .*already in use|BindException"
_MEANINGS: Final = (
    (
        _PORT_TAKEN,
        "another program took its port at the same moment: run `journeygraph db start` again",
    ),
    (
        r"OutOfMemoryError|Could not reserve enough|insufficient memory|Cannot allocate memory|Too small maximum",
        "the machine has not enough memory for it: end other programs, or set JOURNEYGRAPH_NEO4J_HEAP and "
        "JOURNEYGRAPH_NEO4J_PAGE_CACHE (now {heap} and {page_cache}) to what is free",
    ),
    (
        r"UnsupportedClassVersionError|Unrecognized VM option",
        "the Java that runs it is of the wrong version: leave JOURNEYGRAPH_JAVA unset",
    ),
    (r"No space left on device|Disk quota exceeded", "the disk of {base} is full: make room there"),
    (
        r"StoreLockException|FileLockException|Lock file has been locked|OverlappingFileLock",
        "another Neo4j is using its data in {data}: stop that one first",
    ),
    (
        r"newer version|downgrade|UpgradeNotAllowed|Unknown store version",
        "its data in {data} was written by another version: set JOURNEYGRAPH_NEO4J_VERSION to that one",
    ),
    (r"Permission denied|AccessDeniedException", "it may not write in {base}: make that folder writable for this user"),
)
_TAIL_BYTES = 40_000


def is_port_taken(layout: Layout) -> bool:
    """True where another program took one of its ports."""
    return re.search(_PORT_TAKEN, _tail(layout)) is not None


def sentence(layout: Layout, heap: str, page_cache: str) -> str:
    """What happened and what to do, from the logs in the layout's folder."""
    text = _tail(layout)
    for pattern, meaning in _MEANINGS:
        if re.search(pattern, text, re.IGNORECASE):
            cause = meaning.format(base=layout.base, data=layout.data, heap=heap, page_cache=page_cache)
            return f"Neo4j {layout.version} did not start: {cause}. Its log is {layout.log}."
    errors = [line.strip() for line in text.splitlines() if re.search(r"ERROR|Exception|Error:", line)]
    said = f" It said: {errors[-1][:300]}" if errors else " It said nothing."
    return f"Neo4j {layout.version} ended while it was starting; its log is {layout.log}.{said}"


def _tail(layout: Layout) -> str:
    return f"{_end_of(layout.console_log)}\n{_end_of(layout.log)}"


def _end_of(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            opened.seek(max(0, file.stat().st_size - _TAIL_BYTES))
            return opened.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
