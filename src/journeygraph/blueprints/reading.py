"""A declared journey from a YAML file; what is wrong with it is said with file, line, field and value."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from journeygraph import yaml_text
from journeygraph.blueprints.model import Blueprint, Entry, Place, StageRules
from journeygraph.errors import UsageError

_LARGEST_BYTES = 1_000_000


def read(path: Path) -> Blueprint:
    """The declared journey of a YAML file.

    Raises `UsageError`, a sentence for each problem, where there is no such file or it declares no journey.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise UsageError(f"{path} is larger than {_LARGEST_BYTES} bytes: no blueprint is.")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The blueprint {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"The blueprint {path} is not UTF-8 text.") from error
    return parse(text, str(path))


def parse(text: str, source: str = "blueprint") -> Blueprint:
    """The declared journey of a YAML text; `source` names it in errors.

    >>> parse("{name: care, starts: purchase, stages: [{stage: care, steps: [{step: mail, within: 7d}]}]}").name
    'care'
    """
    found = yaml_text.read(text, source)
    content, tree = found.content, found.tree
    if not isinstance(content, dict):
        raise yaml_text.at(
            source, 0, "a blueprint is a mapping with name, starts, stages; allowed: " + _allowed(Blueprint)
        )
    try:
        return Blueprint.model_validate(content)
    except ValidationError as error:
        problems = _innermost(error.errors())
        raise UsageError("\n".join(_sentence(source, tree, one) for one in problems[:10])) from error


def _innermost(errors: Sequence[Any]) -> list[Any]:
    """Without those that only say that a list is too short because of another one inside it."""
    return [
        error
        for error in errors
        if error["type"] != "too_short"
        or not any(len(other["loc"]) > len(error["loc"]) == _common(error["loc"], other["loc"]) for other in errors)
    ]


def _common(one: Place, other: Place) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _sentence(source: str, tree: yaml.Node | None, error: Any) -> str:
    place: Place = (error.get("ctx") or {}).get("place") or error["loc"]
    node = _find(tree, place)
    line = f"{source}, line {node.start_mark.line + 1 if node else 1}"
    field = ".".join(str(part) for part in place) or "the blueprint"
    if error["type"] == "missing":
        return f"{line}: {field} is missing."
    if error["type"] == "extra_forbidden":
        return f"{line}: {field} is no field of a blueprint; allowed there: {_allowed(_model_at(place))}"
    value = f" is {node.value!r}" if isinstance(node, yaml.ScalarNode) else ""
    return f"{line}: {field}{value}: {error['msg']}."


def _allowed(model: type[Blueprint] | type[StageRules] | type[Entry]) -> str:
    return ", ".join(model.model_fields) + "."


def _model_at(place: Place) -> type[Blueprint] | type[StageRules] | type[Entry]:
    return {1: Blueprint, 3: StageRules}.get(len(place), Entry)  # type: ignore[return-value]


def _find(node: yaml.Node | None, place: Place) -> yaml.Node | None:
    """The node at a place, or the innermost one around it."""
    for part in place:
        inner: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            inner = next((value for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            inner = node.value[part]
        if inner is None:
            return node
        node = inner
    return node
