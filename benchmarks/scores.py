"""Intent scores: of a running session through HTTP at a fixed rate, and of a million customers in a batch.

The server is the real one, in one process on one processor; the requests come at their times whether the ones before
were answered or not (an open loop), and each is timed from the instant at which it was due.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import numpy as np
import psutil

from benchmarks import page
from benchmarks.measure import Measured
from journeygraph.generator.simulate import simulate
from journeygraph.intent.features.timeline import Timeline
from journeygraph.intent.features.traits import TRAITS, Trait, Traits
from journeygraph.intent.learners.candidates import ModelName, available, named
from journeygraph.intent.models import store
from journeygraph.intent.models.model import IntentModel
from journeygraph.intent.models.training import Training, train
from journeygraph.intent.scores.score import everybody
from journeygraph.journeys.table import JourneyTable
from journeygraph.journeys.threading import build_rows
from journeygraph.schema import JourneyRules, Touchpoint

RULES = JourneyRules()
WEEK = 7 * 86_400.0
FIELDS = {"product": "product_id", "category": "product_category", "campaign": "campaign"}
LENGTHS = (1, 3, 8, 15, 40)


def main() -> None:
    """Measure and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000, help="of the batch")
    parser.add_argument("--rate", type=float, default=200.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--real-time", action="store_true", help="server and client before others on a busy machine")
    parser.add_argument("--models", nargs="+", default=available(), help="all that are installed by default")
    parser.add_argument("--shop", type=int, default=2_000, help="customers that the models learn from")
    arguments = parser.parse_args()
    touchpoints = list(simulate(arguments.shop, 1).touchpoints)
    table, about = columns(touchpoints)
    lines: list[list[str]] = []
    batches: list[list[str]] = []
    for name in named(arguments.models):
        model = train(table, RULES, Training(WEEK, candidates=[name]), about)
        lines += through_http(
            model, touchpoints, name, arguments.rate, arguments.seconds, real_time=arguments.real_time, first=not lines
        )
        batches.append(batch(model, table, about, arguments.customers, name))
    page.replace(
        "scores", f"{_requests(lines, arguments.rate, arguments.seconds, arguments.real_time)}\n\n{_batches(batches)}"
    )


def columns(touchpoints: Sequence[Touchpoint]) -> tuple[JourneyTable, Traits]:
    """The table of journeys that the graph would give, and what its touchpoints are about."""
    rows = build_rows(touchpoints)
    stages = {touchpoint.step: touchpoint.stage.value for touchpoint in touchpoints if touchpoint.stage}
    table = JourneyTable.from_rows(rows, stages=stages)
    ids_of = {row["id"]: row["touchpoint_ids"] for row in rows}
    by_id = {touchpoint.touchpoint_id: touchpoint for touchpoint in touchpoints}
    ordered = [by_id[one] for journey in table.ids for one in ids_of[journey]]
    return table, {name: Trait.of([getattr(one, FIELDS[name]) for one in ordered]) for name in TRAITS}


def bodies(touchpoints: Sequence[Touchpoint]) -> list[bytes]:
    """Requests of running sessions of 1 to 40 touchpoints: the beginnings of customers' histories."""
    histories: dict[str, list[Touchpoint]] = {}
    for touchpoint in touchpoints:
        histories.setdefault(touchpoint.customer_id or touchpoint.anonymous_id or "", []).append(touchpoint)
    fields = {"step", "occurred_at", "channel", "value", "product_id", "product_category", "campaign"}
    return [
        json.dumps({"touchpoints": [one.model_dump(mode="json", include=fields) for one in history[:length]]}).encode()
        for history, length in zip(histories.values(), cycle(LENGTHS), strict=False)
    ]


def through_http(
    model: IntentModel,
    touchpoints: Sequence[Touchpoint],
    name: ModelName,
    rate: float,
    seconds: float,
    *,
    real_time: bool,
    first: bool,
) -> list[list[str]]:
    """A row for the model, and before the first model one for a route that does nothing: what the machine gives."""
    with tempfile.TemporaryDirectory(prefix="journeygraph-bench-") as home:
        store.save(model, Path(home))
        with scheduled(real_time), server(home) as (port, process):
            sent = [_post(body) for body in bodies(touchpoints)]
            gc.freeze()  # or the client looks through the whole shop in the middle of its measurement
            asyncio.run(load(port, sent, rate, 5))
            rows = []
            if first:
                rows.append(_row("GET /healthz", port, [_GET], rate, seconds, process))
            return [*rows, _row(name, port, sent, rate, seconds, process)]


_GET = b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n"


def _post(body: bytes) -> bytes:
    head = (
        "POST /v1/intent/score HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _row(
    name: str, port: int, requests: Sequence[bytes], rate: float, seconds: float, process: psutil.Process
) -> list[str]:
    before = sum(process.cpu_times()[:2])
    waits = asyncio.run(load(port, requests, rate, seconds))
    used = (sum(process.cpu_times()[:2]) - before) / len(waits)
    quantiles = np.quantile(waits, [0.5, 0.95, 0.99, 1.0]) * 1_000
    return [name, str(len(waits)), *(f"{one:.1f}" for one in quantiles), f"{used * 1_000:.2f}"]


@contextmanager
def scheduled(real_time: bool) -> Iterator[None]:
    """What is started here goes before other work: on a busy machine this is what a processor of its own would give."""
    if real_time:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(5))
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


@contextmanager
def server(home: str) -> Iterator[tuple[int, psutil.Process]]:
    """The API as `journeygraph serve` starts it, on the first processor; nobody listens where its Neo4j would be."""
    port = 8791
    own = {"JOURNEYGRAPH_HOME": home, "NEO4J_URI": "bolt://127.0.0.1:1", "JOURNEYGRAPH_LOG_FORMAT": "json"}
    command = [str(Path(sys.executable).with_name("journeygraph")), "serve", "--port", str(port)]
    with (Path(home) / "log").open("w") as log:
        started = subprocess.Popen(command, env=os.environ | own, stdout=log, stderr=log)
        process = psutil.Process(started.pid)
        try:
            process.cpu_affinity([0])
            psutil.Process().cpu_affinity([1] if psutil.cpu_count() != 1 else [0])
            asyncio.run(_until_ready(port))
            yield port, process
        finally:
            psutil.Process().cpu_affinity(list(range(psutil.cpu_count() or 1)))
            started.terminate()
            started.wait()


async def _until_ready(port: int) -> None:
    for _ in range(600):
        try:
            await load(port, [_GET], 10, 0.1)
        except (OSError, ConnectionError, asyncio.IncompleteReadError):
            await asyncio.sleep(0.1)
        else:
            return
    raise TimeoutError("the API did not start")


async def load(port: int, requests: Sequence[bytes], rate: float, seconds: float) -> list[float]:
    """Seconds from each request's due time to the end of its answer."""
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(min(32, max(int(rate * seconds), 1))):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    begin = time.perf_counter() + 0.05

    async def one(number: int, request: bytes) -> float:
        due = begin + number / rate
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        reader, writer = await free.get()
        writer.write(request)
        await writer.drain()
        await _answer(reader)
        free.put_nowait((reader, writer))
        return time.perf_counter() - due

    every = zip(range(max(int(rate * seconds), 1)), cycle(requests), strict=False)
    waits = list(await asyncio.gather(*(one(number, request) for number, request in every)))
    while not free.empty():
        free.get_nowait()[1].close()
    return waits


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise ConnectionError(head.decode(errors="replace"))
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    return await reader.readexactly(length)


def batch(model: IntentModel, table: JourneyTable, about: Traits, customers: int, name: str) -> list[str]:
    """Score that many customers at the end of the data: copies of the shop's, all columns in memory."""
    timeline = many(Timeline.from_table(table, RULES, about), customers)
    with Measured() as measured:
        found = everybody(timeline, model, int(timeline.times_us.max()))[0]
    usage = measured.usage
    return [
        name,
        f"{len(found):,}",
        f"{timeline.n_touchpoints:,}",
        f"{usage.seconds:.1f}",
        f"{usage.python_seconds:.1f}",
        f"{usage.python_mb:,.0f}",
    ]


def many(once: Timeline, customers: int) -> Timeline:
    """Copies of a timeline, one behind the other, until there are that many customers."""
    own, n = len(once.customer_ids), once.n_touchpoints
    copies = -(-customers // own)
    shifts = np.repeat(np.arange(copies, dtype=np.int64) * n, n)
    return Timeline(
        customer_ids=range(copies * own),  # type: ignore[arg-type]  # only their number and order count
        offsets=np.append((np.arange(copies)[:, None] * n + once.offsets[:-1]).ravel(), copies * n),
        step_codes=np.tile(once.step_codes, copies),
        channel_codes=np.tile(once.channel_codes, copies),
        times_us=np.tile(once.times_us, copies),
        goals=np.tile(once.goals, copies),
        journey_starts=np.tile(once.journey_starts, copies) + shifts,
        visit_starts=np.tile(once.visit_starts, copies) + shifts,
        steps=once.steps,
        channels=once.channels,
        rules=once.rules,
        stages=once.stages,
        traits={name: Trait(np.tile(trait.codes, copies), trait.names) for name, trait in once.traits.items()},
        values=None if once.values is None else np.tile(once.values, copies),
    ).part(0, customers)


def _requests(rows: Sequence[Sequence[str]], rate: float, seconds: float, real_time: bool) -> str:
    priority = " (both before all other work on a busy machine)" if real_time else ""
    title = (
        f"`POST /v1/intent/score` at {rate:g} requests a second for {seconds:g} s: sessions of 1 to 40 touchpoints, "
        "one server process on one processor, the client on another; milliseconds from the due time of a request to "
        f"the end of its answer{priority}"
    )
    head = ["model", "requests", "p50", "p95", "p99", "longest", "processor ms a request"]
    return f"{title}:\n\n{page.table(head, rows)}"


def _batches(rows: Sequence[Sequence[str]]) -> str:
    head = ["model", "customers", "touchpoints", "seconds", "processor seconds", "peak MB"]
    return f"Scores of all customers at once, from columns in memory:\n\n{page.table(head, rows)}"


if __name__ == "__main__":
    main()
