"""Every row of a batch knows where it was read, whatever columns the rows around it have."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph_loaders.batch import Conflict
from journeygraph_loaders.reading import Options, touchpoints
from tests.unit.loaders.helpers import FORMATS, Kept, write


@pytest.mark.parametrize("form", FORMATS)
@given(kinds=st.lists(st.sampled_from(["plain", "product", "email", "bad"]), min_size=1, max_size=20))
def test_a_conflict_is_told_with_its_line(
    form: str, kinds: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = []
    for number, kind in enumerate(kinds):
        row = {"touchpoint_id": f"t{number}", "customer_id": "c", "step": "v", "occurred_at": "2026-01-01T00:00:00Z"}
        row |= {kind: {"product": "p", "email": "e@x.org", "bad": "x", "plain": "x"}[kind]}
        rows.append({**row, "occurred_at": "never"} if kind == "bad" else row)
    path: Path = write(tmp_path_factory.mktemp("batch") / "x", FORMATS[form](rows))
    seen = []
    for batch in touchpoints([path], Options(batch_rows=6), Kept()):
        for place, row in enumerate(batch):
            bad = batch.bad_row(Conflict(place, "web", 0, None, "a"))
            assert bad.fields["touchpoint_id"] == bad.value == row.touchpoint_id
            assert (bad.line, bad.whole) == (int(row.touchpoint_id[1:]) + 1 + (form == "csv"), True)
            assert f"The touchpoint_id {row.touchpoint_id!r} belongs already to another touchpoint" in bad.reason
            assert "1970-01-01T00:00:00Z, visitor 'a'" in bad.reason
            seen.append(row.touchpoint_id)
    assert seen == [f"t{number}" for number, kind in enumerate(kinds) if kind != "bad"]
