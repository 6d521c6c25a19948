"""What a pull is: a YAML file, or the same from the command line.

name: shop-orders                      # its state goes by this name; default: the file's
mapping: orders.yaml                   # beside this file, or a shipped one
format: shopify                        # a source whose documented fields the records have; else a table
source: shop                           # of rows that name none; default: the name
timezone: Europe/Berlin                # of times without an offset
replaces: day                          # a property: each pull brings all of each of its values that it reads
sql:
  url: ${SHOP_DATABASE_URL}            # of SQLAlchemy; ${...} is taken from the environment, anywhere in this file
  table: orders                        # or query: "SELECT ..."
  schema: sales
  cursor: updated_at                   # a column that grows; without it everything is read each time
  overlap: 10m                         # read that far back again: what was committed late
http:
  url: https://api.example.com/v1/events
  headers: {Authorization: "Bearer ${API_TOKEN}"}
  params: {limit: 100}
  records: data.events                 # where in the answer the list is; default: the answer itself
  paging: {cursor: meta.next, parameter: cursor}     # or page, offset, link, next: see `Paging`
  since: {parameter: since, field: updated_at}       # what the next pull begins with
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from journeygraph import yaml_text
from journeygraph.errors import InputError, UsageError
from journeygraph_loaders.mapping import Duration
from journeygraph_loaders.sources import BY_NAME

_REFERENCE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
Scalar = str | int | float | bool


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Sql(_Part):
    """A table or query of a database, and the column by which only new rows are read."""

    url: str = Field(min_length=1)
    table: str | None = None
    query: str | None = None
    db_schema: str | None = Field(None, alias="schema")
    cursor: str | None = None
    overlap: Duration | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.table is None) == (self.query is None):
            raise ValueError("give exactly one of table and query")
        if self.db_schema is not None and self.table is None:
            raise ValueError("a schema goes with a table: a query names its own")
        if self.overlap is not None and self.cursor is None:
            raise ValueError("an overlap needs a cursor")
        return self


class Paging(_Part):
    """How the next page is asked for; exactly one of:

    `cursor`   where in the answer the next page's cursor is (sent as `parameter`); the last page has none
    `next`     where in the answer the next page's address is
    `link`     `true`: the `Link` header's rel="next" (RFC 8288)
    `page`     the parameter that counts pages, from `first`; the last one is empty
    `offset`   the parameter that counts records, from `first`; the last page is empty

    `more` is where in the answer it says whether there is another page, for APIs whose last page has a cursor or an
    address as well; `until` the same for those that say whether it was the last one.
    """

    cursor: str | None = None
    parameter: str = "cursor"
    next: str | None = None
    link: bool = False
    page: str | None = None
    offset: str | None = None
    first: int | None = Field(None, ge=0)
    more: str | None = None
    until: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [self.cursor, self.next, self.link or None, self.page, self.offset]
        if sum(way is not None for way in ways) != 1:
            raise ValueError("give exactly one of cursor, next, link, page, offset")
        return self


class Since(_Part):
    """What the next pull begins with: sent as `parameter`, the greatest `field` of the records, or an `answer` value.

    `first` is sent the first time; without it nothing is.
    """

    parameter: str
    field: str | None = None
    answer: str | None = None
    first: Scalar | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.field is None) == (self.answer is None):
            raise ValueError("give exactly one of field (of the records) and answer (a place in it)")
        return self


class Limits(_Part):
    """What a service may cost: waiting, tries, requests and bytes."""

    attempts: int = Field(8, ge=1, le=50)
    longest_wait_seconds: float = Field(300.0, gt=0)
    timeout_seconds: float = Field(30.0, gt=0)
    requests_per_second: float | None = Field(None, gt=0)
    answer_bytes: int = Field(64 << 20, gt=0)
    pages: int | None = Field(None, gt=0)


class Http(_Part):
    """An API that answers with pages of records in JSON."""

    url: str
    headers: dict[str, str] = Field(default_factory=dict)
    params: dict[str, Scalar] = Field(default_factory=dict)
    records: str | None = None
    paging: Paging | None = None
    since: Since | None = None
    limits: Limits = Field(default_factory=Limits)

    @model_validator(mode="after")
    def _address(self) -> Self:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("the url must be an http or https address")
        if parts.username or parts.password:
            raise ValueError("the url must not hold a password: give headers: {Authorization: ...}")
        return self


class Pull(_Part):
    """A declared pull."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$")]
    sql: Sql | None = None
    http: Http | None = None
    mapping: str | None = None
    format: str | None = None
    source: str | None = None
    channel: str | None = None
    timezone: str | None = None
    replaces: Annotated[str, Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.sql is None) == (self.http is None):
            raise ValueError("give exactly one of sql and http")
        if self.format is not None and self.format not in BY_NAME:
            raise ValueError(f"format {self.format!r} is no source: there are {', '.join(BY_NAME)}")
        return self


def read(path: str | Path, options: Mapping[str, str] | None = None) -> Pull:
    """The pull that a file declares; its mapping is found beside it.  `options` win over what it says.

    Raises `InputError` that names file and key, and never a value that came from the environment.
    """
    file = Path(path).expanduser()
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The pull {path} cannot be read: a YAML file in UTF-8 is needed.") from error
    document = yaml_text.read(text, f"The pull {path}", InputError).content
    if not isinstance(document, dict):
        raise InputError(f"The pull {path} is not a set of keys; keys are: {', '.join(sorted(Pull.model_fields))}.")
    beside = file.parent / str(document.get("mapping"))
    if beside.is_file():
        document["mapping"] = str(beside)
    return declared({"name": file.stem, **document, **(options or {})}, str(path))


def declared(document: Mapping[str, Any], place: str) -> Pull:
    """A pull from plain data, `${...}` taken from the environment; `place` is named in errors."""
    try:
        return Pull.model_validate(_filled(document))
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, fault['loc'])) or 'it'}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors(include_input=False, include_url=False)[:5]
        ]
        raise InputError(f"The pull {place} cannot be used: {'; '.join(faults)}.") from None


def _filled(value: Any) -> Any:
    if isinstance(value, str):
        return _REFERENCE.sub(lambda found: _variable(found[1]), value)
    if isinstance(value, dict):
        return {name: _filled(inner) for name, inner in value.items()}
    return [_filled(inner) for inner in value] if isinstance(value, list) else value


def _variable(name: str) -> str:
    if name not in os.environ:
        raise UsageError(f"The environment variable {name}, which the pull takes a value from, is not set.")
    return os.environ[name]
