"""Loads that are killed at random moments, and loads whose database goes away, against one that nothing disturbed.

    python -m benchmarks.crash --rows 1000000 --kills 100 --parts 12 --whole 0 --outages 1 --seconds 20

A load is killed (SIGKILL) at a random moment and given again, until it ends.  A load that is given whole reads all its
rows again each time; so that many kills fit into an hour, most are of a load that is given in parts, one after the
other, and each part is killed and given again until it ends.  Each load is a process of its own, forked from one that
has imported the product, so that no kill is spent on imports.  The server is stopped in the middle of a load, and
started again after some seconds; nobody helps.  At the end of each the graph is compared with that of one undisturbed
load of everything, node by node and edge by edge, by hash: properties, labels, and what file and line a touchpoint came
from.  What was done so far is written down whenever a comparison is.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import page
from benchmarks.crash_load import Load, cut
from benchmarks.crash_state import State, state
from benchmarks.scratch import Scratch, scratch
from journeygraph import server
from journeygraph.generator import simulate, write
from journeygraph.graph import Graph

_ROWS_A_CUSTOMER = 14.5
#: A load of fewer rows is over before the server is warm: one more goes before it.
_SMALL_ROWS = 20_000
Parts = list[list[Path]]


@dataclass
class Told:
    """What was done and what came of it."""

    rows: int = 0
    parts: int = 1
    undisturbed_seconds: float = 0.0
    size: tuple[int, int] = (0, 0)
    in_parts: int = 0
    whole: int = 0
    whole_loads: int = 0
    stages: Counter[str] = field(default_factory=Counter)
    outages: list[float] = field(default_factory=list)
    differences: list[tuple[int, int]] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """Of all loads."""
        return self.in_parts + self.whole


def main() -> None:
    """Run and write the section of docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--parts", type=int, default=1, help="1: all kills are of loads that are given whole")
    parser.add_argument("--whole", type=int, default=0, help="how many of the kills are of loads given whole, at least")
    parser.add_argument("--outages", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long the server is away")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1_000.0, help="begin no further kill after this long")
    given = parser.parse_args()
    told = Told(parts=given.parts)
    try:
        run(given, told, random.Random(given.seed))
    finally:
        page.replace("crash", report(told, given.seconds))
    if any(nodes or edges for nodes, edges in told.differences):
        sys.exit("A graph differs from the undisturbed one.")


def run(given: argparse.Namespace, told: Told, mixed: random.Random) -> None:
    """All of it; raises where a load that is not disturbed any more does not end well."""
    with _files(given.rows) as folder, scratch() as place:
        parts = cut(folder, given.parts)
        load = Load(place, min(max(given.rows // 20, 100), 5_000))
        killing = Killing(place, load, told, mixed, time.monotonic() + 60 * given.minutes)
        expected = _undisturbed(place, load, parts, told, given.rows)
        if given.parts > 1:
            empty(place)
            killing.in_parts(parts, given.kills - given.whole)
            _compare(place, expected, told, f"{told.in_parts} kills in {given.parts} parts")
        for _ in range(given.outages):
            empty(place)
            moment = mixed.uniform(0, 0.6) * told.undisturbed_seconds
            told.outages.append(_without_server(place, load, parts, moment, given.seconds))
            _compare(place, expected, told, f"the server away, {moment:.1f} s after the first rows")
        while told.kills < given.kills and killing.has_time:
            empty(place)
            killing.whole(parts, given.kills)
            _compare(place, expected, told, f"{told.whole} kills of a load given whole")


@contextmanager
def _files(rows: int) -> Iterator[Path]:
    with scratch(started=False) as place:
        folder = place.folder / "files"
        write(simulate(max(round(rows / _ROWS_A_CUSTOMER), 10), 1), folder)
        yield folder


def _undisturbed(place: Scratch, load: Load, parts: Parts, told: Told, rows: int) -> State:
    """The graph of one load of everything that nothing disturbs."""
    everything = [path for files in parts for path in files]
    if rows < _SMALL_ROWS:
        load.begin(everything).ended()
        empty(place)
    told.undisturbed_seconds = load.begin(everything).ended()
    expected = state(place)
    told.rows, told.size = _touchpoints(place), (len(expected.nodes), len(expected.edges))
    _say(f"{told.rows:,} rows in {told.undisturbed_seconds:.0f} s; {told.size[0]:,} nodes, {told.size[1]:,} edges")
    return expected


@dataclass
class Killing:
    """Kills loads and gives them again; `until` is when to stop killing."""

    place: Scratch
    load: Load
    told: Told
    mixed: random.Random
    until: float

    @property
    def has_time(self) -> bool:
        """For another kill."""
        return time.monotonic() < self.until

    def whole(self, parts: Parts, kills: int) -> None:
        """One load of everything, killed and given again; `kills` in all."""
        everything = [path for files in parts for path in files]
        left = kills - self.told.kills
        killed, _ = self._until_done(everything, left, 1.1 * self.told.undisturbed_seconds, "whole")
        self.told.whole += killed
        self.told.whole_loads += 1

    def in_parts(self, parts: Parts, kills: int) -> None:
        """Part after part, as many kills in each as leave the same for those that come."""
        usual = 2 * self.told.undisturbed_seconds / len(parts)
        for number, files in enumerate(parts):
            most = -(-(kills - self.told.in_parts) // (len(parts) - number))
            killed, took = self._until_done(files, most, usual, f"part {number + 1}")
            usual = took if not killed else max(took, 0.8 * usual)
            self.told.in_parts += killed

    def _until_done(self, files: list[Path], most: int, usual: float, what: str) -> tuple[int, float]:
        """Kill and give again; how many kills there were until the load ended, and how long the last one took."""
        killed = 0
        while killed < most and self.has_time:
            running, moment = self.load.begin(files), self.mixed.uniform(0, usual)
            running.process.join(moment)
            if not running.process.is_alive():
                return killed, running.ended()
            running.process.kill()
            running.process.join()
            killed += 1
            self.told.stages[self.load.stage] += 1
            _say(f"  {what}: kill {killed} of {most} after {moment:.1f} s of up to {usual:.1f}: {self.load.stage}")
        return killed, self.load.begin(files).ended()


def _without_server(place: Scratch, load: Load, parts: Parts, moment: float, seconds: float) -> float:
    """Stop the server in the middle of a load, start it again; how long the load took in all."""
    managed, running = server.managed(place.settings), load.begin([path for files in parts for path in files])
    while running.process.is_alive() and not _touchpoints(place):
        time.sleep(0.05)
    time.sleep(moment)
    managed.stop()
    going = f"{load.stage}, and goes on" if running.process.is_alive() else "it had ended"
    _say(f"  the server is stopped {moment:.1f} s after the first rows; {going}")
    time.sleep(seconds)
    managed.start()
    took = running.ended()
    _say("    " + " ".join(line for line in load.said.read_text().splitlines() if "answer" in line)[:400])
    return took


def empty(place: Scratch) -> None:
    """Begin with no data: a new database under the same login."""
    managed = server.managed(place.settings)
    with managed.down():
        for kind in ("databases", "transactions"):
            shutil.rmtree(managed.layout.data / kind / "neo4j")
    managed.start()


def _compare(place: Scratch, expected: State, told: Told, what: str) -> None:
    differences = expected.differences(state(place))
    told.differences.append(differences)
    _say(f"after {what}: {differences[0]:,} nodes and {differences[1]:,} edges differ")
    _say(report(told, 0))


def _touchpoints(place: Scratch) -> int:
    with Graph(server.connection(place.settings)) as graph:
        return int(graph.read("load/totals")[0]["touchpoints"])


def report(told: Told, seconds: float) -> str:
    """What is written into docs/benchmarks.md."""
    same = sum(pair == (0, 0) for pair in told.differences)
    stages = ", ".join(f"{count} while {stage}" for stage, count in told.stages.most_common())
    lines = [
        f"{told.rows:,} touchpoints ({told.size[0]:,} nodes, {told.size[1]:,} edges), loaded in "
        f"{told.undisturbed_seconds:.0f} s when nothing disturbed it.",
        "",
        f"- Killed (SIGKILL) at {told.kills} random moments: {told.in_parts} in the load of all of it in {told.parts} "
        f"parts, {told.whole} in {told.whole_loads} loads that were given whole. Of these {stages or 'none'}.",
        f"- Server stopped for {seconds:.0f} s in the middle of {len(told.outages)} loads; each went on by itself.",
        f"- {same} of {len(told.differences)} graphs are equal to the undisturbed one, node by node and edge by edge.",
    ]
    return "\n".join(lines)


def _say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    main()
