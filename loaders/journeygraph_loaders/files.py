"""PATHs, folders and globs -> files in a fixed order; what a file is, by its content and never by its name."""

from __future__ import annotations

import codecs
import glob
import gzip
import io
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, Literal, cast

import zstandard

from journeygraph.errors import InputError
from journeygraph_loaders.bombs import Bounded
from journeygraph_loaders.encodings import NOT_UTF8, Recoded, encoding_of
from journeygraph_loaders.zstd_file import ZstdReader

Format = Literal["csv", "jsonl", "parquet", "json", "xml"]
FORMATS: Final = ("auto", "csv", "jsonl", "parquet")
SAMPLE_BYTES: Final = 256 * 1024
#: What data is called; of a folder's other files the content has to say that they are (a .json beside data is rarely).
DATA_ENDINGS: Final = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".xes")
PACKED_ENDINGS: Final = (".gz", ".gzip", ".zst", ".zstd")
#: What reading a damaged file raises.
PACKING_ERRORS: Final = (OSError, EOFError, zlib.error, zstandard.ZstdError)
_GZIP, _ZSTD, _PARQUET = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1"
#: Packings that are not read, by how they begin.
_OTHERS: Final = {
    b"PK\x03\x04": "a ZIP archive (or a workbook)", b"BZh": "packed with bzip2", b"\xfd7zXZ\x00": "packed with xz",
}  # fmt: skip
#: Nothing, packed with whatever header and name, is no longer than this.
_EMPTY_BYTES: Final = 4096
#: What a text without letters may begin with.
_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
#: How an object goes on that is written over several lines.
_GOES_ON: Final = (b"{", b"[", b",")


def looks_like_data(path: Path) -> bool:
    """Whether a file's name says that it is data.

    >>> looks_like_data(Path("a/B.CSV.gz")), looks_like_data(Path("orders.json")), looks_like_data(Path(".a.csv"))
    (True, False, False)
    """
    stem = path.name.lower()
    for ending in PACKED_ENDINGS:
        stem = stem.removesuffix(ending)
    return stem.endswith(DATA_ENDINGS) and not path.name.startswith(".")


def expand(paths: Iterable[str | Path], is_data: Callable[[Path], bool] = looks_like_data) -> list[Path]:
    """The files that paths, folders and (quoted) globs name, each once, in the order given, sorted within each.

    `is_data` is asked about the files of a folder whose names don't begin with a dot.

    Raises `InputError` for a path that names nothing.
    """
    found: dict[Path, Path] = {}
    for given in paths:
        text = str(given)
        for path in _expand_one(text, Path(text).expanduser(), is_data):
            _require_name(path)
            found.setdefault(path.resolve(), path)
    return list(found.values())


def _expand_one(text: str, path: Path, is_data: Callable[[Path], bool]) -> list[Path]:
    if path.is_file():
        return [path]
    if path.is_dir():
        files = [file for file in sorted(path.rglob("*")) if file.is_file() and not file.name.startswith(".")]
        files = [file for file in files if is_data(file)]
        if not files:
            raise InputError(
                f"The folder {text} holds no data file; looked for {', '.join(DATA_ENDINGS)}, and for files "
                "of any name whose content is that of a known source or a touchpoint table."
            )
        return files
    names = glob.glob(str(path), recursive=True)  # noqa: PTH207 - takes absolute patterns as well
    files = [Path(name) for name in sorted(names) if Path(name).is_file()]
    if not files:
        raise InputError(f"There is no file {text}: a file, a folder or a glob such as 'data/*.csv' was expected.")
    return files


def _require_name(path: Path) -> None:
    """Refuse a name that cannot be told: the graph, the quarantine and every message name the file."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        shown = str(path).encode("utf-8", "backslashreplace").decode()
        raise InputError(f"The name of the file {shown} is not UTF-8: rename it, then load it.") from None


@dataclass
class Opened:
    """A file that is being read: its unpacked bytes, and how far in the packed file the reading is."""

    path: Path
    format: Format
    stream: IO[bytes]
    size: int
    sample: bytes
    _raw: io.FileIO
    _closers: list[Callable[[], None]] = field(default_factory=list)

    @property
    def position(self) -> int:
        """Bytes of the file on disk that were read."""
        return self.size if self._raw.closed else min(self._raw.tell(), self.size)

    def close(self) -> None:
        """Close every layer."""
        for closer in self._closers:
            closer()


def open_file(path: Path, wanted: str = "auto", encoding: str | None = None, *, documents: bool = False) -> Opened:
    """Open a file of any packing; the format is what its content looks like unless one is asked for.

    Text in another encoding, declared or told by a byte order mark, is handed on as UTF-8.  With `documents`, a whole
    JSON document and XML are formats too: of sources, not of the touchpoint table.

    Raises `InputError` where it cannot be read, is empty, or is of another kind than was asked for.
    """
    if wanted not in FORMATS:
        raise InputError(f"--format {wanted!r} is not known; there are: {', '.join(FORMATS)}.")
    try:
        raw = io.FileIO(path)
    except OSError as error:
        raise InputError(f"The file {path} cannot be opened: {error.strerror}.") from error
    closers: list[Callable[[], None]] = [raw.close]
    try:
        return _opened(path, raw, wanted, encoding, closers, documents=documents)
    except BaseException as error:
        for closer in closers:
            closer()
        if isinstance(error, PACKING_ERRORS):
            raise damaged(path, error) from error
        raise


def _opened(
    path: Path,
    raw: io.FileIO,
    wanted: str,
    declared: str | None,
    closers: list[Callable[[], None]],
    *,
    documents: bool,
) -> Opened:
    unpacked, packed = _unpacked(path, raw, closers)
    sample = unpacked.peek(SAMPLE_BYTES)[:SAMPLE_BYTES]
    if not sample.startswith(_PARQUET):
        encoding = encoding_of(sample, declared)
        if encoding is not None:
            unpacked = io.BufferedReader(Recoded(unpacked, encoding, path), SAMPLE_BYTES)
            sample = unpacked.peek(SAMPLE_BYTES)[:SAMPLE_BYTES]
    _require_text(path, sample, wanted)
    found = cast(Format, wanted) if wanted != "auto" else _format_of(path, sample, documents=documents)
    stream = _on_disk(unpacked, closers) if found == "parquet" and packed else unpacked
    return Opened(path, found, stream, path.stat().st_size, sample, raw, closers)


def is_empty(path: Path) -> bool:
    """Whether there is nothing but blanks in a file, packed or not; one that cannot be opened is not for us to tell."""
    if path.stat().st_size > _EMPTY_BYTES:
        return False
    closers: list[Callable[[], None]] = []
    try:
        raw = io.FileIO(path)
        closers.append(raw.close)
        unpacked, _ = _unpacked(path, raw, closers)
        text = unpacked.read(SAMPLE_BYTES)
    except (*PACKING_ERRORS, InputError):
        return False
    finally:
        for closer in closers:
            closer()
    for mark in _MARKS:
        text = text.removeprefix(mark)
    return not text.strip()


def damaged(path: Path, error: Exception) -> InputError:
    """The error of a packed file that is cut off or garbled."""
    return InputError(
        f"The file {path} is cut off or damaged: {str(error).rstrip('. ')}. Fetch it again and load it once more."
    )


def _unpacked(path: Path, raw: io.FileIO, closers: list[Callable[[], None]]) -> tuple[io.BufferedReader, bool]:
    """The bytes inside the packing, and whether there is one."""
    magic = raw.read(4) or b""
    raw.seek(0)
    layer: object = raw
    if magic.startswith(_GZIP):
        layer = Bounded(gzip.GzipFile(fileobj=io.BufferedReader(raw, SAMPLE_BYTES)), raw, path)
    elif magic == _ZSTD:
        layer = Bounded(ZstdReader(raw), raw, path)
    # A buffer of its own size: `peek` gives as much as the buffer holds.
    unpacked: io.BufferedReader = io.BufferedReader(cast(Any, layer), SAMPLE_BYTES)
    closers.insert(0, unpacked.close)
    return unpacked, layer is not raw


def _require_text(path: Path, sample: bytes, wanted: str) -> None:
    """Refuse what cannot be CSV or JSON Lines."""
    for magic, what in _OTHERS.items():
        if sample.startswith(magic):
            raise InputError(f"The file {path} is {what}: unpack it (or save it as CSV), and load what is in it.")
    if sample.startswith(_PARQUET):
        if wanted in ("csv", "jsonl"):
            raise InputError(f"The file {path} is Parquet and not {wanted}: leave --format out.")
    elif wanted != "parquet" and sample[:64].count(0) > 8:
        raise InputError(
            f"The file {path} {NOT_UTF8}; it has many bytes of zero, so it may be `utf-16-le`, or no text at all."
        )


def _format_of(path: Path, sample: bytes, *, documents: bool) -> Format:
    if sample.startswith(_PARQUET):
        return "parquet"
    text = sample.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise InputError(f"The file {path} is empty: a header line, or one JSON object a line, was expected.")
    if documents and text.startswith((b"<?xml", b"<log", b"<!--")):
        return "xml"
    if text.startswith(b"["):
        if documents:
            return "json"
        raise one_array(path)
    if text.startswith(b"{"):
        return "json" if documents and text.split(b"\n", 1)[0].rstrip().endswith(_GOES_ON) else "jsonl"
    return "csv"


def one_array(path: Path) -> InputError:
    """The error of a JSON array that is the answer of no known source."""
    return InputError(
        f"The file {path} is one JSON array, and its records are of no known source: of touchpoints one JSON object a "
        "line is needed (`jq -c '.[]'` makes that of it)."
    )


def one_document(path: Path) -> InputError:
    """The error of JSON over several lines that is the answer of no known source."""
    return InputError(
        f"The file {path} is one JSON document over several lines, and of no known source: of touchpoints one JSON "
        "object a line is needed (`jq -c .` makes that of an object, `jq -c '.name[]'` of a list inside it)."
    )


def _on_disk(stream: IO[bytes], closers: list[Callable[[], None]]) -> IO[bytes]:
    """Parquet is read from its end, so a packed one is unpacked into a temporary file first."""
    spool = tempfile.TemporaryFile()  # noqa: SIM115 - closed by Opened.close
    closers.insert(0, spool.close)
    shutil.copyfileobj(stream, spool, 1 << 20)
    spool.seek(0)
    return cast(IO[bytes], spool)


def total_bytes(paths: Sequence[Path]) -> int:
    """Size on disk of all files."""
    return sum(path.stat().st_size for path in paths)
