"""`journeygraph cleaning fit`: the statistics of a mapping, computed of files and frozen beside the mapping."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from journeygraph.answers import Answer
from journeygraph.errors import InputError
from journeygraph_loaders import mapping as mappings
from journeygraph_loaders.chunks import BadRow
from journeygraph_loaders.cleaning import statistics
from journeygraph_loaders.cleaning.rules import ImputeRule
from journeygraph_loaders.mapping import Mapping
from journeygraph_loaders.reading import Options, touchpoints


class Fitted(Answer):
    """What was computed: the file, the size of the sample, and how each field is filled, of how many rows."""

    file: str
    rows: int
    fields: dict[str, tuple[str, int]]


class _Nobody:
    """Bad rows are the load's."""

    def add(self, rows: Sequence[BadRow]) -> None:
        """Forget these."""


def fit(
    paths: Sequence[str | Path],
    mapping: str | Path,
    *,
    timezone: str | None = None,
    replace: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Fitted:
    """Compute the statistics that the mapping declares, of these files, and freeze them.

    Raises `InputError` where the mapping declares none, or they are frozen already.
    """
    declared = mappings.load(mapping)
    rules = _rules(declared)
    if not rules or declared.statistics is None:
        raise InputError(f"The mapping {mapping} declares nothing to fit: it needs `impute:` and `statistics: FILE`.")
    path = Path(declared.statistics)
    if path.exists() and not replace:
        statistics.write(statistics.Statistics(rows=0, fields={}), path)
    unfilled = _without(declared)
    read = touchpoints(paths, Options(unfilled, timezone=timezone), _Nobody(), say=say)
    found = statistics.fit(read, rules)
    statistics.write(found, path, replace=replace)
    fields = {name: (one.rule.by, one.rows) for name, one in found.fields.items()}
    return Fitted(file=str(path), rows=found.rows, fields=fields)


def _rules(mapping: Mapping) -> dict[str, ImputeRule]:
    """The rules of the mapping and of its files, which must not differ for one field."""
    found = dict(mapping.impute)
    for section in mapping.files.values():
        for name, rule in section.impute.items():
            if found.setdefault(name, rule) != rule:
                raise InputError(f"The mapping {mapping.name} fills {name} in two ways: one is needed for all files.")
    return found


def _without(mapping: Mapping) -> Mapping:
    files = {name: section.model_copy(update={"impute": {}}) for name, section in mapping.files.items()}
    return mapping.model_copy(update={"impute": {}, "files": files})
