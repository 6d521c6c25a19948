"""Time, processor time and peak memory of this process and its children, Python and Java apart."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import psutil

_MEGABYTE = 1 << 20


@dataclass
class Usage:
    """What a stage took: seconds on the clock and on the processors, and the highest resident memory in MB."""

    seconds: float = 0.0
    python_seconds: float = 0.0
    java_seconds: float = 0.0
    python_mb: float = 0.0
    java_mb: float = 0.0


class Measured:
    """A context manager that watches this process, its descendants and `also` (process ids) four times a second.

    The clock tells little where others use the machine too; processor time does not depend on them.
    """

    def __init__(self, *also: int) -> None:
        self.usage = Usage()
        self._also = also
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._used: dict[psutil.Process, tuple[bool, float]] = {}
        self._before: dict[psutil.Process, float] = {}

    def __enter__(self) -> Self:
        self._look()
        self._before = {process: seconds for process, (_, seconds) in self._used.items()}
        self._started = time.perf_counter()
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.usage.seconds = time.perf_counter() - self._started
        self._stop.set()
        self._watcher.join()
        self._look()
        for process, (is_java, seconds) in self._used.items():
            used = seconds - self._before.get(process, 0.0)
            if is_java:
                self.usage.java_seconds += used
            else:
                self.usage.python_seconds += used

    def _watch(self) -> None:
        while not self._stop.wait(0.25):
            self._look()

    def _look(self) -> None:
        memory = {True: 0.0, False: 0.0}
        for process in self._processes():
            try:
                with process.oneshot():
                    is_java = "java" in process.name()
                    times = process.cpu_times()
                    memory[is_java] += process.memory_info().rss / _MEGABYTE
                self._used[process] = (is_java, times.user + times.system)
            except psutil.NoSuchProcess:
                continue
        self.usage.java_mb = max(self.usage.java_mb, memory[True])
        self.usage.python_mb = max(self.usage.python_mb, memory[False])

    def _processes(self) -> set[psutil.Process]:
        me = psutil.Process()
        found = {me, *me.children(recursive=True)}
        for number in self._also:
            try:
                other = psutil.Process(number)
                found |= {other, *other.children(recursive=True)}
            except psutil.NoSuchProcess:
                continue
        return found
