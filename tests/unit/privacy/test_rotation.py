"""Keys rotate: nobody who was erased is forgotten, the log stays whole, and a former key is worth nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from journeygraph.privacy import audit, proof
from journeygraph.privacy.keyring import Keyring
from journeygraph.privacy.rotation import rotate, used
from journeygraph.privacy.suppression import Suppressions, suppress

ANNA = ("email", "anna@example.org")


def test_who_was_erased_is_recognised_through_every_rotation(tmp_path: Path) -> None:
    audit.record(tmp_path, "erase begun")
    assert suppress(tmp_path, [ANNA]) == 1
    loading = Suppressions(tmp_path)  # a load that runs meanwhile
    before = (tmp_path / "privacy" / "suppressed.txt").read_text()
    for generation in (2, 3):
        assert rotate(tmp_path).model_dump() == {"generation": generation, "suppressed": 1, "pseudonyms": 0}
        assert Suppressions(tmp_path).holds(*ANNA)
        assert loading.holds(*ANNA)
        assert not Suppressions(tmp_path).holds("email", "ben@example.org")
        assert suppress(tmp_path, [ANNA]) == 0
    after = (tmp_path / "privacy" / "suppressed.txt").read_text()
    assert before.strip() not in after, "the hash that a former key could check is gone"
    assert suppress(tmp_path, [("customer_id", "ben")]) == 1
    assert [(key.generation, key.suppressed) for key in used(tmp_path)] == [(1, 0), (2, 0), (3, 2)]


def test_a_list_that_was_not_lifted_is_recognised(tmp_path: Path) -> None:
    audit.record(tmp_path, "erase begun")
    suppress(tmp_path, [ANNA])
    audit.rotate(tmp_path)  # killed before the list was lifted
    assert Suppressions(tmp_path).holds(*ANNA)
    assert suppress(tmp_path, [ANNA]) == 0
    rotate(tmp_path)
    assert Suppressions(tmp_path).holds(*ANNA)


def test_the_log_goes_on_under_the_new_key(tmp_path: Path) -> None:
    audit.record(tmp_path, "export", "anna")
    rotate(tmp_path)
    audit.record(tmp_path, "export", "anna")
    assert audit.verify(tmp_path, at_least=3).intact
    entries = audit.entries(tmp_path)
    assert [(entry.action, entry.key) for entry in entries] == [("export", 1), ("key rotated to 2", 1), ("export", 2)]
    subjects = Keyring(tmp_path).digests("customer_id", "anna")
    assert [entries[0].subject, entries[2].subject] == subjects
    assert [key.audited for key in used(tmp_path)] == [2, 1]


def test_who_has_a_former_key_can_change_nothing(tmp_path: Path) -> None:
    thief = tmp_path / "thief"
    audit.record(tmp_path, "export", "anna", actor="thief")
    shutil.copytree(tmp_path / "privacy", thief / "privacy")
    rotate(tmp_path)
    audit.record(tmp_path, "export", "ben")
    log, head = tmp_path / "privacy" / "audit.jsonl", tmp_path / "privacy" / "audit.head"
    genuine = log.read_bytes(), head.read_bytes()
    # A log of before the rotation, forged and sealed with the key of that time.
    forger = Keyring(thief)
    entry = {"n": 1, "at": "2026", "actor": "x", "action": "export", "subject": None, "previous": "0" * 64, "key": 1}
    entry["hash"] = forger.seal(json.dumps(entry, sort_keys=True, separators=(",", ":")))
    line = (json.dumps(entry) + "\n").encode()
    told = {"entries": 1, "hash": entry["hash"], "key": 1, "seal": forger.seal(f"1 {entry['hash']}")}
    log.write_bytes(line)
    head.write_bytes((json.dumps(told) + "\n").encode())
    assert not audit.verify(tmp_path).intact
    # The forged entry in front of what the new key sealed.
    log.write_bytes(line + b"".join(genuine[0].splitlines(keepends=True)[1:]))
    head.write_bytes(genuine[1])
    assert not audit.verify(tmp_path).intact
    log.write_bytes(genuine[0])
    assert audit.verify(tmp_path).intact


@pytest.mark.parametrize("killed_at", ["prepared", "said", "sealed"])
def test_a_rotation_that_was_killed_is_completed(
    tmp_path: Path, killed_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    audit.record(tmp_path, "export", "anna")
    target = {"prepared": (audit, "_append"), "said": (audit, "_write_head"), "sealed": (Keyring, "promote")}[killed_at]
    with monkeypatch.context() as patched:
        patched.setattr(*target, killed)
        with pytest.raises(KeyboardInterrupt):
            audit.rotate(tmp_path)
    if killed_at != "said":  # there the entry is ahead of its head, as after any crash between the two
        assert audit.verify(tmp_path).intact
    audit.record(tmp_path, "export", "ben")
    assert audit.verify(tmp_path).intact
    assert rotate(tmp_path).generation in (2, 3)
    audit.record(tmp_path, "export", "carl")
    assert audit.verify(tmp_path).intact


def test_proofs_of_a_former_signing_key_still_hold(tmp_path: Path) -> None:
    signed = proof.sign(tmp_path, {"erasure_id": "e1"})
    rotate(tmp_path)
    checked = proof.check(tmp_path, tmp_path / "privacy" / "proofs" / "e1.json")
    assert (checked.valid, checked.of_this_home) == (True, True)
    assert proof.sign(tmp_path, {"erasure_id": "e2"}).public_key != signed.public_key
