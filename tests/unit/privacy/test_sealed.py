"""Encrypted values: read by every key there was, written by the newest, and by nobody without one."""

from __future__ import annotations

from pathlib import Path

from journeygraph.privacy.sealed import UNREADABLE, Cipher


def test_values_are_read_through_every_rotation(tmp_path: Path) -> None:
    cipher = Cipher(tmp_path)
    token = cipher.seal("änna@example.org")
    assert "example" not in token
    assert cipher.seal("änna@example.org") != token
    cipher.rotate()
    renewed = cipher.renew(token)
    assert [Cipher(tmp_path).open(one) for one in (token, renewed)] == 2 * ["änna@example.org"]
    keys = tmp_path / "privacy" / "encryption_keys"
    assert keys.stat().st_mode & 0o777 == 0o600
    keys.write_bytes(keys.read_bytes().splitlines(keepends=True)[0])  # the former key is taken away
    assert Cipher(tmp_path).open(renewed) == "änna@example.org"
    assert Cipher(tmp_path).open(token) == UNREADABLE
    assert Cipher(tmp_path).renew(token) == token


def test_properties_are_shown_with_their_values(tmp_path: Path) -> None:
    cipher = Cipher(tmp_path)
    shown = cipher.opened({"p_email_sealed": cipher.seal("a@b.org"), "step": "view", "p_size_sealed": 3})
    assert shown == {"p_email": "a@b.org", "step": "view", "p_size_sealed": 3}
