"""The simulation as the files a company would have: seven sources in several formats and packings, and truth.json."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import zstandard
from numpy.typing import NDArray
from pydantic import Field

from journeygraph.answers import Answer
from journeygraph.errors import UsageError
from journeygraph.generator import shop
from journeygraph.generator.bad_rows import spoil
from journeygraph.generator.columns import TouchpointColumns
from journeygraph.generator.follow_up import BLUEPRINT
from journeygraph.generator.simulate import Simulation
from journeygraph.generator.truth import NOTE, Truth

Columns = dict[str, list[Any]]
_GZIP_LEVEL = 6

#: File of each channel; the ending says format and packing.
FILES = {
    "web": "web_shop.csv",
    "app": "app.jsonl",
    "store": "tills.csv",
    "email": "newsletter.csv.gz",
    "ad": "ads.parquet",
    "social": "social_media.jsonl.gz",
    "service": "helpdesk.csv.zst",
}


def _utc(seconds: NDArray[np.int64]) -> list[Any]:
    return [f"{text}Z" for text in np.datetime_as_string(seconds.astype("datetime64[s]"))]


def _local(seconds: NDArray[np.int64]) -> list[Any]:
    """ISO 8601 in the shop's own time, with the offset that holds then."""
    instants = pd.DatetimeIndex(seconds.astype("datetime64[s]"), tz="UTC")
    local = instants.tz_convert(shop.TIME_ZONE).tz_localize(None).to_numpy().astype("datetime64[s]")
    hours = (local.astype(np.int64) - seconds) // 3_600
    texts = np.datetime_as_string(local)
    return [f"{text}+{hour:02d}:00" for text, hour in zip(texts.tolist(), hours.tolist(), strict=True)]


#: How each file writes an instant; the others are ISO 8601 in UTC.
_TIMES: Mapping[str, Callable[[NDArray[np.int64]], list[Any]]] = {
    "store": _local,
    "app": lambda seconds: (seconds * 1_000).tolist(),
    "email": lambda seconds: seconds.tolist(),
    "ad": lambda seconds: [dt.datetime.fromtimestamp(second, dt.UTC) for second in seconds.tolist()],
}


class Written(Answer):
    """What `journeygraph generate` wrote."""

    files: tuple[str, ...]
    rows: int = Field(description="rows in the touchpoint files, bad ones included")
    customers: int
    planted: list[dict[str, Any]]
    truth: str
    synthetic: bool = True


def write(simulation: Simulation, out: Path, *, bad_rows: float = 0.0) -> Written:
    """Write the touchpoint files, README.txt and truth.json into a folder; the same simulation gives the same bytes.

    `bad_rows` is the share of unusable rows that are added to the web shop, app and till files; truth.json counts them.

    Raises `UsageError` where the folder cannot be written.
    """
    touchpoints, truth = simulation
    try:
        out.mkdir(parents=True, exist_ok=True)
        counts = {name: _write_channel(touchpoints, channel, out / name, bad_rows) for channel, name in FILES.items()}
    except OSError as error:
        raise UsageError(f"--out {out} cannot be written: {error.strerror}.") from error
    spoiled = {name: reasons for name, (_, reasons) in counts.items() if reasons}
    truth = truth.model_copy(update={"bad_rows": spoiled})
    _write_text(out / "truth.json", json.dumps(truth.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n")
    _write_text(out / "README.txt", _readme(truth))
    if truth.planted:
        _write_text(out / "blueprint.yaml", BLUEPRINT)
    return Written(
        files=tuple(str(out / name) for name in FILES.values()),
        rows=sum(rows for rows, _ in counts.values()),
        customers=truth.totals.customers,
        planted=truth.summary(),
        truth=str(out / "truth.json"),
    )


def _write_channel(
    touchpoints: TouchpointColumns, channel: str, path: Path, share: float
) -> tuple[int, dict[str, int]]:
    columns = _columns(touchpoints, channel)
    spoilable = channel in ("web", "app", "store")
    reasons = spoil(columns, share) if spoilable and share > 0 else {}
    name = path.name.removesuffix(".gz").removesuffix(".zst")
    if name.endswith(".parquet"):
        pa.parquet.write_table(_arrow(columns), path, compression="zstd")
    else:
        content = _jsonl(columns) if name.endswith(".jsonl") else _csv(columns, ";" if channel == "store" else ",")
        path.write_bytes(_packed(content, path.name))
    return len(columns["step"]), reasons


def _columns(touchpoints: TouchpointColumns, channel: str) -> Columns:
    """The columns that this channel's source has, in order of time."""
    rows = np.flatnonzero(touchpoints.channel == channel)
    rows = rows[np.argsort(touchpoints.touchpoint_id[rows])]
    times = _TIMES.get(channel, _utc)
    columns: Columns = {}
    for name in touchpoints.__dataclass_fields__:
        values = getattr(touchpoints, name)[rows]
        if name == "seconds":
            columns["occurred_at"] = times(values)
        elif name == "property_value":
            label = touchpoints.property_name[rows[0]] if len(rows) else None
            if label:
                columns[f"properties.{label}"] = values.tolist()
        elif name != "property_name" and (
            name in ("step", "customer_id") or any(value is not None for value in values)
        ):
            columns[name] = values.tolist()
    return columns


def _arrow(columns: Columns) -> pa.Table:
    return pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})


def _csv(columns: Columns, delimiter: str) -> bytes:
    """Unquoted: no text of the shop holds a delimiter, a quote or a line end."""
    buffer = io.BytesIO()
    options = pa.csv.WriteOptions(delimiter=delimiter, quoting_style="none")
    pa.csv.write_csv(_arrow(columns), buffer, options)
    return buffer.getvalue()


def _jsonl(columns: Columns) -> bytes:
    names = list(columns)
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    lines = [
        encode({name: value for name, value in zip(names, row, strict=True) if value is not None})
        for row in zip(*columns.values(), strict=True)
    ]
    return ("\n".join(lines) + "\n").encode() if lines else b""


def _packed(content: bytes, name: str) -> bytes:
    if name.endswith(".gz"):
        return gzip.compress(content, _GZIP_LEVEL, mtime=0)
    if name.endswith(".zst"):
        return zstandard.ZstdCompressor(level=3).compress(content)
    return content


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _readme(truth: Truth) -> str:
    return (
        f"{NOTE}\n\n"
        f"{truth.totals.touchpoints} touchpoints of {truth.totals.customers} people from {truth.start} on, "
        f"{truth.days} days, seed {truth.seed}.\n"
        "truth.json says what was planted. Load all files with: journeygraph load <this folder>\n"
    )
