"""What a segment is: a rule or a list of customers, from a file."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from journeygraph import yaml_text
from journeygraph.errors import UsageError
from journeygraph.journeys import filters
from journeygraph.schema import PlainName

_YAML: Final = (".yaml", ".yml")
_LARGEST_BYTES: Final = 50_000_000
_EXAMPLE: Final = "{name: app lovers, where: [channel=app]}"
_COLUMN: Final = "customer_id"


class Definition(BaseModel):
    """A segment: customers with a journey that meets all conditions of `where`, or those listed.

    The conditions are those of `--where` (`channel=app`, `step!=purchase`, `since=2026-01-01`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: PlainName
    where: tuple[str, ...] = ()
    customers: tuple[PlainName, ...] = Field(())

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.where) == bool(self.customers):
            raise ValueError("a segment has either conditions (where) or customers")
        return self

    @property
    def kind(self) -> Literal["rule", "list"]:
        """How members are found."""
        return "rule" if self.where else "list"


def read(path: Path, name: str | None = None) -> list[Definition]:
    """The segments that a file defines.

    YAML holds one (`name`, and `where` or `customers`) or a list of them.  Any other file is a list of customers: a CSV
    file with a column customer_id, or an id in each line; it is called `name`, else as the file.

    Raises `UsageError` for a file that defines none, naming what is wrong.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise UsageError(f"{path} has more than {_LARGEST_BYTES} bytes: no definition of a segment has.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"The segment file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"The segment file {path} is not UTF-8 text.") from error
    if path.suffix.lower() in _YAML:
        found = _of_yaml(text, str(path))
        if name is not None:
            raise UsageError(f"--name is for lists of customers; {path} names its segments itself.")
    else:
        found = [{"name": name or path.stem, "customers": _ids(text)}]
    return [_checked(one, f"{path}, segment {place}") for place, one in enumerate(found, start=1)]


def _of_yaml(text: str, place: str) -> list[Any]:
    content = yaml_text.read(text, place).content
    found = content if isinstance(content, list) else [content]
    if not found:
        raise UsageError(f"{place} defines no segment; one looks like {_EXAMPLE}.")
    return found


def _ids(text: str) -> list[str]:
    """Ids of the column customer_id where the first line names one, else of the first column.

    >>> _ids("name,customer_id\\nAnna,a1\\nBen,b1\\n"), _ids("a1\\nb1\\na1\\n")
    (['a1', 'b1'], ['a1', 'b1'])
    """
    rows = [row for row in csv.reader(io.StringIO(text)) if any(cell.strip() for cell in row)]
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    place = header.index(_COLUMN) if _COLUMN in header else 0
    ids = [row[place].strip() for row in (rows[1:] if _COLUMN in header else rows) if len(row) > place]
    return list(dict.fromkeys(one for one in ids if one))


def _checked(given: Any, place: str) -> Definition:
    if not isinstance(given, dict):
        raise UsageError(f"{place}: {given!r} is no segment; one looks like {_EXAMPLE}.")
    try:
        found = Definition.model_validate(given)
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(str(part) for part in fault["loc"])
        allowed = f"; allowed: {', '.join(Definition.model_fields)}" if fault["type"] == "extra_forbidden" else ""
        raise UsageError(f"{place}: {field + ': ' if field else ''}{_message(fault)}{allowed}.") from error
    filters.parse(found.where)
    return found


def _message(fault: Any) -> str:
    return str(fault["msg"]).removeprefix("Value error, ").rstrip(".")
