"""Files that unpack to far more than they are: refused by ratio and size, before memory or disk are full."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from journeygraph.errors import InputError
from journeygraph_loaders.bombs import check_parquet
from tests.unit.loaders.helpers import as_csv, read, write

ROW = {"customer_id": "c1", "step": "view", "occurred_at": "2026-01-31T12:00:00Z"}


def test_a_bomb_of_zstd_is_unpacked_a_little_at_a_time(tmp_path: Path) -> None:
    """Four packed bytes can be 128 KiB, so what was read at once, 128 KiB, could be 4 GiB."""
    dense = zstandard.ZstdCompressor().compress(b" " * (64 << 20))
    path = write(tmp_path / "x", zstandard.ZstdCompressor().compress(as_csv([ROW])) + dense * 16)
    assert path.stat().st_size < 1 << 17
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"no more than 200 to 1 is read"):
            read(path)
        assert tracemalloc.get_traced_memory()[1] < 300 << 20
    finally:
        tracemalloc.stop()


def test_data_that_packs_well_is_read(tmp_path: Path) -> None:
    content = as_csv([ROW] * 20_000)
    for packed in (gzip.compress(content), zstandard.ZstdCompressor().compress(content)):
        assert len(read(write(tmp_path / "x", packed))[0]) == 20_000


def parquet(rows: int, text: str) -> bytes:
    out = io.BytesIO()
    repeated = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int8()), pa.array([text]))
    columns = {"customer_id": repeated, "step": repeated, "occurred_at": pa.array([1_767_225_600] * rows)}
    pq.write_table(pa.table(columns), out, compression="zstd")
    return out.getvalue()


def test_parquet_that_stands_for_far_more_is_refused(tmp_path: Path) -> None:
    assert len(read(write(tmp_path / "x", parquet(1_000, "view")))[0]) == 1_000
    with pytest.raises(InputError, match=r"bytes of Parquet that stand for [\d,]+ bytes and 10 rows"):
        read(write(tmp_path / "x", parquet(10, "v" * (40 << 20))))
    check_parquet(tmp_path / "x", 20_000, 400_000, 3_000_000)
    with pytest.raises(InputError, match="and 3,000,000,000 rows"):
        check_parquet(tmp_path / "x", 20_000, 400_000, 3_000_000_000)


@pytest.mark.parametrize("what", ["ZIP archive", "bzip2", "xz"])
def test_packings_that_are_not_read_are_named(what: str, tmp_path: Path) -> None:
    import bz2
    import lzma

    content = as_csv([ROW])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x.csv", content)
    packed = {"ZIP archive": out.getvalue(), "bzip2": bz2.compress(content), "xz": lzma.compress(content)}[what]
    with pytest.raises(InputError, match=f"{what}.*unpack it"):
        read(write(tmp_path / "x", packed))
