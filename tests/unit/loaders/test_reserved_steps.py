"""A step cannot have the name of a sentinel."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeygraph_loaders.reading import Options, touchpoints


class Bad:
    def __init__(self) -> None:
        self.rows: list[str] = []

    def add(self, rows: list) -> None:  # type: ignore[type-arg]
        self.rows += [row.reason for row in rows]


@pytest.mark.parametrize("name", ["(start)", "(end)", " (other) "])
def test_reserved_names_are_quarantined_with_a_reason(tmp_path: Path, name: str) -> None:
    file = tmp_path / "touchpoints.csv"
    file.write_text(f"customer_id,step,occurred_at\nc,{name},2026-01-01T00:00:00Z\nc,view,2026-01-01T00:00:00Z\n")
    bad = Bad()
    rows = [row for batch in touchpoints([file], Options(), bad) for row in batch]
    assert [row.step for row in rows] == ["view"]
    assert "call the step otherwise" in bad.rows[0]
