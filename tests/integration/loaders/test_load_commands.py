"""`journeygraph load` and `journeygraph quarantine` as a person or a schedule uses them."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from journeygraph.graph import Connection, Graph
from tests.support import execute

pytestmark = pytest.mark.graph


@pytest.fixture
def command(graph: Graph, neo4j_server: Connection, tmp_path: Path) -> Any:
    """Runs a command on the emptied graph; (exit status, standard output, standard error)."""
    surroundings = {
        **os.environ,
        "NEO4J_URI": neo4j_server.uri,
        "NEO4J_USERNAME": neo4j_server.username,
        "NEO4J_PASSWORD": neo4j_server.password,
        "JOURNEYGRAPH_HOME": str(tmp_path / "home"),
    }

    def run(*arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "journeygraph_cli.main", *arguments],
            env=surroundings,
            capture_output=True,
            text=True,
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    return run


def test_load_list_mend_replay_export(command: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("user,event,time\na,view,2026-01-01T00:00:00Z\nb,pay,2026-01-01 10:00\nb,pay,=1+1\n")
    status, out, said = command("load", str(path), "--goal", "pay", "--json")
    result = json.loads(out)
    assert status == 0
    assert {key: result[key] for key in ("received", "stored", "duplicate", "quarantined")} == {
        "received": 3, "stored": 1, "duplicate": 0, "quarantined": 2
    }  # fmt: skip
    assert set(result) - {"received", "stored", "duplicate", "quarantined"} == {
        "customers", "touchpoints", "seconds", "batch_id", "formats", "changes", "replaced", "returned"
    }  # fmt: skip
    assert [(form["file"], form["format"]) for form in result["formats"]] == [(str(path), "csv")]
    assert "'user' as customer_id" in said
    assert "--timezone" in said
    status, out, _ = command("quarantine", "list", "--json")
    listed = json.loads(out)["rows"]
    assert [(row["line"], row["column"], row["value"]) for row in listed] == [
        (3, "time", "2026-01-01 10:00"),
        (4, "time", "=1+1"),
    ]
    assert listed[0]["raw"] == {"user": "b", "event": "pay", "time": "2026-01-01 10:00"}
    status, out, _ = command("quarantine", "replay", "--timezone", "UTC", "--json")
    assert {key: json.loads(out)[key] for key in ("received", "stored", "quarantined")} == {
        "received": 2, "stored": 1, "quarantined": 1
    }  # fmt: skip
    assert command("quarantine", "export", "--out", str(tmp_path / "bad.csv"), "--json")[0] == 0
    assert [row["value"] for row in csv.DictReader((tmp_path / "bad.csv").read_text().splitlines())] == ["'=1+1"]
    assert (tmp_path / "bad.csv").stat().st_mode & 0o777 == 0o600


def test_what_is_not_built_yet_is_told_of(command: Any, graph: Graph, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("customer_id,step,occurred_at\na,view,2026-01-01T00:00:00Z\nb,view,2026-01-01T00:00:00Z\n")
    assert "not built yet" not in command("load", str(path))[2]
    execute(graph, "MATCH (c:Customer {customer_id: 'b'}) SET c:Unthreaded")  # as an interrupted load leaves it
    said = " ".join(command("funnel", "view", "pay", "--json")[2].split())
    assert "Journeys of 1 customer are not built yet" in said
    assert "a load, or a change such as `identity resolve`, is under way, or was interrupted. Give that command" in said
    execute(graph, "MATCH (built:Journey|Session {customer_id: 'b'}) DETACH DELETE built")
    status, _, said = command("journey", "b")
    assert (status, "The journeys of 'b' are not built yet" in " ".join(said.split())) == (2, True)
    command("load", str(path))
    assert "not built yet" not in command("funnel", "view", "pay", "--json")[2]
    execute(graph, "MATCH (c:Customer {customer_id: 'b'}) SET c:Unthreaded")  # as an interrupted merge leaves it
    command("rules")
    assert "not built yet" not in command("funnel", "view", "pay", "--json")[2]
    execute(graph, "CREATE (:Customer {customer_id: 'nobody'})")
    assert "No touchpoint of 'nobody' counts" in " ".join(command("journey", "nobody")[2].split())
    assert "There is no customer 'c' in the graph" in " ".join(command("journey", "c")[2].split())


def test_what_cannot_be_loaded_exits_with_2_and_one_sentence(command: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("name,age\nx,1\n")
    for arguments, words in (
        ([str(path)], "has no column that can be used as occurred_at"),
        ([str(tmp_path / "*.none")], "There is no file"),
        ([str(path), "--mapping", "nothing"], "There is no mapping 'nothing'"),
        ([str(path), "--format", "xml"], "there are: auto, csv, jsonl, parquet"),
        ([str(path), "--timezone", "Mars"], "--timezone 'Mars' is not a time zone"),
    ):
        status, out, said = command("load", *arguments, "--json")
        assert (status, out) == (2, "")
        assert words in " ".join(said.split())


def test_an_export_that_cannot_be_written_and_bytes_that_are_no_text(command: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"customer_id,step,occurred_at\nJ\xfcrgen,view,1767225600\n")
    said = " ".join(command("load", str(path))[2].split())
    assert f"In quarantine: {path}, line 2: The customer_id" in said
    for out in (tmp_path, tmp_path / "none" / "bad.csv"):
        status, _, said = command("quarantine", "export", "--out", str(out))
        assert (status, f"--out {out} cannot be written: " in " ".join(said.split())) == (2, True)
    assert command("quarantine", "export", "--out", str(tmp_path / "bad.csv"))[0] == 0
    assert "J\\udcfcrgen" in command("quarantine", "export")[1]
    assert json.loads(command("quarantine", "list", "--json")[1])["rows"][0]["raw"]["customer_id"] == "J\udcfcrgen"
