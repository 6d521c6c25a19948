"""`journeygraph db` where nothing runs: what it answers, and with which exit status it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def db(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NEO4J_", "JOURNEYGRAPH_"))}
    return subprocess.run(
        [sys.executable, "-m", "journeygraph_cli.main", "db", *arguments],
        env={**kept, "JOURNEYGRAPH_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_status_answers_and_starts_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = db(home, "status", "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 0
    assert {"uri", "http", "browser", "username", "password_file", "version", "edition", "running"} <= answer.keys()
    assert answer["running"] is False
    assert answer["uri"] is None
    assert not home.exists()


def test_reset_without_yes_is_refused(tmp_path: Path) -> None:
    done = db(tmp_path, "reset", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "deletes all data in" in done.stderr
    assert "add --yes" in done.stderr


@pytest.mark.parametrize("command", [["start"], ["stop"], ["reset", "--yes"]])
def test_a_foreign_server_is_left_alone(tmp_path: Path, command: list[str]) -> None:
    done = db(tmp_path, *command, "--json", NEO4J_URI="bolt://127.0.0.1:1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "NEO4J_URI is set (bolt://127.0.0.1:1)" in done.stderr
    assert "Traceback" not in done.stderr


def test_status_reports_a_foreign_server_that_does_not_answer(tmp_path: Path) -> None:
    done = db(tmp_path, "status", "--json", NEO4J_URI="bolt://127.0.0.1:1")
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["running"], answer["managed"]) == (0, False, False)
    assert answer["uri"] == "bolt://127.0.0.1:1"


def test_a_version_that_is_none_is_refused(tmp_path: Path) -> None:
    done = db(tmp_path, "start", JOURNEYGRAPH_NEO4J_VERSION="latest")
    assert done.returncode == 2
    assert "'latest' is not among the versions of the managed Neo4j" in done.stderr
