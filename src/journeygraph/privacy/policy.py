"""What a home's privacy policy asks of every load, source by source: `<home>/privacy/policy.yaml`.

sources:
  shop:
    keep: [value, product_id]          # beside what a touchpoint must have, nothing else of a row is ever kept
    pseudonymise: [email, phone]
    retention:
      - {older_than: 400d}
      - {older_than: 30d, channels: [service], then: anonymise}
  "*": {pseudonymise: [email, phone]}  # every source that isn't named
quarantine: {older_than: 30d}
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from journeygraph import durations, yaml_text
from journeygraph.errors import UsageError
from journeygraph.privacy import audit

#: What a touchpoint must have, and so is kept of every source.
ALWAYS: Final = frozenset({"touchpoint_id", "customer_id", "anonymous_id", "step", "occurred_at", "source", "channel"})


def _duration(text: str) -> str:
    try:
        durations.bounded_seconds(text, "the time")
    except UsageError as error:
        raise ValueError(str(error)) from error
    return text


Duration = Annotated[str, AfterValidator(_duration)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Retention(_Part):
    """Until when touchpoints are kept: those `older_than` that, of these channels and steps (none named: of all)."""

    older_than: Duration
    channels: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    then: Literal["erase", "anonymise"] = "erase"

    @property
    def seconds(self) -> float:
        """The time as a number."""
        return durations.bounded_seconds(self.older_than, "older_than")


class QuarantineRetention(_Part):
    """Until when rows that could not be stored are kept."""

    older_than: Duration


class SourcePolicy(_Part):
    """What is asked of one source; `keep` None: everything is kept.

    What is to `encrypt` becomes a pseudonym as well, by which it is found.
    """

    keep: frozenset[str] | None = None
    pseudonymise: tuple[str, ...] = ()
    encrypt: tuple[str, ...] = ()
    retention: tuple[Retention, ...] = ()

    @property
    def concealed(self) -> tuple[str, ...]:
        """The fields whose values become pseudonyms."""
        return tuple(dict.fromkeys((*self.pseudonymise, *self.encrypt)))


class Policy(_Part):
    """The policy of a home; an empty one asks nothing."""

    sources: Mapping[str, SourcePolicy] = Field(default_factory=dict)
    quarantine: QuarantineRetention | None = None

    def of(self, source: str) -> SourcePolicy:
        """What is asked of a source: its own entry, else that of `*`.

        >>> Policy.model_validate({"sources": {"*": {"keep": ["value"]}}}).of("shop").keep
        frozenset({'value'})
        """
        return self.sources.get(source) or self.sources.get("*") or SourcePolicy()

    @property
    def asks_of_rows(self) -> bool:
        """Whether any source's rows are changed on their way in."""
        return any(part != SourcePolicy() for part in self.sources.values())


def read(home: Path) -> Policy:
    """The policy of a home; an empty one where none was set."""
    path = _path(home)
    return _parse(path.read_text(encoding="utf-8"), str(path)) if path.is_file() else Policy()


def declare(home: Path, file: Path, actor: str | None = None) -> Policy:
    """Put a file's policy in force; it holds for what is loaded from now on.

    Raises `UsageError`, with file and place, for what is no policy; the former one stays in force.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The policy {file} cannot be read: {error}.") from error
    policy = _parse(text, str(file))
    audit.record(home, "policy set", actor=actor)  # makes the folder and the key
    fresh = _path(home).with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    fresh.replace(_path(home))
    return policy


def _parse(text: str, source: str) -> Policy:
    content: Any = yaml_text.read(text, source).content
    if not isinstance(content, Mapping) or not content:  # an empty file would end all protection
        raise UsageError(f"{source} names no `sources`; a policy that asks nothing says `sources: {{}}`.")
    try:
        return Policy.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        told = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise UsageError(f"{source}, {place}: {told}.") from error


def _path(home: Path) -> Path:
    return home / "privacy" / "policy.yaml"
