"""Which files of a folder are read: by what is in them, where their names don't say."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from journeygraph.errors import InputError
from journeygraph_loaders.choosing import chosen_files, files_of
from journeygraph_loaders.mapping import Mapping, Section

CALL = {"type": "track", "event": "Order Completed", "userId": "u", "messageId": "m", "timestamp": "2026-01-01T10:00Z"}
EVENT = {"specversion": "1.0", "id": "1", "source": "/shop", "type": "order", "time": "2026-01-01T10:00:00Z"}
ROW = {"customer_id": "c", "step": "view", "occurred_at": "2026-01-01T10:00:00Z"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "till.csv").write_text("customer_id,step,occurred_at\nc,view,2026-01-01T10:00:00Z\n")
    (tmp_path / "1471388400000.v1.4345.gz").write_bytes(gzip.compress(json.dumps(CALL).encode()))
    (tmp_path / "events.json").write_text(json.dumps([EVENT]))
    (tmp_path / "part-00000").write_text(json.dumps(ROW) + "\n")
    (tmp_path / "README.md").write_text("# What lies here\n\nA till's rows, and more.\n")
    (tmp_path / "schema.json").write_text('{\n  "type": "object"\n}\n')
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / ".hidden.csv").write_text("customer_id\n")
    return tmp_path


def test_files_of_any_name_are_read_where_their_content_says_so_and_the_others_are_named(folder: Path) -> None:
    said: list[str] = []
    found = [path.name for path, _ in chosen_files([folder], Mapping(), said.append)]
    assert found == ["1471388400000.v1.4345.gz", "events.json", "part-00000", "till.csv"]
    [sentence] = said
    for name in ("README.md", "schema.json", "picture.png", "empty.txt"):
        assert name in sentence
    assert "hidden" not in sentence


def test_of_many_others_some_are_named(tmp_path: Path) -> None:
    (tmp_path / "till.csv").write_text("customer_id,step,occurred_at\n")
    for number in range(1_200):
        (tmp_path / f"{number:04}.txt").write_text("nothing")
    said: list[str] = []
    chosen_files([tmp_path], Mapping(), said.append)
    assert said[0].endswith("0004.txt and 1,195 more.")


def test_a_mapping_that_names_files_says_which_others_are_data(folder: Path) -> None:
    mapping = Mapping(files={"part-*": Section(), "*.md": Section(ignore="it is prose")})
    found, others = files_of([folder], mapping)
    assert [path.name for path in found] == ["part-00000", "till.csv"]
    assert {path.name for path in others} >= {"README.md", "events.json"}


def test_a_folder_without_any_is_refused(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Nothing\n")
    with pytest.raises(InputError, match=r"holds no data file.*whose content is that of a known source"):
        chosen_files([tmp_path], Mapping(), print)
