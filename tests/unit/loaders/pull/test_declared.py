"""Pulls as they are declared: in a file or on the command line, with secrets that stay in the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from journeygraph.errors import InputError, UsageError
from journeygraph_cli.pull import _declared
from journeygraph_loaders.pull import read
from journeygraph_loaders.pull.state import held

NOTHING: dict[str, str | None] = dict.fromkeys(("url", "table", "query", "cursor", "overlap"))


def declaration(folder: Path, text: str) -> Path:
    file = folder / "shop.yaml"
    file.write_text(text)
    return file


def test_variables_are_filled_in_and_the_mapping_lies_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", "hunter2")
    (tmp_path / "m.yaml").write_text("timezone: UTC\n")
    file = declaration(
        tmp_path,
        "mapping: m.yaml\n"
        "sql: {url: 'postgresql+pg8000://me:${DB_PASSWORD}@db/shop', table: t, overlap: 5m, cursor: c}\n",
    )
    found = read(file, {"source": "till"})
    assert found.sql is not None
    assert (found.name, found.source, found.mapping) == ("shop", "till", str(tmp_path / "m.yaml"))
    assert (found.sql.url, found.sql.overlap) == ("postgresql+pg8000://me:hunter2@db/shop", 300)


@pytest.mark.parametrize(
    ("text", "kind", "sentence"),
    [
        ("sql: {url: '${NOT_SET}', table: t}", UsageError, "environment variable NOT_SET"),
        ("sql: {url: '${SECRET}', table: t, query: q}", InputError, "sql: give exactly one of table and query"),
        ("sql: {url: '${SECRET}', tabel: t}", InputError, "sql.tabel: Extra inputs are not permitted"),
        ("{}", InputError, "give exactly one of sql and http"),
        ("format: nothing\nsql: {url: '${SECRET}', table: t}", InputError, "format 'nothing' is no source"),
        ("http: {url: 'https://me:${SECRET}@host/'}", InputError, "must not hold a password"),
        ("http: {url: 'ftp://host/${SECRET}'}", InputError, "http or https address"),
        ("http: {url: 'https://host/', paging: {page: p, offset: o}}", InputError, "exactly one of cursor, next"),
        ("name: a/b\nsql: {url: '${SECRET}', table: t}", InputError, "name: String should match"),
        ("- a", InputError, "is not a set of keys"),
    ],
)
def test_what_is_wrong_is_said_without_the_secret(
    text: str, kind: type[Exception], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "hunter2")
    with pytest.raises(kind, match=sentence) as caught:
        read(declaration(tmp_path, text))
    assert "hunter2" not in str(caught.value)
    assert "shop.yaml" in str(caught.value) or kind is UsageError


@pytest.mark.parametrize(
    ("file", "own", "sentence"),
    [
        (None, {}, "Give FILE .* or --url"),
        ("x.yaml", {"url": "sqlite:///x"}, "Give either FILE, or --url"),
        (None, {"url": "sqlite:///x", "query": "SELECT 1"}, "needs --name"),
        (None, {"url": "sqlite:///x"}, "name"),
    ],
)
def test_options_that_do_not_go_together(file: str | None, own: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        _declared(file, {**NOTHING, **own}, {})


def test_the_table_names_the_pull() -> None:
    found = _declared(None, {**NOTHING, "url": "sqlite:///x", "table": "events"}, {"mapping": None, "source": "shop"})
    assert (found.name, found.source) == ("events", "shop")


def test_a_state_that_cannot_be_read_says_how_to_begin_anew(tmp_path: Path) -> None:
    with held(tmp_path, "shop", "a") as state:
        state.keep({"cursor": 7})
    file = tmp_path / "pulls" / "shop.json"
    assert file.stat().st_mode & 0o077 == 0
    file.write_text("{")
    with pytest.raises(InputError, match="--again begins anew"), held(tmp_path, "shop", "a"):
        pass
    with held(tmp_path, "shop", "a", again=True) as state:
        assert state.kept == {}
