"""What a store is rebuilt of: the swap that can be taken up anywhere, the search of every byte, the cells of files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from journeygraph.errors import UsageError
from journeygraph.privacy.purge import search
from journeygraph.privacy.purge.columns import can_be_named, column_type
from journeygraph.server import replaced
from journeygraph.server.layout import Layout


def _folder(path: Path, text: str) -> Path:
    path.mkdir(parents=True)
    (path / "store").write_text(text)
    return path


@pytest.mark.parametrize("killed_after", range(4))
def test_a_swap_is_completed_from_wherever_it_was_left(tmp_path: Path, killed_after: int) -> None:
    layout = Layout("5.26.30", tmp_path / "neo4j-5")
    old, new = layout.data.with_name("data.old"), layout.data.with_name("data.new")
    _folder(layout.data, "old")
    _folder(layout.logs, "who was looked for")
    if killed_after == 0:
        replaced.put(layout, _folder(tmp_path / "purge" / "data", "new"))
    if killed_after >= 1:
        _folder(new, "new")
    if killed_after >= 2:
        layout.data.replace(old)
    if killed_after >= 3:
        new.replace(layout.data)
        shutil.rmtree(layout.logs)
    replaced.complete(layout)
    assert (layout.data / "store").read_text() == "new"
    assert not old.exists()
    assert not new.exists()
    assert not list(layout.logs.glob("*"))
    replaced.complete(layout)  # nothing is left to do
    assert (layout.data / "store").read_text() == "new"


def test_every_byte_of_every_file_is_searched(tmp_path: Path) -> None:
    for number, content in enumerate((b"x ANNA@Example.org x", b"a" * (1 << 22) + b"nna@example.org", b"ana")):
        (tmp_path / f"{number}.bin").write_bytes(content)
    (tmp_path / "of-anna@example.org").write_bytes(b"")
    found = search(tmp_path, ["anna@example.org"])
    assert found.holding == ("0.bin", "1.bin", "of-anna@example.org")
    assert (found.files, found.bytes) == (4, 20 + (1 << 22) + 15 + 3)


def test_what_cannot_be_carried_is_refused_by_name() -> None:
    assert [column_type(name) for name in ("ZONED DATETIME NOT NULL", "LIST<DATE NOT NULL> NOT NULL")] == [
        "datetime",
        "date[]",
    ]
    with pytest.raises(UsageError, match="type POINT"):
        column_type("POINT NOT NULL")
    assert [can_be_named(name) for name in ("p_size", "a:b", "", " a", 'a"')] == [True, False, False, False, False]
