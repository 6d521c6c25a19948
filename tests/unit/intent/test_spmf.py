"""Reading sequences and writing patterns in the SPMF text format, through the command."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
import typer
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner

from journeygraph.errors import InputError, UsageError
from journeygraph.intent.mining import spmf
from journeygraph_cli import patterns

app = typer.Typer()
patterns.register(app)


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["mine", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "log.spmf"
    path.write_text("@CONVERTED_FROM_TEXT\n1 -1 5 -1 -2\n\n# nothing\n1 -1 1 -1 5 -1 -2\r\n-2\n")
    return path


def test_read(file: Path) -> None:
    sequences = spmf.read(file)
    assert sequences.offsets.tolist() == [0, 2, 5, 5]
    assert [sequences.items[code] for code in sequences.codes] == [1, 5, 1, 1, 5]


def test_gzip_is_recognised_by_its_content(file: Path, tmp_path: Path) -> None:
    packed = tmp_path / "log"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    assert spmf.read(packed).offsets.tolist() == [0, 2, 5, 5]


def test_mine_writes_the_format(file: Path, tmp_path: Path) -> None:
    assert run(file, "--min-support", "2").splitlines() == [
        "1 -1 #SUP: 2",
        "1 -1 5 -1 #SUP: 2",
        "5 -1 #SUP: 2",
    ]
    assert run(file, "--min-support", "0.6", "--closed").splitlines() == ["1 -1 5 -1 #SUP: 2"]
    target = tmp_path / "out.spmf"
    document = json.loads(run(file, "--min-support", "2", "--output", target, "--json"))
    assert document == {"sequences": 3, "count": 3, "complete": True, "patterns": 3, "output": str(target)}
    assert target.read_text() == run(file, "--min-support", "2")


def test_options(file: Path) -> None:
    assert run(file, "--min-support", "1", "--maximal").splitlines() == ["1 -1 1 -1 5 -1 #SUP: 1"]
    assert run(file, "--min-support", "2", "--require", "5", "--require", "1").splitlines() == ["1 -1 5 -1 #SUP: 2"]
    assert run(file, "--min-support", "2", "--exclude", "5").splitlines() == ["1 -1 #SUP: 2"]
    assert run(file, "--min-support", "1", "--min-length", "3").splitlines() == ["1 -1 1 -1 5 -1 #SUP: 1"]
    assert run(file, "--min-support", "1", "--top", "2").splitlines() == ["1 -1 #SUP: 2", "5 -1 #SUP: 2"]
    assert run(file, "--min-support", "2", "--engine", "compiled", "--threads", "2") == run(file, "--min-support", "2")


def test_a_limit_ends_it_with_what_was_found(tmp_path: Path) -> None:
    path = tmp_path / "long.spmf"
    path.write_text((" -1 ".join(map(str, range(60))) + " -1 -2\n") * 2)
    document = json.loads(run(path, "--min-support", "2", "--time-limit", "0.1", "--json", "--max-length", "40"))
    assert document["complete"] is False
    assert document["count"] == len(document["patterns"]) > 0


def test_mine_as_json(file: Path) -> None:
    document = json.loads(run(file, "--min-support", "2", "--json"))
    assert document["patterns"][1] == {"pattern": [1, 5], "support": 2}
    assert (document["sequences"], document["count"]) == (3, 3)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1 -1 -2\n1 -1 x -1 -2", "line 2: 'x' is not an integer"),
        ("1 -1 5 -1", "line 1: a sequence ends with -2; this line ends with -1"),
        ("1 2 -1 -2", "line 1: every item is followed by -1"),
        ("1 -1 -3 -1 -2", "line 1: -3 stands inside"),
        ("1 -1 -2 3 -1 -2", "line 1: -2 stands inside"),
        (f"{2**63} -1 -2", "is not an integer of 64 bits"),
    ],
)
def test_a_wrong_line_is_named(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.spmf"
    path.write_text(text)
    with pytest.raises(InputError, match=sentence):
        spmf.read(path)


def test_wrong_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "broken.gz").write_bytes(gzip.compress(b"1 -1 -2\n")[:-6])
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name, sentence in (("absent", "no file"), (".", "is a folder"), ("broken.gz", "SPMF"), ("binary", "SPMF")):
        with pytest.raises(InputError, match=sentence):
            spmf.read(tmp_path / name)


def test_an_output_that_cannot_be_written_is_named(file: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        run(file, "--min-support", "1", "--output", tmp_path / "no" / "where")


@pytest.mark.parametrize("text", ["many", "0", "1.5", "nan", "-1"])
def test_a_wrong_support_is_named(text: str, file: Path) -> None:
    with pytest.raises(UsageError, match="support"):
        run(file, f"--min-support={text}")


@given(
    st.lists(st.sampled_from(["0", "7", "-1", "-2", "-", "--2", "-12", " ", " ", "\n", "\t", "#", "x"]), max_size=14)
)
@example(["7", " ", "-1", " ", "-2", "\n"])
@example(["7", " ", "-1", " ", "-2", " ", "7", " ", "-1", " ", "-2"])
def test_reading_at_once_is_reading_line_by_line(parts: list[str]) -> None:
    text = "".join(parts)
    tokens = spmf._plain(text)
    if tokens is not None:
        assert tokens.tolist() == spmf._checked(text, Path("file")).tolist()
