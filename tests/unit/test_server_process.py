"""Whether a process is the server of a folder."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from journeygraph.server import process
from journeygraph.server.layout import Layout
from journeygraph.settings import Settings


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout.of(Settings(JOURNEYGRAPH_HOME=tmp_path))


class Fake:
    """A process whose command line is a different one at each look."""

    def __init__(self, *lines: list[str], status: str = psutil.STATUS_RUNNING) -> None:
        self._lines, self._status = list(lines), status

    def status(self) -> str:
        return self._status

    def cmdline(self) -> list[str]:
        return self._lines.pop(0) if len(self._lines) > 1 else self._lines[0]


def test_a_moment_without_a_command_line_is_not_the_end(monkeypatch: pytest.MonkeyPatch, layout: Layout) -> None:
    ours = ["java", f"--home-dir={layout.base}"]
    monkeypatch.setattr(psutil, "Process", lambda _: Fake([], [], ours))
    assert process.is_running(1, layout)


@pytest.mark.parametrize(
    "fake", [Fake(["java", "--home-dir=/elsewhere"]), Fake(["x"], status=psutil.STATUS_ZOMBIE)], ids=["other", "zombie"]
)
def test_another_program_and_a_dead_one_are_not_ours(
    monkeypatch: pytest.MonkeyPatch, layout: Layout, fake: Fake
) -> None:
    monkeypatch.setattr(psutil, "Process", lambda _: fake)
    assert not process.is_running(1, layout)
