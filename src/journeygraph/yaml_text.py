"""YAML that people write: plain data only; what is wrong is said with file and line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from journeygraph.errors import UsageError


@dataclass(frozen=True)
class Document:
    """What a text says, and the tree that it stands in, which knows the lines."""

    content: Any
    tree: yaml.Node | None


def read(text: str, source: str, kind: type[UsageError] = UsageError) -> Document:
    """The plain data of a YAML text; `source` names it in errors, which are of a `kind`.

    Raises `UsageError` with file and line for what is no YAML, for tags, for a key that stands twice in a mapping
    (readers of YAML let it pass and keep the last), and for aliases, by which a small text can say a very large thing.

    >>> read("{name: vip, where: [channel=app]}", "vip.yaml").content
    {'name': 'vip', 'where': ['channel=app']}
    """
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, yaml.AliasToken):
                problem = f"*{token.value} is an alias: write out what it stands for."
                raise at(source, token.start_mark.line, problem, kind)
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        for key, line in _repeated(tree):
            raise at(source, line, f"{key} stands there twice.", kind)
        return Document(yaml.safe_load(text), tree)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = f"this is no YAML: {getattr(error, 'problem', error)}."
        raise at(source, mark.line if mark else 0, problem, kind) from error
    except (ValueError, RecursionError) as error:  # e.g. a date that there is not, a thousand brackets
        raise kind(f"{source}: this is no YAML that can be read: {error}.") from error


def at(source: str, line: int, problem: str, kind: type[UsageError] = UsageError) -> UsageError:
    """An error that names file and line (from 0).

    >>> str(at("care.yaml", 7, "name is missing."))
    'care.yaml, line 8: name is missing.'
    """
    return kind(f"{source}, line {line + 1}: {problem}")


def _repeated(node: yaml.Node | None) -> Iterator[tuple[str, int]]:
    """Keys that stand twice in a mapping, which YAML forbids and its readers let pass."""
    if isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated(value)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                yield str(key.value), key.start_mark.line
            seen.add(str(key.value))
            yield from _repeated(value)
