"""Whose a row in quarantine is: the person's, or somebody else's that mentions them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from journeygraph.privacy import quarantined
from journeygraph.privacy.needles import Needles
from journeygraph.quality import waiting
from journeygraph_loaders.chunks import BadRow
from journeygraph_loaders.quarantine import Quarantine

DORA, EMAIL, PHONE = "dora-4711", "dora@example.org", "+491701234567"
NEEDLES = Needles([DORA, EMAIL, PHONE, "7"], others=[f"{DORA}-b"])
AT = {"step": "view", "occurred_at": "never"}
HERS: list[dict[str, Any]] = [
    {"customer_id": DORA, **AT},
    {"customer_id": "emil-1", "email": f" {EMAIL.upper()} ", **AT},
    {"user": {"phones": [PHONE]}, **AT},
    {"body": f"this is {DORA}", **AT},  # whose it is nothing says
    {"customer_id": "", "email": None, "body": f"this is {DORA}", **AT},
    {"customer": f"the one called {DORA}", **AT},
    {"(line)": f"x;{EMAIL};y"},
]
OTHERS: list[dict[str, Any]] = [
    {"customer_id": "emil-1", "body": f"about {DORA}, {EMAIL.upper()} and {PHONE}.", **AT},
    {"event": {"userId": "emil-1", "tags": ["one", f"of {DORA}"]}, "occurred_at": f"as {DORA} said"},
]
UNTOUCHED: list[dict[str, Any]] = [
    {"customer_id": f"{DORA}-b", "body": "7 of 9", **AT},
    {"customer_id": "emil-1", "body": f"about {DORA}-b", **AT},
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with Quarantine(tmp_path, "b1", {"source": "desk"}) as quarantine:
        for line, row in enumerate([*HERS, *OTHERS, *UNTOUCHED], start=2):
            value = str(row.get("occurred_at"))
            quarantine.add([BadRow("desk.csv", line, "occurred_at", value, f"'{value}' is no time.", row)])
    return tmp_path


def test_of_somebody_elses_row_only_the_place_is_handed_over(home: Path) -> None:
    found = quarantined.find(home, NEEDLES)
    assert [row["raw"] for row in found if "raw" in row] == HERS
    assert [{name: row[name] for name in row if name != "id"} for row in found if "raw" not in row] == [
        {"file": "desk.csv", "line": 2 + len(HERS) + n, "mentioned": True} for n in range(len(OTHERS))
    ]
    assert "emil-1" not in repr([row for row in found if "raw" not in row])


def test_somebody_elses_row_waits_on_without_the_mention(home: Path) -> None:
    assert quarantined.erase(home, NEEDLES) == {"quarantine": len(HERS), "quarantine_mentions": len(OTHERS)}
    entries = waiting.entries(home)
    assert [entry.raw for entry in entries] == [
        {"customer_id": "emil-1", "body": "about (erased), (erased) and (erased).", **AT},
        {"event": {"userId": "emil-1", "tags": ["one"]}, "occurred_at": "as (erased) said"},
        *UNTOUCHED,
    ]
    assert (entries[1].value, entries[1].reason) == ("as (erased) said", "'as (erased) said' is no time.")
    assert all(entry.replayable for entry in entries)
    kept = b"".join(path.read_bytes() for path in (home / "quarantine").iterdir()).lower()
    assert not any(value.encode() in kept.replace(f"{DORA}-b".encode(), b"") for value in (DORA, EMAIL, PHONE))
    assert quarantined.find(home, NEEDLES) == []


def test_the_same_file_again_brings_no_mention_back(home: Path) -> None:
    """The row is known as what it was, so it is met again, and keeps the words that it has now."""
    quarantined.erase(home, NEEDLES)
    with Quarantine(home, "b2", {"source": "desk"}) as quarantine:
        quarantine.add([BadRow("desk.csv", 9, "occurred_at", "never", "'never' is no time.", OTHERS[0])])
    (again,) = [entry for entry in waiting.entries(home) if entry.seen == 2]
    assert again.raw["body"] == "about (erased), (erased) and (erased)."
