"""Tables with arbitrary changes: every line is a good row or a bad one with a sentence, none is lost or counted twice.

`JOURNEYGRAPH_MUTATIONS=1000` for a thorough run by hand; `python -m tools.fuzz` looks for more.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tools import fuzz

from journeygraph.errors import InputError
from tests.unit.loaders.helpers import FORMATS, packed, read, write

MUTATIONS = int(os.environ.get("JOURNEYGRAPH_MUTATIONS", "25"))
ROWS = [
    {"customer_id": f"c{n}", "step": "view", "occurred_at": f"2026-01-{n + 1:02}T12:00:00Z", "value": n, "note": "x y"}
    for n in range(9)
]


@settings(max_examples=MUTATIONS, deadline=None)
@given(st.randoms(use_true_random=False))
def test_each_line_of_json_is_a_row(mixed: random.Random) -> None:
    """Received = good + bad, by a count of lines that knows nothing of the reader."""
    content = fuzz.mutated(FORMATS["jsonl"](ROWS), [b"{}"], mixed)
    lines = [line for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()]
    found = _read(content, "jsonl")
    if found is not None:
        assert found[0] + found[1] == len(lines)


@settings(max_examples=MUTATIONS, deadline=None)
@given(st.randoms(use_true_random=False))
def test_each_line_of_csv_is_a_row(mixed: random.Random) -> None:
    header, _, rows = FORMATS["csv"](ROWS).partition(b"\r\n")
    changed = fuzz.mutated(rows, [b"a,b"], mixed).replace(b'"', b"'").replace(b"\r", b"")
    lines = [line for line in changed.split(b"\n") if line.strip()]
    found = _read(header + b"\n" + changed, "csv")
    if found is not None:
        assert found[0] + found[1] == len(lines)


@pytest.mark.parametrize("reader", fuzz.TABLES)
@pytest.mark.parametrize("packing", ["", "gzip", "zstd"])
@settings(max_examples=max(MUTATIONS // 5, 5), deadline=None)
@given(st.randoms(use_true_random=False))
def test_no_mutated_file_of_a_table_crashes(reader: str, packing: str, mixed: random.Random) -> None:
    """Changed before packing, or after it."""
    (seed,) = fuzz.seeds(reader)
    content = packed(fuzz.mutated(seed, [seed], mixed), packing)
    with tempfile.TemporaryDirectory() as folder:
        fuzz.check(reader, content, Path(folder))
        fuzz.check(reader, fuzz.mutated(packed(seed, packing), [seed], mixed), Path(folder))


def _read(content: bytes, form: str) -> tuple[int, int] | None:
    """(good rows, bad rows), None for a file that is refused."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            good, bad, _ = read(write(Path(folder) / "x", content), format=form)
        except InputError:
            return None
    assert all(row.reason.endswith(".") for row in bad)
    json.dumps([dict(row.fields) for row in bad], default=str)
    return len(good), len(bad)
