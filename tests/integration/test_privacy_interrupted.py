"""An erasure that was killed is completed by the same command, and its proof counts what had gone by then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from journeygraph.errors import NotFound, UsageError
from journeygraph.graph import Graph, Written
from journeygraph.privacy import erase as erasing
from journeygraph.privacy.erase import Mode, erase
from journeygraph.privacy.purge import search
from journeygraph.quality import erasures
from journeygraph_loaders import pipeline
from tests.privacy_sample import BAD, DEVICE, DORA, EMAIL, HEADER, HERS, OTHERS
from tests.support import canonical_graph, empty, execute

pytestmark = pytest.mark.graph
_ROOM = "journeygraph.privacy.erase"
#: What an erasure calls, in order; each is where one is killed.
STEPS = ("suppress", "mentions.rewrite", "journeys.thread", "files.erase", "sign")


class Killed(BaseException):
    """The process ends here."""


def _killed(*arguments: Any, **named: Any) -> Any:
    raise Killed


def _load(graph: Graph, home: Path, rows: str) -> pipeline.LoadResult:
    home.mkdir(exist_ok=True)
    file = home.parent / "touchpoints.csv"
    file.write_text(HEADER + rows, encoding="utf-8")
    return pipeline.load(graph, [file], home=home)


@pytest.fixture
def loads(graph: Graph, tmp_path: Path) -> tuple[str, str]:
    """Her rows came with two loads, one row of them in quarantine."""
    first, second = HERS.splitlines(keepends=True)[:2], HERS.splitlines(keepends=True)[2:]
    one = _load(graph, tmp_path / "home", OTHERS + "".join(first))
    return one.batch_id, _load(graph, tmp_path / "home", "".join(second) + BAD).batch_id


def _interrupted(graph: Graph, home: Path, step: str, monkeypatch: pytest.MonkeyPatch, mode: Mode = "erase") -> None:
    with monkeypatch.context() as patch:
        patch.setattr(f"{_ROOM}.{step}", _killed)
        with pytest.raises(Killed):
            erase(graph, home, DORA, mode=mode)


def _in_the_middle(graph: Graph, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after two of her five touchpoints."""
    calls: list[str] = []
    write = Graph.write

    def counted(self: Graph, query: str, **parameters: Any) -> Written:
        calls.append(query)
        if calls.count("privacy/erase_touchpoints") > 1:
            raise Killed
        return write(self, query, **parameters)

    with monkeypatch.context() as patch:
        patch.setattr(erasing, "_PAGE", 2)
        patch.setattr(Graph, "write", counted)
        with pytest.raises(Killed):
            erase(graph, home, DORA)
    assert (
        execute(graph, "MATCH (t:Touchpoint) WHERE t.touchpoint_id STARTS WITH 'd' RETURN count(t) AS n")[0]["n"] == 3
    )


@pytest.mark.parametrize("step", ["in the middle", *STEPS])
def test_an_interrupted_erasure_is_completed_and_counts_by_load(
    graph: Graph, loads: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    home = tmp_path / "home"
    if step == "in the middle":
        _in_the_middle(graph, home, monkeypatch)
    else:
        _interrupted(graph, home, step, monkeypatch)
    with pytest.raises(UsageError, match="interrupted in the mode 'erase'"):
        erase(graph, home, DORA, mode="anonymise")
    done = erase(graph, home, DORA)
    assert (done.resumed, done.remaining) == (True, 0)
    # Her id, address and device: whichever run put them on the list.
    assert (done.suppressed, done.proof.statement["identifiers_suppressed"]) == (3, 3)
    assert done.proof.statement["removed_by_load"] == {loads[0]: 2, loads[1]: 3}
    assert (done.removed["touchpoints"], done.removed["quarantine"]) == (5, 1)
    # Reconciliation adds up: one proof, and it tells of both loads.
    stored = {loads[0]: 8, loads[1]: 3}
    counts = [
        erasures.LoadCounts(load, stored[load], stored[load] - gone, 0)
        for load, gone in zip(loads, (2, 3), strict=True)
    ]
    assert (
        erasures.balance(counts, erasures.erased(home)).explained
        == "5 fewer: 5 of erased persons, of the loads that their proofs name"
    )
    assert search(home, (DORA, EMAIL, DEVICE)).holding == ()
    with pytest.raises(NotFound):
        erase(graph, home, DORA)
    left = canonical_graph(graph)
    empty(graph)
    _load(graph, tmp_path / "fresh", OTHERS)
    assert left == canonical_graph(graph)


@pytest.mark.parametrize("step", ["mentions.rewrite"])
def test_an_interrupted_anonymisation_makes_one_nobody_of_one_person(
    graph: Graph, loads: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    home = tmp_path / "home"
    _interrupted(graph, home, step, monkeypatch, "anonymise")
    done = erase(graph, home, DORA, mode="anonymise")
    assert (done.removed["touchpoints"], done.removed["journeys"], done.removed["sessions"]) == (5, 3, 4)
    nobody = execute(
        graph, "MATCH (c:Customer)-[:MADE]->(t) WHERE c.customer_id STARTS WITH 'erased:' RETURN c, count(t) AS n"
    )
    assert [row["n"] for row in nobody] == [5]
    assert search(home, (DORA, EMAIL, DEVICE)).holding == ()


def test_somebody_whose_id_is_longer_is_left_alone(graph: Graph, tmp_path: Path) -> None:
    """`dora-4711` is erased, and `dora-4711-b`, of whom the same words tell, keeps everything."""
    home = tmp_path / "home"
    also = HERS.replace("dora-", "x-").replace("x-4711", f"{DORA}-b").replace("dora@", f"{DORA}-b@").replace("d", "d")
    also = "\n".join(f"o{line}" if line else "" for line in also.splitlines()) + "\n"
    bad = BAD + f"o9,{DORA}-b,,,,view,not a time,p1,,,\n"
    _load(graph, home, OTHERS + HERS + also + bad)
    (home / "page.html").write_text(f"<p>{DORA}-b</p>")
    (home / "list.json").write_text(json.dumps([DORA, f"{DORA}-b"]))
    done = erase(graph, home, DORA)
    assert (done.removed["quarantine"], done.remaining) == (1, 0)
    assert json.loads((home / "list.json").read_text()) == [f"{DORA}-b"]
    assert (home / "page.html").exists()
    left = canonical_graph(graph)
    empty(graph)
    _load(graph, tmp_path / "fresh", OTHERS + also)
    assert left == canonical_graph(graph)


def test_a_file_named_after_a_person_is_not_told_any_more(graph: Graph, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    files = [tmp_path / f"orders_of_{DORA}.csv", tmp_path / "others.csv"]
    files[0].write_text(HEADER + HERS)
    files[1].write_text(HEADER + OTHERS)
    pipeline.load(graph, files, home=home)
    assert erase(graph, home, DORA).remaining == 0
    named = execute(graph, "MATCH (f:File) RETURN f.name AS name ORDER BY f.number")
    told = execute(graph, "MATCH (l:Load) RETURN l.files AS files, size(l.sha256) AS n")
    assert [row["name"].startswith("orders_of_(erased") for row in named] == [True, False]
    assert (told[0]["files"], told[0]["n"]) == (["orders_of_(erased).csv", "others.csv"], 2)
    assert search(home, (DORA, EMAIL, DEVICE)).holding == ()
