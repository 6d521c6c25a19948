"""The compiled loops of the gap report, for tables so large that compiling them, once on a machine, pays."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from journeygraph.settings import Settings

#: Touchpoints from which on the compiled loops are used.
FROM_TOUCHPOINTS: Final = 200_000
MOST_THREADS: Final = 4


@cache
def timeline() -> Any:
    """The kernels of time lines, None where there is no numba; their code is kept in the user's cache folder."""
    if find_spec("numba") is None:
        return None
    import numba

    config: Any = vars(numba)["config"]
    kept, config.CACHE_DIR = config.CACHE_DIR, str(_cache_folder())
    try:
        from journeygraph.gaps.kernels import timeline as kernels
    finally:
        config.CACHE_DIR = kept
    return kernels


class _Alone(Executor):
    """Does everything at once, in this thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def threads(n_touchpoints: int) -> Executor:
    """A thread for each processor where a table is large: numpy and the compiled loops run side by side."""
    many = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return ThreadPoolExecutor(min(many, MOST_THREADS)) if n_touchpoints >= FROM_TOUCHPOINTS and many > 1 else _Alone()


def _cache_folder() -> Path:
    """Where compiled code is kept: a folder that can be written, if need be one for this process."""
    sources = sorted((Path(__file__).parent / "kernels").glob("*.py"))
    state = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    folder = Settings().cache / "kernels" / state
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="journeygraph-kernels-"))
