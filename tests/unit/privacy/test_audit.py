"""The audit log: whatever is changed in it or cut off it is found."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.privacy import audit


def _written(home: Path, count: int = 5) -> Path:
    for n in range(count):
        audit.record(home, "export", f"customer-{n}", actor=f"key:crm {n}")
    return home / "privacy" / "audit.jsonl"


def test_an_empty_home_has_an_intact_log(tmp_path: Path) -> None:
    assert audit.verify(tmp_path).intact
    assert audit.entries(tmp_path) == []
    assert not audit.verify(tmp_path, at_least=1).intact


def test_entries_are_chained_and_name_nobody(tmp_path: Path) -> None:
    path = _written(tmp_path)
    verified = audit.verify(tmp_path, at_least=5)
    assert (verified.intact, verified.entries) == (True, 5)
    assert verified.head == audit.entries(tmp_path)[-1].hash
    assert "customer-" not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


@settings(max_examples=150)
@given(data=st.data())
def test_whatever_byte_is_changed_inserted_or_removed_is_found(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        home = Path(folder)
        path = _written(home, 3)
        file = data.draw(st.sampled_from([path, path.with_suffix(".head")]))
        before = file.read_bytes()
        place = data.draw(st.integers(0, len(before) - 1))
        length = data.draw(st.integers(0, 3))
        mutated = before[:place] + data.draw(st.binary(max_size=3)) + before[place + length :]
        file.write_bytes(mutated)
        assert audit.verify(home).intact == (mutated == before)


@given(cut=st.integers(0, 4), kept=st.integers(0, 4))
def test_lines_that_are_cut_off_moved_or_missing_are_found(cut: int, kept: int) -> None:
    with TemporaryDirectory() as folder:
        home = Path(folder)
        path = _written(home)
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(lines[:cut]))
        assert "cut" in str(audit.verify(home).problem)
        path.write_bytes(b"".join(lines[:kept] + lines[kept + 1 :]))
        assert not audit.verify(home).intact
        path.write_bytes(b"".join([*lines, lines[kept]]))
        assert not audit.verify(home).intact
        path.write_bytes(b"".join(lines))
        assert audit.verify(home).intact


@pytest.mark.parametrize("name", ["audit.jsonl", "audit.head", "key"])
def test_a_file_that_is_missing_is_found_and_nothing_is_appended(tmp_path: Path, name: str) -> None:
    _written(tmp_path)
    (tmp_path / "privacy" / name).unlink()
    assert not audit.verify(tmp_path).intact
    with pytest.raises(audit.AuditBroken):
        audit.record(tmp_path, "export", "anna")


def test_a_log_that_was_removed_whole_is_found_and_not_begun_anew(tmp_path: Path) -> None:
    path = _written(tmp_path)
    path.unlink()
    path.with_suffix(".head").unlink()
    assert not audit.verify(tmp_path).intact
    with pytest.raises(audit.AuditBroken):
        audit.record(tmp_path, "export", "anna")


def test_a_crash_between_entry_and_head_is_no_tampering(tmp_path: Path) -> None:
    path = _written(tmp_path)
    head = path.with_suffix(".head").read_bytes()
    audit.record(tmp_path, "export", "anna")
    path.with_suffix(".head").write_bytes(head)
    assert audit.verify(tmp_path).entries == 6
    assert audit.record(tmp_path, "export", "ben").entries == 7
    assert audit.verify(tmp_path).intact
