"""What is a privacy policy and what is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeygraph.errors import UsageError
from journeygraph.privacy import policy


@pytest.mark.parametrize("text", ["", "[]", "{}", "none"])
def test_nothing_does_not_replace_what_is_in_force(tmp_path: Path, text: str) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("sources: {shop: {keep: [value]}}", encoding="utf-8")
    policy.declare(tmp_path / "home", file)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="names no `sources`"):
        policy.declare(tmp_path / "home", file)
    assert policy.read(tmp_path / "home").of("shop").keep == {"value"}


def test_a_policy_that_asks_nothing_says_so(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("sources: {}", encoding="utf-8")
    assert not policy.declare(tmp_path / "home", file).asks_of_rows


def test_a_refusal_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("sources: {shop: {retention: [{older_than: abc}]}}", encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        policy.declare(tmp_path / "home", file)
    assert "Value error" not in str(raised.value)
    assert not str(raised.value).endswith("..")
