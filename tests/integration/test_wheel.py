"""A wheel, installed in a bare environment outside the checkout, finds every query and runs the demo."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from journeygraph import queries
from journeygraph.graph import Connection, Graph
from tests.support import ROOT

pytestmark = [pytest.mark.graph, pytest.mark.slow]


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(command, cwd=cwd, env={**clean, **environment}, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, f"{command} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def test_the_wheel_runs_the_demo(graph: Graph, neo4j_server: Connection, tmp_path: Path) -> None:
    pip = ("-m", "pip", "-q", "--disable-pip-version-check")
    run(sys.executable, *pip, "wheel", "--no-deps", "--no-build-isolation", "-w", tmp_path, ROOT, cwd=tmp_path)
    wheel = next(tmp_path.glob("*.whl"))
    run(sys.executable, "-m", "venv", "bare", cwd=tmp_path)
    python = tmp_path / "bare" / "bin" / "python"
    run(python, *pip, "install", "--require-hashes", "-r", ROOT / "requirements.lock", cwd=tmp_path)
    run(python, *pip, "install", "--no-deps", wheel, cwd=tmp_path)

    listed = run(python, "-I", "-c", "from journeygraph import queries; print(*queries.names())", cwd=tmp_path)
    assert tuple(listed.split()) == queries.names()

    told = run(
        tmp_path / "bare" / "bin" / "journeygraph", "demo", "--customers", "300", cwd=tmp_path,
        JOURNEYGRAPH_HOME=str(tmp_path / "home"), NEO4J_URI=neo4j_server.uri,
        NEO4J_USERNAME=neo4j_server.username, NEO4J_PASSWORD=neo4j_server.password,
    )  # fmt: skip
    assert "report" in told.lower()
    assert list((tmp_path / "home").rglob("report.html"))
