"""Migration of flat files with a proof: what pandas counts in each file before, and Cypher in the graph after.

Every difference is explained by rows that are duplicates, in quarantine, or missing, and by rules of the mapping that
changed values; the proof holds where nothing is left unexplained.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from journeygraph import queries
from journeygraph.answers import Answer, Reproducible
from journeygraph.graph import Graph
from journeygraph_loaders.changes import Changes, RuleChanges
from journeygraph_loaders.choosing import chosen_files
from journeygraph_loaders.columns import Plan, resolve
from journeygraph_loaders.mapping import Section
from journeygraph_loaders.reading import Options, clock_of, tables_of
from journeygraph_loaders.rows import ANONYMOUS
from journeygraph_loaders.sources import open_as
from journeygraph_loaders.tracing import FileTrace, State, trace
from journeygraph_loaders.values import pointed

#: Sums of the same amounts in another order differ by less.
_ROUNDING = 0.005
FigureName = Literal["rows", "value", "customers"]


class ProvedFigure(Answer):
    """A figure before and after: `before - after = duplicate + quarantined + missing + cleaned + unexplained`.

    `cleaned` is what `clean:` and `impute:` made of values and customers of rows that can be stored; `uncounted` is how
    many rows are not in `before`: the reader cannot say what a row that it cannot read amounts to.
    """

    figure: FigureName
    before: float
    after: float
    duplicate: float
    quarantined: float
    missing: float
    cleaned: float = 0.0
    unexplained: float
    uncounted: int = 0
    holds: bool


class ProvedFile(Reproducible):
    """One file; `counted_by` says what counted it before: pandas, or the reader (formats that are no flat tables).

    `changes` are what rules made of the values of rows that can be stored, a rule each.
    """

    file: str
    sha256: str
    counted_by: str
    figures: tuple[ProvedFigure, ...]
    changes: tuple[RuleChanges, ...] = ()
    holds: bool


class Proof(Answer):
    """All files, and whether nothing is left unexplained; missing and uncounted rows make a proof fail."""

    holds: bool
    files: tuple[ProvedFile, ...]


def prove(graph: Graph, paths: Sequence[str | Path], options: Options) -> Proof:
    """Count each file by pandas and the graph by Cypher, and explain what differs.

    Raises `InputError` for files that cannot be read as touchpoints.
    """
    chosen = chosen_files(paths, options.mapping, lambda _: None)
    changes = [_changes(path, section, options) for path, section in chosen]
    traces = trace(graph, paths, options, [changed.add for changed in changes])
    files = [
        _file(graph, path, section, found, options, changed)
        for (path, section), found, changed in zip(chosen, traces, changes, strict=True)
    ]
    return Proof(holds=all(file.holds for file in files), files=tuple(files))


def _changes(path: Path, section: Section, options: Options) -> Changes:
    policy = None if options.suppressed is None else options.suppressed.policy
    tables = tables_of(options.mapping, path)
    return Changes(section, clock_of(section, options), tables, shows_values=not (policy and policy.asks_of_rows))


def _file(
    graph: Graph, path: Path, section: Section, found: FileTrace, options: Options, changed: Changes
) -> ProvedFile:
    query, parameters = queries.get("quality/after"), {"sha256": found.sha256, "name": path.name}
    after = graph.run(query.cypher, parameters)[0]
    before = _by_pandas(path, section, options, found)
    figures = tuple(
        _figure(name, before or _by_reader(found), after, found, before, changed)
        for name in ("rows", "value", "customers")
    )
    return ProvedFile(
        file=path.name, sha256=found.sha256, counted_by="pandas" if before else "reader", figures=figures,
        changes=changed.listed(), holds=all(figure.holds for figure in figures), cypher=query.cypher,
        parameters=parameters,
    )  # fmt: skip


def _figure(
    name: FigureName,
    before: dict[str, float],
    after: dict[str, Any],
    found: FileTrace,
    by_pandas: dict[str, float] | None,
    changed: Changes | None = None,
) -> ProvedFigure:
    by_name: dict[str, dict[State, Any]] = {
        "rows": dict(found.counts), "value": dict(found.value), "customers": dict(found.customers),
    }  # fmt: skip
    counts = by_name[name]
    quarantined = counts["quarantined"]
    if by_pandas is not None and name != "rows":
        quarantined += by_pandas[f"{name} of bad rows"]
    cleaned = 0.0
    if by_pandas is not None and changed is not None:  # what the reader counts is cleaned already
        cleaned = {"rows": 0.0, "value": changed.value, "customers": float(changed.owners)}[name]
    unexplained = before[name] - after[name] - counts["duplicate"] - quarantined - counts["missing"] - cleaned
    uncounted = len(found.bad_places) if by_pandas is None and name != "rows" else 0
    unexplained = 0.0 if abs(unexplained) < (_ROUNDING if name == "value" else 0.5) else unexplained
    return ProvedFigure(
        figure=name, before=before[name], after=after[name], duplicate=counts["duplicate"], quarantined=quarantined,
        missing=counts["missing"], cleaned=cleaned, unexplained=unexplained, uncounted=uncounted,
        holds=not (unexplained or counts["missing"] or uncounted),
    )  # fmt: skip


def _by_reader(found: FileTrace) -> dict[str, float]:
    return {
        "rows": found.received,
        "value": sum(found.value.values()),
        "customers": sum(found.customers.values()),
    }


def _by_pandas(path: Path, section: Section, options: Options, found: FileTrace) -> dict[str, float] | None:
    """The file's figures by pandas; None for what is no flat table with plain columns for customer and value."""
    opened, source, _ = open_as(path, options.format, section)
    form, packing = opened.format, _packing(path)
    opened.close()
    if source is not None or section.explode is not None or form not in ("csv", "jsonl", "parquet"):
        return None
    table = _table(path, form, packing, section)
    plan = resolve(tuple(map(str, table.columns)), section, path.name, fixed=False)
    if not _is_plain(plan):
        return None
    values = _values(table, plan, section)
    customers = _customers(table, plan, section)
    bad = _bad_places(table, found)
    good = set(customers.drop(index=bad).dropna())
    return {
        "rows": len(table),
        "value": float(values.sum()),
        "customers": int(customers.nunique()),
        "value of bad rows": float(values.loc[bad].sum()),
        "customers of bad rows": len(set(customers.loc[bad].dropna()) - good),
    }


def _packing(path: Path) -> Literal["gzip", "zstd"] | None:
    with path.open("rb") as file:
        start = file.read(4)
    return "gzip" if start.startswith(b"\x1f\x8b") else "zstd" if start == b"\x28\xb5\x2f\xfd" else None


def _is_plain(plan: Plan) -> bool:
    rules = [plan.fields.get(name) for name in ("customer_id", "anonymous_id", "value")]
    return all(
        rule is None or (rule.column is not None and not rule.values and rule.normalise is None) for rule in rules
    )


def _table(path: Path, form: str, packing: Literal["gzip", "zstd"] | None, section: Section) -> pd.DataFrame:
    """The file as pandas reads it, its rows numbered by their physical line (Parquet: by their place)."""
    if form == "parquet":
        table = pd.read_parquet(path)
        return table.set_axis(range(1, len(table) + 1))
    if form == "jsonl":
        return _json_lines(path, packing)
    options: dict[str, Any] = {
        "dtype": str, "keep_default_na": False, "na_values": [], "compression": packing,
        "sep": section.delimiter or _delimiter(path, packing), "encoding": section.encoding or "utf-8-sig",
        "encoding_errors": "replace",
    }  # fmt: skip
    try:
        found: pd.DataFrame = pd.read_csv(path, **options)
    except pd.errors.ParserError:  # a row with too many fields: it is kept, and counts
        width = len(pd.read_csv(path, nrows=0, **options).columns)
        found = pd.read_csv(path, engine="python", on_bad_lines=lambda fields: fields[:width], **options)
    return found


def _delimiter(path: Path, packing: Literal["gzip", "zstd"] | None) -> str:
    head = pd.read_csv(path, sep="\x1f", header=None, nrows=1, dtype=str, compression=packing, quoting=3,
                       encoding_errors="replace")  # fmt: skip
    first = str(head.iloc[0, 0])
    return max(",;\t|", key=first.count)


def _json_lines(path: Path, packing: Literal["gzip", "zstd"] | None) -> pd.DataFrame:
    lines = pd.read_csv(path, sep="\x1f", header=None, dtype=str, compression=packing, quoting=3, names=["line"],
                        skip_blank_lines=False, keep_default_na=False)["line"]  # fmt: skip
    records: dict[int, dict[str, Any]] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                record = json.loads(line)
            except ValueError:
                record = {}
            records[number] = record if isinstance(record, dict) else {}
    return pd.json_normalize(list(records.values())).set_axis(list(records)) if records else pd.DataFrame()


def _column(table: pd.DataFrame, plan: Plan, name: str) -> pd.Series[Any] | None:
    rule = plan.fields.get(name)
    return table[rule.column] if rule is not None and rule.column in table.columns else None


def _values(table: pd.DataFrame, plan: Plan, section: Section) -> pd.Series[float]:
    column = _column(table, plan, "value")
    if column is None:
        return pd.Series(0.0, index=table.index)
    if section.decimal == "," or ("value" in section.clean and section.clean["value"].decimal == ","):
        column = column.map(lambda text: (pointed(text) or [None])[0] if isinstance(text, str) else text)
    return pd.to_numeric(column, errors="coerce").fillna(0.0)


def _customers(table: pd.DataFrame, plan: Plan, section: Section) -> pd.Series[Any]:
    nulls = {"", *section.null_values}
    found: pd.Series[Any] = pd.Series(None, index=table.index, dtype=object)
    for name, before in (("anonymous_id", ANONYMOUS), ("customer_id", "")):
        column, rule = _column(table, plan, name), plan.fields.get(name)
        if column is not None and rule is not None:
            text = column.map(lambda value: None if pd.isna(value) else str(value).strip()).astype(object)
            text = text.where(~text.isin(nulls), None)
            found = (before + rule.prefix + text).where(text.notna(), found)
    return found


def _bad_places(table: pd.DataFrame, found: FileTrace) -> list[Any]:
    """The rows of the table that cannot be stored."""
    return [table.index[place] for place in found.bad_places if place < len(table)]
