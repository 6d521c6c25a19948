"""What waits in quarantine can be listed and exported, whatever its rows hold."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path

import pytest

from journeygraph_cli.output import emit
from journeygraph_loaders.chunks import BadRow
from journeygraph_loaders.quarantine import Quarantine, export


def test_numbers_that_are_not_finite_are_text_in_json_and_numbers_for_a_replay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = {"value": math.inf, "other": math.nan, "deep": {"list": [-math.inf, 1.5]}}
    with Quarantine(tmp_path, "b") as quarantine:
        quarantine.add([BadRow("pull:m", 1, "value", "inf", "The value 'inf' is not a finite number.", raw)])
        (entry,) = quarantine.entries()
        out = io.StringIO()
        export(quarantine.entries(), out)
    emit({"rows": [entry.model_dump(mode="json")]}, True, lambda: None)
    (listed,) = json.loads(capsys.readouterr().out)["rows"]
    assert listed["raw"] == {"value": "inf", "other": "nan", "deep": {"list": ["-inf", 1.5]}}
    assert "Infinity" not in out.getvalue()
    assert "NaN" not in out.getvalue()
    assert entry.raw["value"] == math.inf
