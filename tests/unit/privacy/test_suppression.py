"""The list of who was erased, asked of texts that are no rows; and what the quarantine keeps beside rows."""

from __future__ import annotations

from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from journeygraph.privacy import quarantined
from journeygraph.privacy.needles import Needles
from journeygraph.privacy.suppression import Suppressions, suppress
from journeygraph.quality import waiting
from journeygraph.quality.waiting import Which
from journeygraph_loaders.chunks import BadRow
from journeygraph_loaders.quarantine import Quarantine

DORA, EMAIL, PHONE = "dora-4711", "dora@example.org", "+4930123456"


def listed(home: Path) -> Suppressions:
    """The list after somebody was erased."""
    suppress(home, [("customer_id", DORA), ("email", EMAIL), ("phone", PHONE), ("customer_id", "7")])
    return Suppressions(home)


def test_names_of_files_are_told_without_who_was_erased(tmp_path: Path) -> None:
    assert Suppressions(tmp_path).without(f"{DORA}.csv") == f"{DORA}.csv"
    without = listed(tmp_path).without
    for text, told in {
        f"{DORA}.csv": "(erased).csv",
        f"/data/{DORA}/export {DORA.upper()}_2026.csv": "/data/(erased)/export (erased)_2026.csv",
        f"{EMAIL}.csv.gz": "(erased).csv.gz",
        f"calls {PHONE}.json": "calls (erased).json",
        f"x{DORA}.csv": f"x{DORA}.csv",
        "dora.csv": "dora.csv",
        "till 7.csv": "till 7.csv",
        "7": "(erased)",
        "": "",
        "...": "...",
    }.items():
        assert without(text) == told, text


@example(text="", id="1", place=0)
@given(st.text(alphabet="ab1-_. @+", max_size=40), st.text(alphabet="ab1-_. ", max_size=12), st.integers(0, 40))
def test_what_an_erasure_finds_in_a_text_the_list_finds_too(text: str, id: str, place: int) -> None:
    words = Needles([id.strip(" .-_")])
    suppressed = object.__new__(Suppressions)
    held = {value.casefold() for value in words.values}
    suppressed._digests, suppressed._texts = frozenset("x"), {}
    suppressed.holds = lambda kind, value: value is not None and value.casefold() in held  # type: ignore[method-assign]
    given = text[:place] + id + text[place:]
    found = suppressed.without(given)
    assert words.in_text(given) == (found != given)
    assert not words.in_text(found)


def test_why_a_row_was_dropped_names_nobody_who_was_erased(tmp_path: Path) -> None:
    files = ("till.csv", f"{DORA}.csv", "web.csv")
    rows = [BadRow(file, 3, "value", "x", "No number.", {"n": file}) for file in files]
    with Quarantine(tmp_path, "b1", {"mapping": f"/maps/{DORA}.yaml", "source": None}) as quarantine:
        quarantine.add(rows)
    waiting.drop(tmp_path, Which(file="till.csv"), f"asked for by {EMAIL.upper()} on the phone")
    needles = Needles([DORA, EMAIL])
    assert [row["because"] for row in quarantined.find(tmp_path, needles) if "because" in row] == [
        f"asked for by {EMAIL.upper()} on the phone"
    ]
    # The row of the file that is named after her goes, the other stays.
    assert quarantined.erase(tmp_path, needles)["quarantine"] == 1
    assert [one.because for one in waiting.history(tmp_path)] == ["asked for by (erased) on the phone"]
    kept = b"".join(path.read_bytes() for path in (tmp_path / "quarantine").iterdir()).lower()
    assert EMAIL.encode() not in kept
    assert DORA.encode() not in kept
    suppress(tmp_path, [("customer_id", DORA), ("email", EMAIL)])
    assert waiting.drop(tmp_path, Which(file="web.csv"), f"so said {DORA}").because == "so said (erased)"
    with Quarantine(tmp_path, "b2", {"mapping": f"/maps/{DORA}.yaml"}) as quarantine:
        quarantine.add([BadRow(f"/in/{DORA}.csv", 4, "value", "x", "No number.", {"n": "her secret"})])
        quarantine.read_whole([f"/in/{DORA}.csv"])
        (entry,) = quarantine.entries()
    assert (entry.file, entry.line, entry.raw, entry.replayable) == ("/in/(erased).csv", 4, {}, False)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "quarantine").iterdir())
    assert not any(secret in kept for secret in (DORA.encode(), b"her secret"))
