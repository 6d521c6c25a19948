"""What the dictionary of data shows no example of."""

from __future__ import annotations

import pytest

from journeygraph.quality.meanings import PERSONAL, meaning


@pytest.mark.parametrize(
    ("kind", "name"),
    [("MERGED_INTO", "evidence"), ("WAS_MERGED_INTO", "evidence"), ("IDENTIFIES", "evidence"), ("LIVES_IN", "evidence"),
     ("Consent", "source")],
)  # fmt: skip
def test_what_somebody_wrote_in_free_text_is_not_shown(kind: str, name: str) -> None:
    """Why two were merged (`--because`) stands with the merged id, too; where consent was given anybody may word."""
    assert meaning(kind, name).personal
    assert f"{kind}.{name}" in PERSONAL
