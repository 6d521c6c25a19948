"""The Cypher files: found, parsed and, for a question about the past, given another source of journeys.

A query is a file in `cypher/`, named by its path without the ending (`"gaps/drop_off"`).  It starts with
comment lines: the title; `Answers:` in one or more lines; `Parameters:` with one line each
(``//   $step  text: the step to look at, e.g. 'view_product'``).  Where there are parameters, the line
``:params {...};`` after them gives an example for each, so that the whole file can be pasted into Neo4j Browser.  It is
not part of what the driver runs.

Journeys as of an instant: a query that reads stored journeys does so between the marker lines

    // journeys {
    MATCH (j:Journey)
    WITH j {.*} AS journey
    // } journeys

and `get(name, as_of=True)` puts `cypher/journeys/_as_of.cypher` in that place, which rebuilds the same `journey`
maps from the touchpoints that the system knew at `$as_of`.  Either text stands on its own.  Sessions likewise:
`// sessions {`, `// } sessions`, maps named `session`, and `cypher/journeys/_sessions_as_of.cypher`.

Journeys of another grain: `get(name, of_grain=True)` puts `cypher/journeys/_of_grain.cypher` there: those of each
household, account or order (`$grain`), now or as of an instant (`$as_of`).  What stands in it between
`// with touchpoints {` and `// } with touchpoints` is left out where the query looks at no touchpoints: at a million of
them that is what fits into memory.

Journeys under what is sure of who is who: `get(name, surer=True)` puts `cypher/journeys/_surer.cypher` there: those
that there would be if only merges of at least `$least_confidence` stood.

Some journeys only: `get(name, selected=True)` puts `cypher/journeys/_selected.cypher` (segment, period, groups) after
that source, `shaped=True` also `_shaped.cypher` (steps grouped, left out, collapsed).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, LiteralString, cast

from journeygraph.errors import UsageError
from journeygraph.schema import Grain

_STORED_BLOCK = re.compile(r"^// (journeys|sessions) \{\n.*?^// \} \1\n", re.MULTILINE | re.DOTALL)
_JOURNEY_BLOCK = re.compile(r"^// (journeys) \{\n.*?^// \} \1\n", re.MULTILINE | re.DOTALL)
_OF_GRAIN = "journeys/_of_grain"
_SURER = "journeys/_surer"
_TOUCHPOINTS = re.compile(r"^ *// with touchpoints \{\n.*?^ *// \} with touchpoints\n", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"//.*$", re.MULTILINE)
_PARTS = {"selected": "journeys/_selected", "shaped": "journeys/_shaped"}
_AS_OF_PARTS = {"journeys": "journeys/_as_of", "sessions": "journeys/_sessions_as_of"}
_SESSION_AS_JOURNEY = """\
WITH session {journey_id: session.session_id, .customer_id, .outcome, .value, .steps, .channels,
              .occurred_at_us, .touchpoints} AS journey
"""
_JOURNEY_AS_SESSION = "WITH journey {.*, session_id: journey.journey_id} AS session\n"
_PART_BEGINS = re.compile(r"// ((journeys|sessions)\b|.* \{$)")
_MIGRATION = re.compile(r"^schema/\d{4}_\w+$")
_TOKEN = re.compile(
    r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:``|[^`])*`|//[^\n]*|/\*.*?\*/|\$(?P<parameter>\w+)""", re.DOTALL
)
_PARAMETER = re.compile(r"^\$(\w+)\s+(.*)$")


@dataclass(frozen=True)
class Query:
    """One statement with its documentation.

    `cypher` is what the driver runs; `parameters` maps each parameter's name to its description and
    `example` to an example value's Cypher text, as given in the file's `:params` line.
    """

    name: str
    title: str
    answers: str
    parameters: Mapping[str, str]
    example: str
    cypher: LiteralString

    @property
    def reads_journeys(self) -> bool:
        """True where the question can also be asked as of an instant."""
        return bool(re.search(r"^// (journeys|sessions) (\{|as of)", self.cypher, re.MULTILINE))


def root() -> Traversable:
    """Folder of the Cypher files: inside the wheel, or the checkout's `cypher/`."""
    packaged = resources.files("journeygraph") / "cypher"
    if packaged.is_dir():
        return packaged
    return Path(__file__).parents[2] / "cypher"


@cache
def names() -> tuple[str, ...]:
    """Names of all queries, sorted; not of parts (`_name`) and migrations (`schema/0001_name`)."""
    return tuple(name for name in _files() if not _MIGRATION.match(name))


def migration_names() -> tuple[str, ...]:
    """Names of the schema's migrations, in order.

    >>> migration_names()[0]
    'schema/0001_constraints'
    """
    return tuple(name for name in _files() if _MIGRATION.match(name))


@cache
def _files() -> tuple[str, ...]:
    found: list[str] = []

    def walk(folder: Traversable, prefix: str) -> None:
        for entry in folder.iterdir():
            if entry.is_dir():
                walk(entry, f"{prefix}{entry.name}/")
            elif entry.name.endswith(".cypher") and not entry.name.startswith("_"):
                found.append(prefix + entry.name.removesuffix(".cypher"))

    walk(root(), "")
    return tuple(sorted(found))


def source(name: str) -> str:
    """The file's whole text, as an analyst pastes it."""
    path = root()
    for part in name.split("/"):
        path = path / (part if part != name.rsplit("/", 1)[-1] else f"{part}.cypher")
    if not path.is_file():
        raise UsageError(f"There is no query named {name!r}; there are: {', '.join(names())}.")
    return path.read_text(encoding="utf-8")


@cache
def get(
    name: str,
    *,
    as_of: bool = False,
    sessions: bool = False,
    of_grain: bool = False,
    surer: bool = False,
    selected: bool = False,
    shaped: bool = False,
) -> Query:
    """The query of that name; with `as_of`, over the journeys or sessions that were known at `$as_of`.

    `sessions`: a query over journeys is asked about sessions instead (those that are stored, it chooses by `$per`).
    `of_grain`: over journeys of another grain, and then `$as_of` is null for now.
    `surer`: over the journeys that there are under merges of at least `$least_confidence`.
    `selected`: over some of the journeys; `shaped`: with their steps shaped.
    """
    title, answers, parameters, example, body = _parse(name, source(name))
    wanted = [_PARTS["selected"]] * selected + [_PARTS["shaped"]] * shaped
    if wanted:
        if not _STORED_BLOCK.search(body):
            raise UsageError(f"The query {name!r} reads no journeys, so it cannot be asked about some of them.")
        body = _STORED_BLOCK.sub(lambda found: found[0] + _restricted(wanted, found[1]), body)
        for part in wanted:
            parameters = {**parameters, **_parse(part, source(part))[2]}
    if of_grain:
        if not _JOURNEY_BLOCK.search(body):
            raise UsageError(f"The query {name!r} reads no journeys, so it cannot be asked about another grain.")
        rest = _JOURNEY_BLOCK.sub("", body)
        part = _part(_OF_GRAIN) if "touchpoint" in _COMMENT.sub("", rest) else _TOUCHPOINTS.sub("", _part(_OF_GRAIN))
        body = _JOURNEY_BLOCK.sub(lambda _: part, body)
        parameters = {**parameters, **_parse(_OF_GRAIN, source(_OF_GRAIN))[2]}
    elif surer:
        if not _JOURNEY_BLOCK.search(body):
            raise UsageError(f"The query {name!r} reads no journeys, so it does not depend on who is who.")
        body = _JOURNEY_BLOCK.sub(lambda _: _part(_SURER), body)
        parameters = {**parameters, **_parse(_SURER, source(_SURER))[2]}
    elif as_of:
        if not _STORED_BLOCK.search(body):
            raise UsageError(f"The query {name!r} cannot be asked as of an instant.")
        part = _part("journeys/_sessions_as_of") + _SESSION_AS_JOURNEY if sessions else ""
        body = _STORED_BLOCK.sub(lambda found: part or _part(_AS_OF_PARTS[found[1]]), body)
        parameters = {**parameters, "as_of": "text, an ISO 8601 instant: only what the system knew then"}
    # The text comes from a file of this package, never from a caller: as literal as source code.
    return Query(name, title, answers, parameters, example, cast(LiteralString, body))  # type: ignore[redundant-cast,unused-ignore]


def asked(as_of: datetime | None, grain: Grain) -> dict[str, str | None]:
    """Parameters of the part that takes the place of the stored journeys.

    >>> asked(None, "customer"), asked(None, "account")
    ({}, {'grain': 'account', 'as_of': None})
    """
    known_until = None if as_of is None else as_of.isoformat()
    if grain != "customer":
        return {"grain": grain, "as_of": known_until}
    return {} if known_until is None else {"as_of": known_until}


def _restricted(parts: Sequence[str], source_of: str) -> str:
    """The parts, which know journeys, after a source of journeys or sessions."""
    text = "".join(_part(part) for part in parts)
    return text if source_of == "journeys" else _SESSION_AS_JOURNEY + text + _JOURNEY_AS_SESSION


def _part(name: str) -> str:
    return _parse(name, source(name))[4].rstrip() + "\n"


def _parse(name: str, text: str) -> tuple[str, str, dict[str, str], str, str]:
    lines = text.splitlines()
    header: list[str] = []
    while lines and lines[0].startswith("//") and not _PART_BEGINS.match(lines[0]):
        header.append(lines.pop(0)[2:].strip())
    example = "{}"
    if lines and lines[0].startswith(":params "):
        example = lines.pop(0).removeprefix(":params ").rstrip(";").strip()
    if not header:
        raise UsageError(f"cypher/{name}.cypher has no title; its first line must be a comment.")
    section, answers, parameters = "answers", [], {}
    for line in header[1:]:
        if line.startswith("Answers:"):
            line = line.removeprefix("Answers:").strip()
        elif line.startswith("Parameters:"):
            section = "parameters"
            continue
        if section == "answers":
            answers.append(line)
        elif match := _PARAMETER.match(line):
            parameters[match[1]] = match[2]
    body = "\n".join(lines).strip().rstrip(";") + "\n"
    return header[0], " ".join(answers).strip(), parameters, example, body


@cache
def parameters_of(cypher: str) -> frozenset[str]:
    """Names of the parameters that a statement uses; those within strings and comments are none.

    >>> parameters_of("MATCH (s:Step {name: $step}) RETURN '$not_this' // nor $that")
    frozenset({'step'})
    """
    return frozenset(match["parameter"] for match in _TOKEN.finditer(cypher) if match["parameter"])


def for_browser(cypher: str, parameters: Mapping[str, Any]) -> str:
    """A statement with its parameters written into it: one statement to paste into Neo4j Browser.

    Browser shows the rows of a single statement only, so a `:params` line before it would hide the answer.  Names after
    `$` in text, quoted names and comments are left alone.

    >>> print(for_browser("MATCH (s:Step {name: $step}) RETURN s.name = '$step' AS other", {"step": "cart"}))
    MATCH (s:Step {name: "cart"}) RETURN s.name = '$step' AS other;
    """

    def value(match: re.Match[str]) -> str:
        name = match["parameter"]
        return literal(parameters[name]) if name is not None and name in parameters else match[0]

    return _TOKEN.sub(value, cypher).rstrip().rstrip(";") + ";"


def literal(value: Any) -> str:
    """A Python value as a Cypher literal; text is escaped, so no value can end the literal.

    >>> literal(["it's", None, 1.5, True])
    '["it\\'s", null, 1.5, true]'
    """
    if isinstance(value, datetime):
        return f'datetime("{value.isoformat()}")'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"`{str(key).replace('`', '``')}`: {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    return json.dumps(value)
