"""Feed a reader mutated files for a while: `python -m tools.fuzz READER --seconds 600` (`all`: every one of them).

With atheris where it can be had (a throw-away environment of its own is made with `--atheris`), which looks for inputs
that reach new code; else with the mutations of the tests.  Every file has to be read to its end: its records are stored
rows, bad rows with a sentence, or the file is refused with one.  Anything else is a finding: the file is kept in
`--corpus` and the command ends with status 1.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
import traceback
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType

from journeygraph.errors import InputError
from journeygraph_loaders import reading
from journeygraph_loaders.sources import BY_NAME

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "tests" / "data" / "sources"
#: Of the readers of tables: any columns, by the usual names.
TABLES = {
    "csv": b"customer_id,step,occurred_at,value,note\n"
    b'c1,view,2026-01-31T12:00:00Z,1.5,"a ""b"", c"\nc2,cart,1767225600,,x\n',
    "jsonl": b'{"customer_id": "c1", "step": "view", "occurred_at": 1767225600, "properties": {"a": [1, null]}}\n'
    b'{"user": {"id": 7}, "event": "cart", "time": "2026-01-31T12:00:00Z"}\n',
    "parquet": b"",
}
READERS = (*TABLES, *BY_NAME)
MAX_BYTES = 20_000
#: A file of this size is read in a fraction of a second; one that takes the processor this long hangs, or a larger
#: one of its kind does.
HANG_SECONDS = 5.0
#: Of this many files one is read as what it looks like.
_AUTO_EVERY = 4


class Finding(Exception):
    """A file that broke the promise."""


class Kept:
    """A quarantine that only counts."""

    def __init__(self) -> None:
        self.rows = 0

    def add(self, rows: object) -> None:
        """Take bad rows; each has a line and a sentence."""
        for row in rows:  # type: ignore[attr-defined]
            self.rows += 1
            if row.line < 1 or not row.reason.endswith("."):
                raise Finding(f"line {row.line}: {row.reason!r} is no sentence")


def check(reader: str, content: bytes, folder: Path, room: ModuleType = reading) -> tuple[int, int]:
    """(good rows, bad rows) of a file; raises for whatever is neither, and for a file that takes too long.

    Some files, always the same, are read as what they look like.  `room` reads: `journeygraph_loaders.reading`.
    """
    path = folder / "file"
    path.write_bytes(content)
    form = reader if zlib.crc32(content) % _AUTO_EVERY else "auto"
    kept, good, started = Kept(), 0, time.process_time()
    try:
        for batch in room.touchpoints([path], room.Options(format=form), kept):
            good += len(batch)
    except InputError as error:
        if not str(error).endswith((".", ")")) or not str(error).strip():
            raise Finding(f"{error!s:.300} is no sentence") from error
    if time.process_time() - started > HANG_SECONDS:
        raise Finding(f"{len(content):,} bytes took {time.process_time() - started:.0f} s")
    return good, kept.rows


def seeds(reader: str) -> list[bytes]:
    """The samples that a reader's files are made of."""
    if reader == "parquet":
        return [_parquet()]
    if reader in TABLES:
        return [TABLES[reader]]
    return [path.read_bytes() for path in sorted(SAMPLES.glob(f"{reader}*"))]


def _parquet() -> bytes:
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    table = {
        "customer_id": ["c1", "c2"],
        "step": ["view", "cart"],
        "occurred_at": [1767225600, 1767225601],
        "value": [1.5, None],
    }
    pq.write_table(pa.table(table), out)
    return out.getvalue()


_PIECES = (
    b"{}", b"[]", b'"', b",", b":", b"\\", b"\x00", b"\xff\xfe", b"\r\n", b"\n", b"\t", b"null", b"1e999", b"-0",
    b"NaN", b"<!DOCTYPE x>", b"&x;", b"]]>", b"\xf0\x9f\x98\x80", b"\xed\xa0\x80", b"9" * 400, b"[" * 3_000,
    b'{"a":' * 2_000, b"1e9999999", b"sNaN", b"-Infinity", b"\\ud800", b'\\"' * 4_000, b"\xc2\xb2" * 8,
)  # fmt: skip


def mutated(content: bytes, others: list[bytes], mixed: random.Random) -> bytes:
    """A few changes: bytes, cuts, repetitions, pieces that readers stumble over, parts of other samples."""
    data = bytearray(content)
    for _ in range(mixed.randint(1, 8)):
        at = mixed.randrange(len(data) + 1)
        end = min(len(data), at + mixed.choice((1, 2, 8, 40, 400)))
        kind = mixed.randrange(6)
        if kind == 0 and at < len(data):
            data[at] = mixed.randrange(256)
        elif kind == 1:
            del data[at:end]
        elif kind == 2:
            data[at:at] = mixed.choice(_PIECES)
        elif kind == 3:
            data[at:at] = data[at:end] * mixed.choice((1, 2, 20))
        elif kind == 4:
            other = mixed.choice(others)
            cut = mixed.randrange(len(other) + 1)
            data[at:end] = other[cut : cut + mixed.randint(1, 200)]
        else:
            data[at:end] = bytes(mixed.choices(b"0123456789", k=end - at))
    return bytes(data[:MAX_BYTES]) or b"{}"


def run(reader: str, seconds: float, corpus: Path | None, seed: int) -> bool:
    """Mutations of the samples until the time is over; whether all went well."""
    mixed, given, until = random.Random(seed), seeds(reader), time.monotonic() + seconds  # noqa: S311
    files = good = bad = refused = 0
    with tempfile.TemporaryDirectory() as name:
        for content in _mutations(given, mixed):
            if time.monotonic() > until:
                break
            found = _safely(partial(check, reader, content, Path(name)), reader, content, corpus)
            if found is None:
                return False
            files, good, bad, refused = files + 1, good + found[0], bad + found[1], refused + (found == (0, 0))
    counts = f"{good:,} rows good, {bad:,} bad; {refused:,} files refused or empty"
    _say(f"{reader}: {files:,} files in {seconds:.0f} s; {counts}")
    return True


def _mutations(given: list[bytes], mixed: random.Random) -> Iterator[bytes]:
    while True:
        yield mutated(mixed.choice(given), given, mixed)


def _safely(
    work: Callable[[], tuple[int, int]], reader: str, content: bytes, corpus: Path | None
) -> tuple[int, int] | None:
    try:
        return work()
    except Exception:
        place = (corpus or Path(tempfile.gettempdir())) / f"finding-{reader}-{abs(hash(content)):x}"
        place.write_bytes(content)
        _say(f"{reader}: {place}\n{traceback.format_exc()}")
        return None


def main() -> int:
    """Run it; 1 where something was found."""
    from tools import fuzz_guided

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reader", choices=[*READERS, "all"], metavar="READER")
    parser.add_argument("--seconds", type=float, default=600.0, help="for each reader")
    parser.add_argument("--corpus", type=Path, help="where findings, and atheris' inputs, are kept")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--atheris", action="store_true", help="guided by coverage; installed into an environment of its own"
    )
    given = parser.parse_args()
    readers = READERS if given.reader == "all" else (given.reader,)
    if given.atheris:
        corpus = given.corpus or Path(tempfile.gettempdir()) / "journeygraph-fuzz"
        if os.environ.get("JOURNEYGRAPH_FUZZ_INSIDE"):
            return fuzz_guided.run(given.reader, given.seconds, corpus / given.reader)
        told = ["--seconds", str(given.seconds), "--corpus", str(corpus), "--atheris"]
        return max(fuzz_guided.in_environment([reader, *told], corpus) for reader in readers)
    well = [run(reader, given.seconds, given.corpus, given.seed) for reader in readers]
    return 0 if all(well) else 1


def _say(sentence: str) -> None:
    print(sentence, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
