"""Every command in README.md and docs/ runs, in order: the lines of ```console blocks that begin with `$ `.

Each page starts from an empty folder on the test server.  `make` targets are only looked up: CI runs them anyway.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from journeygraph.graph import Connection, Graph
from tests.support import ROOT

pytestmark = [pytest.mark.graph, pytest.mark.slow]

_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def commands(page: Path) -> list[str]:
    """The command lines of a page; a line that ends with a backslash goes on."""
    text = "\n".join(_BLOCK.findall(page.read_text(encoding="utf-8"))).replace("\\\n", " ")
    return [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ ")]


def _lend_real_data(folder: Path) -> None:
    """The files that the pages ask the reader to have, where this machine has them."""
    for path in (ROOT.parent / "shared" / "data").glob("*/simple_shop.csv"):
        shutil.copy(path, folder)


def _needs_absent_file(command: str, folder: Path) -> bool:
    return "simple_shop.csv" in command and not (folder / "simple_shop.csv").exists()


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda page: page.stem)
def test_every_command_of_a_page_runs(page: Path, graph: Graph, neo4j_server: Connection, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "NEO4J_URI": neo4j_server.uri,
        "NEO4J_USERNAME": neo4j_server.username,
        "NEO4J_PASSWORD": neo4j_server.password,
        "JOURNEYGRAPH_HOME": str(tmp_path / "home"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    _lend_real_data(tmp_path)
    for command in commands(page):
        words = command.split()
        if _needs_absent_file(command, tmp_path):
            break  # what follows is about that file; no machine but the project's has it
        if words[0] == "make":
            assert words[1] in targets, command
            continue
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, f"{page.name}: `{command}` failed:\n{done.stderr[-2000:]}"
