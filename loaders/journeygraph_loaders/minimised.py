"""What the home's privacy policy asks of rows: nothing is kept that is not on the list, and names are pseudonyms.

A chunk is changed before anything else looks at it, so what is left out reaches neither graph nor quarantine nor a
sentence; identifiers become keyed hashes after they were cleaned, so that equal ones stay equal.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from journeygraph.privacy.policy import ALWAYS, SourcePolicy
from journeygraph.privacy.sealed import ENDING, Cipher
from journeygraph.privacy.suppression import Suppressions
from journeygraph_loaders.chunks import FORMAT, BadRow, Chunk
from journeygraph_loaders.columns import Plan
from journeygraph_loaders.rows import Row

_TOO_OLD: Final = (
    "This touchpoint is older than the privacy policy lets it be kept: it is not stored, and not kept here."
)
_HIDDEN: Final = "(hidden)"
ROW_FIELDS: Final = frozenset(Row._fields)
_KNOWN: Final = 100_000


class Minimised:
    """The policy for the rows of one section; `source` is the source of rows that name none."""

    def __init__(self, suppressed: Suppressions, source: str) -> None:
        self._suppressed, self._policy, self._source = suppressed, suppressed.policy, source
        self._now_us = time.time_ns() // 1_000
        self._known: dict[tuple[str, str], str] = {}
        self._values: dict[str, str] = {}  # of the chunk at hand: the value behind each pseudonym

    def leave_out(self, chunk: Chunk, plan: Plan) -> None:
        """Take what is not to be kept out of a chunk, in place; of lines that are no rows all but where they are."""
        sources = self._sources(chunk, plan)
        by_source = {source: self._policy.of(source) for source in set(sources) | {self._source}}
        for number, column in enumerate(chunk.columns):
            unwanted = {source for source, own in by_source.items() if not _is_kept(column, own, plan)}
            if unwanted:
                values = chunk.values[number]
                chunk.values[number] = [
                    None if source in unwanted else value for source, value in zip(sources, values, strict=True)
                ]
        chunk.bad[:] = [self._allowed(row, plan) for row in chunk.bad]

    def _allowed(self, row: BadRow, plan: Plan) -> BadRow:
        """A row that was refused before it was looked into, as it may be kept; of a line that is no row nothing is."""
        if not row.whole:
            if self._policy.of(self._source) == SourcePolicy():
                return row
            return replace(row, value=None, fields={}, whole=False)
        rule = plan.fields.get("source")
        named = row.fields.get(rule.column) if rule is not None and rule.column is not None else None
        source = self._source if named in (None, "") else str(named).strip()
        policy, concealed = self._policy.of(source), self._concealed_columns(source, plan)
        fields = {
            column: self._pseudonym(concealed[column], str(value))
            if column in concealed and value not in (None, "")
            else value
            for column, value in row.fields.items()
            if _is_kept(column, policy, plan)
        }
        hidden = row.column not in fields or row.column in concealed
        return replace(row, value=None if hidden else row.value, fields=fields)

    def conceal(self, columns: dict[str, Sequence[Any]], properties: list[dict[str, Any] | None]) -> None:
        """Put pseudonyms in the place of values that the policy names, in columns and properties of the same rows.

        What is of a person who was erased stays as it is, for it is recognised by it, and its row refused.
        """
        sources = [source or self._source for source in columns["source"]]
        self._values.clear()
        wanted = {source: self._policy.of(source).concealed for source in set(sources)}
        for name in {name for names in wanted.values() for name in names}:
            if name in columns:
                columns[name] = [
                    self._pseudonym(name, value) if value is not None and name in wanted[source] else value
                    for source, value in zip(sources, columns[name], strict=True)
                ]
            else:
                key = f"p_{name}"
                for source, own in zip(sources, properties, strict=True):
                    if own and key in own and name in wanted[source]:
                        own[key] = self._pseudonym(name, str(own[key]))

    def finish(
        self, chunk: Chunk, plan: Plan, rows: list[Row], places: list[int], bad: list[BadRow]
    ) -> tuple[list[Row], list[int], list[BadRow]]:
        """The rows that may be kept still, their places, and the others as they may be kept."""
        fresh = [n for n, row in enumerate(rows) if not self._is_due(row)]
        if len(fresh) < len(rows):
            due = sorted(set(range(len(rows))) - set(fresh))
            lines = [chunk.lines[places[n]] for n in due]
            bad = bad + [BadRow(str(chunk.path), line, None, None, _TOO_OLD, {}, whole=False) for line in lines]
            rows, places = [rows[n] for n in fresh], [places[n] for n in fresh]
        return [self._sealed(row) for row in rows], places, self._masked_rows(chunk, plan, bad)

    def _sealed(self, row: Row) -> Row:
        """The row with the values that are to be encrypted beside their pseudonyms."""
        names = self._policy.of(row.source).encrypt
        if not names:
            return row
        own = dict(row.properties or {})
        for name in names:
            value = getattr(row, name) if name in ROW_FIELDS else own.get(f"p_{name}")
            if value in self._values:
                own[f"p_{name}{ENDING}"] = self._cipher.seal(self._values[value])
        return row._replace(properties=own or None)

    @cached_property
    def _cipher(self) -> Cipher:
        return Cipher(self._suppressed.home)

    def _is_due(self, row: Row) -> bool:
        return any(
            row.occurred_at_us < self._now_us - rule.seconds * 1e6
            and (not rule.channels or row.channel in rule.channels)
            and (not rule.steps or row.step in rule.steps)
            for rule in self._policy.of(row.source).retention
        )

    def _masked_rows(self, chunk: Chunk, plan: Plan, bad: Iterable[BadRow]) -> list[BadRow]:
        """Bad rows as they may be kept; the chunk itself, of which others may be made later, is changed in place."""
        sources, places = self._sources(chunk, plan), {line: place for place, line in enumerate(chunk.lines)}
        concealed = {source: self._concealed_columns(source, plan) for source in set(sources)}
        if not any(concealed.values()):
            return list(bad)
        for number, column in enumerate(chunk.columns):
            chunk.values[number] = [
                self._pseudonym(concealed[source][column], str(value))
                if column in concealed[source] and value not in (None, "")
                else value
                for source, value in zip(sources, chunk.values[number], strict=True)
            ]
        return [self._masked(row, chunk, places[row.line], concealed[sources[places[row.line]]]) for row in bad]

    def _masked(self, row: BadRow, chunk: Chunk, place: int, concealed: dict[str, str]) -> BadRow:
        if not row.fields:
            return row
        if row.column not in concealed:
            return replace(row, fields=chunk.fields(place))
        half = row.reason.rpartition("' ")[2] if row.value else row.reason
        return replace(row, value=_HIDDEN, reason=f"The {row.column} {_HIDDEN} {half}", fields=chunk.fields(place))

    def _concealed_columns(self, source: str, plan: Plan) -> dict[str, str]:
        """The raw columns that become pseudonyms, with the names that they are hashed under."""
        found: dict[str, str] = {}
        for name in self._policy.of(source).concealed:
            rule = plan.fields.get(name) or plan.properties.get(f"p_{name}") or plan.properties.get(name)
            found |= dict.fromkeys(rule.reads if rule else (), name)
        return found

    def _pseudonym(self, kind: str, value: str) -> str:
        made = self._known.get((kind, value))
        if made is None:
            if len(self._known) > _KNOWN:
                self._known.clear()
            erased = self._suppressed.holds(kind, value)
            made = value if erased else self._suppressed.keyring.pseudonym(kind, value)
            self._known[kind, value] = made
        if made != value:
            self._values[made] = value
        return made

    def _sources(self, chunk: Chunk, plan: Plan) -> list[str]:
        """Each row's source, as far as the row says it in a column."""
        rule = plan.fields.get("source")
        if rule is None or rule.column not in chunk.columns:
            return [self._source] * len(chunk)
        raw = chunk.values[chunk.columns.index(rule.column)]
        return [str(value).strip() if value not in (None, "") else self._source for value in raw]


def _is_kept(column: str, policy: SourcePolicy, plan: Plan) -> bool:
    if policy.keep is None or column == FORMAT:
        return True
    wanted = policy.keep | ALWAYS
    if column in wanted:
        return True
    fields = [name for name, rule in plan.fields.items() if column in rule.reads]
    fields += [name.removeprefix("p_") for name, rule in plan.properties.items() if column in rule.reads]
    return any(name in wanted for name in fields)
