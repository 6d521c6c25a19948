"""What commands share says in a sentence what is wrong with it."""

from __future__ import annotations

import pytest

from journeygraph.errors import UsageError
from journeygraph_cli import context


def test_a_setting_that_cannot_be_used_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNEYGRAPH_HIGH_INTENT_ABOVE", "often")
    with pytest.raises(UsageError, match="JOURNEYGRAPH_HIGH_INTENT_ABOVE is 'often'"):
        context.settings()


@pytest.mark.parametrize("text", ["yesterday", "2026-01-31", "2026-01-31T12:00:00"])
def test_an_instant_needs_its_offset(text: str) -> None:
    with pytest.raises(UsageError, match="--as-of"):
        context.instant(text)


def test_an_instant_with_offset_is_taken() -> None:
    parsed = context.instant("2026-01-31T12:00:00+01:00")
    assert parsed is not None
    assert parsed.isoformat() == "2026-01-31T12:00:00+01:00"
