"""Identifiers in files and rows: found in every way of writing, taken out, and nothing else."""

from __future__ import annotations

import html
import json
import marshal
import zipfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from journeygraph.privacy import files, written
from journeygraph.privacy.begun import start
from journeygraph.privacy.needles import Needles
from journeygraph.privacy.person import Person
from journeygraph.privacy.purge import search
from journeygraph.privacy.suppression import Suppressions, suppress

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["C-1", "see C-1.", "j:C-1"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4) | st.just("C-1"), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(_JSON)
def test_a_document_without_the_needles_holds_none_and_keeps_the_rest(document: object) -> None:
    needles = Needles(["C-1"])
    without = needles.without(document)
    assert not needles.in_value(without)
    if not needles.in_value(document):
        assert without == document


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(str.strip))
def test_every_way_of_writing_is_found(value: str) -> None:
    needles = Needles([value])
    for content in (value, html.escape(value), json.dumps(value), json.dumps(value, ensure_ascii=False)):
        assert needles.in_bytes(f"<p> {content} </p>".encode())


def test_a_short_number_is_an_identifier_only_as_a_whole() -> None:
    needles = Needles(["42"])
    assert needles.without({"count": 42, "text": "42 of 100", "id": "42", "examples": ["42", "j:42", "43"]}) == {
        "count": 42, "text": "42 of 100", "id": "(erased)", "examples": ["43"],
    }  # fmt: skip


def test_models_and_pages_are_deleted_and_documents_rewritten(tmp_path: Path) -> None:
    models, schedules = tmp_path / "models" / "intent", tmp_path / "schedules"
    models.mkdir(parents=True)
    schedules.mkdir()
    (models / "0a0b0c0d.json").write_text('{"names": ["C-1"]}')
    (models / "current").write_text("0a0b0c0d\n")
    (models / "11111111.json").write_text('{"names": ["C-2"]}')
    (schedules / "weekly.json").write_text('{"pending": [{"digest": "Ask C-1"}]}')
    (tmp_path / "page.html").write_text("<b>C-1</b>")
    (tmp_path / "keys.json").write_text("[]")
    touched = files.erase(tmp_path, Needles(["C-1"]))
    assert {file.file: file.became for file in touched} == {
        "models/intent/0a0b0c0d.json": "deleted", "page.html": "deleted", "schedules/weekly.json": "rewritten",
    }  # fmt: skip
    assert sorted(path.name for path in models.iterdir()) == ["11111111.json"]
    assert json.loads((schedules / "weekly.json").read_text()) == {"pending": [{"digest": "Ask (erased)"}]}


def test_every_folder_that_a_command_wrote_to_is_looked_into(tmp_path: Path) -> None:
    home, out = tmp_path / "home", tmp_path / "out"
    for name in ("a", "b"):  # the same report twice, whose card in `reports` names the second place alone
        (out / name).mkdir(parents=True)
        (out / name / "report.md").write_text("for example C-1")
        written.note(home, out / name, ["report.md"])
    written.note(home, out / "a", ["table.csv"])
    with zipfile.ZipFile(out / "person.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("person.json", json.dumps({"customer_id": "C-1"}))
    written.note_file(home, out / "person.zip")
    (out / "a" / "table.csv").write_text("C-12")
    assert len(search(home, ["C-1"]).holding) == 4  # nobody says that C-12 is somebody else
    assert len(search(home, ["C-1"], lambda words: {"C-12"} & set(words)).holding) == 3
    touched = files.erase(home, Needles(["C-1"]))
    assert sorted(Path(file.file).name for file in touched) == ["person.zip", "report.md", "report.md"]
    assert sorted(path.name for path in out.rglob("*") if path.is_file()) == ["table.csv"]


def test_the_suppression_list_knows_whom_it_holds_and_tells_nobody(tmp_path: Path) -> None:
    assert not Suppressions(tmp_path)
    assert suppress(tmp_path, [("customer_id", "7"), ("email", "Anna@Example.org")]) == 2
    assert suppress(tmp_path, [("customer_id", "7")]) == 0
    found = Suppressions(tmp_path)
    assert len(found) == 2
    assert found.holds("email", "anna@example.org ")
    assert not found.holds("anonymous_id", "7")
    assert not found.holds("customer_id", None)
    assert found.of_raw({"quantity": 1, "Mail": "anna@example.org"})
    assert found.of_raw({"user_id": 7})
    assert not found.of_raw({"quantity": 7})
    text = (tmp_path / "privacy" / "suppressed.txt").read_text()
    assert "anna" not in text.lower()
    # Another home has another key.
    other = tmp_path / "other"
    suppress(other, [("customer_id", "7")])
    assert (other / "privacy" / "suppressed.txt").read_text().strip() not in text


def test_what_a_process_that_was_killed_left_is_found(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "report"
    work = home / "bulk" / "work"
    work.mkdir(parents=True)
    folder.mkdir()
    # As the bulk load writes: no byte between an id and the next value, so that no search for words finds it.
    (work / "rows-0000-1").write_bytes(marshal.dumps([("C-1", "view"), ("C-2", "view")]))
    written.note(home, folder, ["report.html", "report.json"])
    (folder / ".report.html.new").write_text("<p>for example j:C-1", encoding="utf-8")
    (folder / ".other.new").write_text("C-1", encoding="utf-8")  # nobody's
    touched = files.erase(home, Needles(["C-1"]))
    assert [(Path(one.file).name, one.became) for one in touched] == [
        ("work", "deleted"),
        (".report.html.new", "deleted"),
    ]
    assert [path.name for path in folder.iterdir()] == [".other.new"]
    assert not work.exists()


def test_an_erasure_that_was_killed_leaves_no_half_written_note(tmp_path: Path) -> None:
    begun = start(tmp_path, Person("C-1", (("customer_id", "C-1"),)), "erase", merged=False)
    (tmp_path / "privacy" / "begun" / "0011.new").write_text('{"person": {"customer_id": "C-1"', encoding="utf-8")
    begun.end()
    assert list((tmp_path / "privacy" / "begun").iterdir()) == []
