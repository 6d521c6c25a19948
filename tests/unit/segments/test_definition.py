"""Files that define segments."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeygraph.errors import UsageError
from journeygraph.segments import Definition, read


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_yaml_holds_one_or_several(tmp_path: Path) -> None:
    one = write(tmp_path, "one.yaml", "name: app lovers\nwhere: [channel=app, since=2026-01-01]\n")
    assert read(one) == [Definition(name="app lovers", where=("channel=app", "since=2026-01-01"))]
    several = write(tmp_path, "several.yml", "- {name: a, where: [channel=app]}\n- {name: b, customers: [anna, ben]}\n")
    assert [(found.name, found.kind) for found in read(several)] == [("a", "rule"), ("b", "list")]


@pytest.mark.parametrize(
    "text", ["customer_id,since\nanna,1\nben,2\n", "anna\n\nben\nanna\n", "\ufeffcustomer_id\nanna\nben"]
)
def test_any_other_file_is_a_list_of_customers(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, "vip.csv", text)
    assert read(path) == [Definition(name="vip", customers=("anna", "ben"))]
    assert read(path, "best | first")[0].name == "best | first"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name: [", "segments.yaml, line 1: this is no YAML"),
        ("- {name: a, where: &x [channel=app]}\n- {name: b, where: *x}", r"segments.yaml, line 2: \*x is an alias"),
        ("name: a\nwhere: [channel=app]\nname: b", "segments.yaml, line 3: name stands there twice"),
        ("[]", "defines no segment"),
        ("vip", "'vip' is no segment; one looks like"),
        ("name: a", "segment 1: a segment has either conditions"),
        ("{name: a, where: [channel=app], customers: [anna]}", "either conditions"),
        ("{name: a, wher: [channel=app]}", "wher: .*allowed: name, where, customers"),
        ("{where: [channel=app]}", "name: Field required"),
        ("{name: a, where: [app]}", "'app' is no condition"),
    ],
)
def test_what_defines_nothing_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        read(write(tmp_path, "segments.yaml", text))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read(tmp_path / "absent.yaml")
    with pytest.raises(UsageError, match="either conditions"):
        read(write(tmp_path, "empty.csv", ""))
    with pytest.raises(UsageError, match="--name is for lists"):
        read(write(tmp_path, "one.yaml", "{name: a, where: [channel=app]}"), "b")
