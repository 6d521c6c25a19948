"""The commands of the demo on real data, each in a process of its own: what they print agrees with the graph."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from journeygraph.graph import Connection, Graph
from tests.support import shared_data

pytestmark = [pytest.mark.graph, pytest.mark.slow]

#: Name and mapping, a funnel of its steps, and how many touchpoints it has (`shared/data/README.md`; of `ms_usage` 160
#: rows repeat another).
DATA = [
    ("simple_shop", "simple_shop", ["catalog", "cart", "payment_done"], 32_283),
    ("completejourney", "completejourney", ["campaign_mailing", "coupon_redemption"], 83_691),
    ("ms_usage", "ms_usage", [], 11_678),
    ("otto_fixture", "otto", ["view_product", "add_to_cart", "purchase"], 862),
]


@pytest.fixture
def command(graph: Graph, neo4j_server: Connection, tmp_path: Path) -> Any:
    """Runs a command on the emptied graph; its answer."""
    surroundings = {
        **os.environ,
        "NEO4J_URI": neo4j_server.uri,
        "NEO4J_USERNAME": neo4j_server.username,
        "NEO4J_PASSWORD": neo4j_server.password,
        "JOURNEYGRAPH_HOME": str(tmp_path / "home"),
    }

    def run(*arguments: str) -> Any:
        line = [sys.executable, "-m", "journeygraph_cli.main", *arguments, "--json"]
        done = subprocess.run(line, env=surroundings, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.mark.parametrize(("name", "mapping", "steps", "touchpoints"), DATA, ids=[row[0] for row in DATA])
def test_load_analyse_report(
    command: Any, graph: Graph, tmp_path: Path, name: str, mapping: str, steps: list[str], touchpoints: int
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for path in shared_data(name).iterdir():
        if "coupons" not in path.name:  # 125,000 rows about products and campaigns: loaded by other tests
            (folder / path.name).symlink_to(path)
    loaded = command("load", str(folder), "--mapping", mapping)
    assert loaded["received"] == loaded["stored"] + loaded["duplicate"] + loaded["quarantined"]
    assert (loaded["touchpoints"], loaded["quarantined"]) == (touchpoints, 0)

    links = command("paths")["links"]
    into, out = Counter[str](), Counter[str]()
    for link in links:
        into[link["target"]] += link["count"]
        out[link["source"]] += link["count"]
    assert {step: into[step] for step in into if step != "(end)"} == {
        step: out[step] for step in out if step != "(start)"
    }

    for finding in command("gaps")["findings"]:
        again = graph.run(finding["cypher"], finding["parameters"])[0]
        assert (again["affected"], again["denominator"]) == (finding["affected"], finding["denominator"])

    if steps:
        counts = [step["count"] for step in command("funnel", *steps, "--per", "customer", "--window", "400d")["steps"]]
        assert counts == sorted(counts, reverse=True)
        assert counts[0] > 0

    command("report", "--out", str(tmp_path / "report"))
    page = next((tmp_path / "report").rglob("*.html")).read_text(encoding="utf-8")
    assert f"{touchpoints:,}" in page
