"""Tables about customers, products and campaigns (`describes:` in the mapping): their rows are properties of these.

Such a row is stored where it says anything new, a duplicate otherwise.  Of several rows about one customer, product or
campaign the last one wins, property by property.  A row about a campaign that names a product says that the campaign
offers it: its properties are the offer's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from journeygraph.errors import InputError
from journeygraph.graph import Graph
from journeygraph_loaders.choosing import files_of
from journeygraph_loaders.chunks import Chunk
from journeygraph_loaders.columns import Plan, resolve
from journeygraph_loaders.files import PACKING_ERRORS, damaged, open_file
from journeygraph_loaders.mapping import FIELDS, Mapping, Section
from journeygraph_loaders.patience import Attempt
from journeygraph_loaders.quarantine import Quarantine
from journeygraph_loaders.reading import Options, converter_for, raw_chunks
from journeygraph_loaders.rows import Described
from journeygraph_loaders.writing import BatchWriter

Kind = Literal["customer", "product", "campaign"]


class _Of(NamedTuple):
    """What a table about something has: the field that names it, others that it may have, and what stores it."""

    key: str
    fields: tuple[str, ...]
    query: str


OF: Final[dict[Kind, _Of]] = {
    "customer": _Of("customer_id", (), "load/customers"),
    "product": _Of("product_id", ("product_name", "product_category"), "load/described_products"),
    "campaign": _Of("campaign", (), "load/described_campaigns"),
}


def tables(paths: Sequence[str | Path], mapping: Mapping) -> list[tuple[Path, Section]]:
    """Those of the files that describe something."""
    found = [(path, mapping.for_file(path)) for path in files_of(paths, mapping)[0]]
    return [(path, section) for path, section in found if section is not None and section.describes is not None]


def whole(paths: Sequence[str | Path], mapping: Mapping) -> list[Path]:
    """The files that a load of these paths reads to their end."""
    found = [(path, mapping.for_file(path)) for path in files_of(paths, mapping)[0]]
    return [path for path, section in found if section is not None and section.ignore is None]


def describe(
    graph: Graph,
    paths: Sequence[str | Path],
    options: Options,
    writer: BatchWriter,
    quarantine: Quarantine,
    attempt: Attempt,
    say: Callable[[str], None] = lambda _: None,
) -> None:
    """Load the tables about customers, products and campaigns; rows count as those of the writer's load.

    Raises `InputError` for a table that names none of them.
    """
    for path, section in tables(paths, options.mapping):
        kind = kind_of(section)
        number, stored = writer.files.add(str(path), describes=kind), writer.stored
        for rows in _read(path, section, options, quarantine):
            new = attempt(partial(write, graph, kind, rows))
            writer.stored += new
            writer.duplicate += len(rows) - new
            writer.files.note(number, new, len(rows) - new, set())
        say(f"{path}: {writer.stored - stored:,} rows about {kind}s say something new.")


def kind_of(section: Section) -> Kind:
    """What a section's rows are about."""
    return section.describes or "customer"


def write(graph: Graph, kind: Kind, rows: Sequence[Described]) -> int:
    """Store rows; how many customers, products, campaigns or offers anything new was said of."""
    offers = {_offer(row): row for row in rows if row.product_id is not None and kind == "campaign"}
    new = 0
    if offers:
        sent = [[row.key, row.product_id, row.properties, offer] for (*_, offer), row in offers.items()]
        new += graph.write("load/offers", rows=sent)["relationships_created"]
    merged: dict[str, list[Any]] = {}
    for row in rows:
        if kind != "campaign" or row.product_id is None:
            held = merged.setdefault(row.key, [row.key, {}, None, set()])
            held[1].update(row.properties)
            held[2] = row.name or held[2]
            held[3] |= {row.category} - {None}
    if merged:
        about = [[*held[:3], sorted(held[3])] for held in merged.values()]
        new += int(graph.write(OF[kind].query, rows=about).rows[0]["new"])
    return new


def _offer(row: Described) -> tuple[str, str | None, str]:
    """What makes an offer the same: campaign, product, and what is said of it (as a hash)."""
    said = json.dumps(row.properties, sort_keys=True, ensure_ascii=False)
    return row.key, row.product_id, blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def section_of(section: Section) -> Section:
    """The section with no columns taken for fields that such a table has not; a campaign's product must be declared."""
    own = OF[kind_of(section)]
    nobody: dict[str, Any] = dict.fromkeys(name for name in FIELDS if name not in (own.key, *own.fields))
    return section.model_copy(update={"columns": {**nobody, **section.columns}})


def fits(section: Section, plan: Plan, columns: Sequence[str]) -> bool:
    """Whether these columns name what the table is about."""
    rule = plan.fields.get(OF[kind_of(section)].key)
    return rule is not None and set(rule.reads) <= set(columns)


def _read(path: Path, section: Section, options: Options, quarantine: Quarantine) -> Iterator[list[Described]]:
    section = section_of(section)
    converter = converter_for(section, options, path)
    opened = open_file(path, encoding=section.encoding)
    try:
        for chunks in raw_chunks(opened, section, options.batch_rows):
            rows: list[Described] = []
            for chunk in chunks:
                plan = _plan(chunk, section, path, opened.format == "jsonl")
                good, bad = converter.describe(chunk, plan, OF[kind_of(section)].key)
                rows += good
                if chunk.bad or bad:
                    quarantine.add([*chunk.bad, *bad])
            yield rows
    except PACKING_ERRORS as error:
        raise damaged(path, error) from error
    finally:
        opened.close()


def _plan(chunk: Chunk, section: Section, path: Path, varying: bool) -> Plan:
    plan, key = resolve(chunk.columns, section, str(path), fixed=not varying), OF[kind_of(section)].key
    if key not in plan.fields:
        raise InputError(
            f"{path} has no column that can be used as {key}, of whom it is to say something. Found: "
            f"{', '.join(chunk.columns)}. The mapping can name one, as in `columns: {{{key}: household}}`."
        )
    return plan
