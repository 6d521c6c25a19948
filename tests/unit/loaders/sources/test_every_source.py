"""What holds for every source: it is recognised, splitting and shuffling change nothing, and no broken file crashes."""

from __future__ import annotations

import json
import os
import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.errors import InputError
from journeygraph_loaders.mapping import Section
from journeygraph_loaders.sources import BY_NAME, open_as
from journeygraph_loaders.sources.reading import rows_of
from tests.unit.loaders.helpers import packed, write
from tests.unit.loaders.sources.samples import SAMPLES, WRITERS, content, of, rows, written

#: `JOURNEYGRAPH_MUTATIONS=1000` for a thorough run by hand.
MUTATIONS = int(os.environ.get("JOURNEYGRAPH_MUTATIONS", "12"))
SPLITS = min(max(MUTATIONS // 2, 4), 100)
ALL = [(name, path) for name, paths in SAMPLES.items() for path in paths]


@pytest.mark.parametrize("name", BY_NAME)
def test_each_source_has_a_sample(name: str) -> None:
    assert SAMPLES[name]


@pytest.mark.parametrize(("name", "path"), ALL, ids=lambda one: getattr(one, "name", one))
@pytest.mark.parametrize("packing", ["plain", "gzip"])
def test_a_sample_is_recognised_with_the_reason_and_read_whole(
    name: str, path: Path, packing: str, tmp_path: Path
) -> None:
    copy = write(tmp_path / "export", packed(path.read_bytes(), packing))
    opened, source, found = open_as(copy, "auto", Section())
    opened.close()
    assert (source and source.name, found.format) == (name, name)
    assert len(found.reason) > 20
    good, bad, said = rows(copy)
    assert good
    assert not bad
    assert any(f"read as {name}" in sentence for sentence in said)
    assert content(rows(copy, format=name)[0]) == content(good)
    assert len({row.touchpoint_id for row in good}) == len(good)


@pytest.mark.parametrize(("name", "path"), ALL, ids=lambda one: getattr(one, "name", one))
def test_as_other_systems_write_it_a_sample_is_the_same(name: str, path: Path, tmp_path: Path) -> None:
    """A byte order mark, lines that end as on Windows, packed; and no end of the last line."""
    expected = content(rows(path)[0])
    text = path.read_bytes()
    for number, other in enumerate([b"\xef\xbb\xbf" + text, text.replace(b"\n", b"\r\n"), text.rstrip(b"\n")]):
        found, bad, said = rows(write(tmp_path / str(number), packed(other, "gzip")))
        assert not bad
        assert any(f"read as {name}" in sentence for sentence in said)
        assert content(found) == expected


@pytest.mark.parametrize("name", [name for name in BY_NAME if name not in WRITERS])
def test_what_later_versions_add_and_what_is_null_changes_nothing(name: str, tmp_path: Path) -> None:
    """Fields that nobody documents yet, with lists in lists; and null, or nothing, for whatever has no value."""
    given = of(SAMPLES[name][0])
    expected = content(rows(SAMPLES[name][0])[0])
    added = {"zz_added": [[1, None], {"a": [{}]}], "zz_null": None}
    nulls = {field: None for one in given for field, value in one.document.items() if value is None}
    other = [one._replace(document={**nulls, **one.document, **added}) for one in given]
    absent = [
        one._replace(document={field: value for field, value in one.document.items() if value is not None})
        for one in given
    ]
    for number, some in enumerate([other, absent]):
        found, bad, _ = rows(write(tmp_path / str(number), written(name, some, "lines")), format=name)
        assert not bad
        assert content(found) == expected


@pytest.mark.parametrize(("name", "path"), ALL, ids=lambda one: getattr(one, "name", one))
@settings(max_examples=SPLITS, deadline=None)
@given(
    st.randoms(use_true_random=False), st.sampled_from(["lines", "array", "envelope"]), st.sampled_from([1, 2, 5_000])
)
def test_a_source_split_and_shuffled_over_files_gives_the_same_touchpoints(
    name: str, path: Path, mixed: random.Random, form: str, size: int
) -> None:
    expected = content(rows(path)[0])
    given = of(path)
    mixed.shuffle(given)
    cuts = sorted(mixed.randint(0, len(given)) for _ in range(3))
    with tempfile.TemporaryDirectory() as folder:
        bounds = zip([0, *cuts], [*cuts, len(given)], strict=True)
        parts = [given[start:stop] for start, stop in bounds if start < stop]
        mixed.shuffle(parts)
        paths = [write(Path(folder) / str(n), written(name, part, form)) for n, part in enumerate(parts)]
        found, bad, _ = rows(*paths, format=name, batch_rows=size)
        assert not bad
        assert content(found) == expected
        assert len(found) == len(expected)


def mutated(content: bytes, mixed: random.Random) -> bytes:
    data = bytearray(content)
    for _ in range(mixed.randint(1, 4)):
        at = mixed.randrange(len(data))
        kind = mixed.randrange(4)
        if kind == 0:
            data[at] = mixed.randrange(256)
        elif kind == 1:
            del data[at : at + mixed.randint(1, 40)]
        elif kind == 2:
            data[at:at] = bytes(mixed.choices(b'{}[]",:\\\t\n0e-<>&\x00\xff', k=mixed.randint(1, 6)))
        else:
            data[at:at] = data[at : at + mixed.randint(1, 80)]
        if not data:
            return b"{}"
    return bytes(data)


@pytest.mark.parametrize("name", BY_NAME)
@settings(max_examples=MUTATIONS, deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_mutated_file_gives_good_rows_and_sentences(name: str, mixed: random.Random) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "x", mutated(mixed.choice(SAMPLES[name]).read_bytes(), mixed))
        _nothing_but_rows(path, name)


def _nothing_but_rows(path: Path, name: str) -> None:
    try:
        _, bad, _ = rows(path, format=name)
    except InputError as error:
        sentence = str(error)
        assert str(path) in sentence
        return
    for row in bad:
        assert row.reason.endswith(".")
        assert row.line >= 1


ODD: tuple[Any, ...] = (None, [], {}, 7, "", True, [None], [[]], {"a": None}, 1e400, "x" * 600, -1)


@pytest.mark.parametrize("name", BY_NAME)
@settings(max_examples=MUTATIONS, deadline=None)
@given(st.randoms(use_true_random=False))
def test_values_of_any_kind_anywhere_cost_their_row_only(name: str, mixed: random.Random) -> None:
    """Any value of a record replaced by any other: the record is stored or has a sentence, the others stay."""
    given = of(SAMPLES[name][0])
    victim = mixed.randrange(len(given))
    document = json.loads(json.dumps(given[victim].document))
    place, key = mixed.choice(list(_places(document)))
    place[key] = mixed.choice(ODD)
    made, wrong = rows_of(BY_NAME[name], given[victim]._replace(document=document), "x")
    assert not (made and wrong)
    if name in WRITERS:
        return
    given[victim] = given[victim]._replace(document=document)
    with tempfile.TemporaryDirectory() as folder:
        good, bad, _ = rows(write(Path(folder) / "x", written(name, given, "lines")), format=name)
        del given[victim]
        rest = written(name, given, "lines")
        others = content(rows(write(Path(folder) / "y", rest), format=name)[0]) if rest else set()
    assert others <= content(good)
    assert len(good) + len(bad) == len(others) + (len(made) or (wrong is not None))
    assert all(row.reason.endswith(".") for row in bad)


def _places(value: Any) -> Any:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from _places(inner)
