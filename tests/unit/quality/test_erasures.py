"""What proofs of erasure explain of a difference, and what they do not."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from journeygraph.quality.erasures import Erased, LoadCounts, balance, erased


def test_a_loss_is_told_whatever_was_erased_of_other_loads() -> None:
    loads = [LoadCounts("b1", 10, 8, 0), LoadCounts("b2", 5, 4, 0)]
    gone = Erased(persons=Counter(b1=2, other=90), retention=Counter(other=9))
    found = balance(loads, gone)
    assert (found.stored, found.held, found.agrees, found.explained) == (15, 12, False, None)
    assert found.note == "load b2 has lost 1 that no proof tells of"


def test_more_in_one_load_does_not_hide_less_in_another() -> None:
    found = balance([LoadCounts("b1", 5, 4, 0), LoadCounts("b2", 5, 6, 0)], Erased())
    assert (found.stored, found.held, found.agrees, found.explained) == (10, 10, False, None)
    assert found.note == "load b1 has lost 1 that no proof tells of; load b2 has 1 more than it stored"


def test_what_was_anonymised_is_held() -> None:
    found = balance([LoadCounts("b1", 16, 15, 1)], Erased())
    assert (found.held, found.agrees, found.explained) == (16, True, None)
    assert found.note == "1 of them anonymised: still held, of no file any more"
    assert not balance([LoadCounts("b1", 16, 14, 1)], Erased()).agrees


def test_retention_is_not_called_the_erasure_of_persons() -> None:
    found = balance([LoadCounts("b1", 9, 4, 0)], Erased(persons=Counter(b1=2), retention=Counter(b1=3)))
    assert found.explained == (
        "5 fewer: 2 of erased persons and 3 kept no longer (retention), of the loads that their proofs name"
    )


def test_proofs_that_name_no_load_explain_only_exactly_theirs() -> None:
    gone = Erased(unplaced=3, proofs=2)
    assert balance([LoadCounts("b1", 9, 6, 0)], gone).explained == "3 fewer: exactly the 3 of proofs that name no load"
    found = balance([LoadCounts("b1", 9, 7, 0)], gone)
    assert (found.agrees, found.explained) == (False, None)
    assert found.note == (
        "load b1 has lost 2 that no proof tells of; up to 3 may have been erased by 2 proofs that name no load"
    )


def test_proofs_are_read_by_what_they_say(tmp_path: Path) -> None:
    folder = tmp_path / "privacy" / "proofs"
    folder.mkdir(parents=True)
    statements = [
        {"mode": "erase", "removed": {"touchpoints": 3}, "removed_by_load": {"b1": 2, "b2": 1}},
        {"mode": "retention", "removed": {"touchpoints": 4}, "removed_by_load": {"b1": 4}},
        {"mode": "anonymise", "removed": {"touchpoints": 7}},
        {"mode": "erase", "removed": {"touchpoints": 5}},
        {"mode": "erase", "removed": {}},
    ]
    for number, statement in enumerate(statements):
        (folder / f"{number}.json").write_text(json.dumps({"statement": statement}))
    (folder / "no.json").write_text("[")
    found = erased(tmp_path)
    assert (found.persons, found.retention) == ({"b1": 2, "b2": 1}, {"b1": 4})
    assert (found.unplaced, found.proofs) == (5, 1)
