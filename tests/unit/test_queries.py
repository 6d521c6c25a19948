"""The Cypher files: documented, parameterised, used, and the same in the wheel as in the checkout."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph import queries
from journeygraph.errors import UsageError

ROOT = Path(__file__).parents[2]
NAMES = queries.names()
_USED = re.compile(r"\$(\w+)")
_COMMENT = re.compile(r"//.*$", re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_every_file_says_what_it_answers_and_what_it_needs(name: str) -> None:
    query = queries.get(name)
    assert query.title
    assert query.answers, "the header must have `Answers:`"
    used = set(_USED.findall(_COMMENT.sub("", query.cypher)))
    assert used == set(query.parameters), "every parameter is documented, and nothing else is"
    for parameter in used:
        assert f"{parameter}:" in query.example, f":params has no example for ${parameter}"


@pytest.mark.parametrize("name", NAMES)
def test_every_file_can_be_pasted_into_the_browser(name: str) -> None:
    # Neo4j Browser reads `:params` as a statement of its own only where a semicolon ends it.
    # Of several statements it shows only that they succeeded, so a file without parameters has none.
    lines = [line for line in queries.source(name).splitlines() if line.startswith(":params")]
    assert len(lines) == bool(queries.get(name).parameters)
    assert all(line.endswith("};") for line in lines)


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_used(name: str) -> None:
    # Schema files are found by number, browser files are for people.
    if re.match(r"schema/\d{4}_|browser/", name):
        return
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("src", "loaders", "api")
        for path in (ROOT / folder).rglob("*.py")
    )
    assert f'"{name}"' in code or f"'{name}'" in code


def test_an_unknown_name_is_a_sentence_that_lists_the_names() -> None:
    with pytest.raises(UsageError, match="There is no query named 'gaps/nothing'"):
        queries.get("gaps/nothing")


def test_a_question_without_journeys_cannot_be_asked_as_of_an_instant() -> None:
    with pytest.raises(UsageError, match="cannot be asked as of"):
        queries.get("schema/server", as_of=True)


def test_as_of_replaces_only_the_source_of_the_journeys() -> None:
    now, then = queries.get("journeys/table"), queries.get("journeys/table", as_of=True)
    assert "MATCH (j:Journey)" in now.cypher
    assert "MATCH (j:Journey)" not in then.cypher
    assert "ingested_at <= datetime($as_of)" in then.cypher
    assert then.cypher.split("RETURN")[-1].strip() == now.cypher.split("RETURN")[-1].strip()
    assert "as_of" in then.parameters


def test_journeys_of_another_grain_hold_their_touchpoints_only_where_these_are_looked_at() -> None:
    def keeps(name: str, **which: bool) -> bool:
        return "touchpoints: ts" in queries.get(name, of_grain=True, **which).cypher

    assert not keeps("paths/transitions")
    assert keeps("paths/transitions", selected=True)
    assert keeps("attribution/linear")
    with pytest.raises(UsageError, match="cannot be asked about another grain"):
        queries.get("journeys/sessions", of_grain=True)


def _unquote(text: str) -> str:
    """What Cypher reads between double quotes, by its documented escapes."""
    assert text[0] == text[-1] == '"'
    escapes = {'\\"': '"', "\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\t": "\t", "\\b": "\b", "\\f": "\f", "\\/": "/"}

    def one(match: re.Match[str]) -> str:
        return chr(int(match[0][2:], 16)) if match[0].startswith("\\u") else escapes[match[0]]

    inner = text[1:-1]
    assert not re.search(r'(?<!\\)(\\\\)*"', inner.replace("\\\\", "")), "an unescaped quote would end the literal"
    plain = re.sub(r"\\u[0-9a-fA-F]{4}|\\.", one, inner)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16")


@given(st.text())
def test_no_text_can_end_its_literal(value: str) -> None:
    assert _unquote(queries.literal(value)) == value


def test_a_statement_for_the_browser_has_its_parameters_written_in() -> None:
    cypher = "// $a\nRETURN $a AS a, '$a \\' $a' AS b, \"$b\" AS c, `$a`.x, $b + $ab // $b\n/* $a */"
    written = queries.for_browser(cypher, {"a": "it's", "b": [1, None], "ab": 2})
    assert written == (
        "// $a\nRETURN \"it's\" AS a, '$a \\' $a' AS b, \"$b\" AS c, `$a`.x, [1, null] + 2 // $b\n/* $a */;"
    )


def test_literals_of_maps_quote_their_keys() -> None:
    assert queries.literal({"a`b": [1, None]}) == "{`a``b`: [1, null]}"
