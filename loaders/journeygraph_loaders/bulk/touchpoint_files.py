"""The files of touchpoints, and of what they lead to: products, campaigns, accounts and the like, identifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from journeygraph.errors import InputError
from journeygraph.schema import BELONGS_TO, CHANNEL_LABELS
from journeygraph_loaders.bulk.csv_files import TOUCHPOINT_COLUMNS, CsvFolder, instants, numbers, texts
from journeygraph_loaders.bulk.dividing import LINE, NUMBER, ROWS_A_FILE

if TYPE_CHECKING:
    from journeygraph_loaders.bulk.dividing import Divided
    from journeygraph_loaders.bulk.partition import Found, Job

_TYPES = {str: "string", bool: "boolean", int: "long", float: "double"}
_ARROW = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), float: pa.float64()}
_CATEGORY = "p_product_category"
KIND = "Touchpoint_"


@dataclass(frozen=True)
class Layout:
    """Columns of the properties: a header declares one type a column.

    A property whose values have several types makes several kinds of files; a kind is named by a letter for each such
    property, the first of the type's name.
    """

    single: dict[str, type]
    mixed: dict[str, list[type]]

    def kind(self, properties: dict[str, Any]) -> str:
        """The kind of file that a touchpoint with these properties goes to."""
        if not self.mixed:
            return KIND
        types = (type(properties[name]) if name in properties else own[0] for name, own in self.mixed.items())
        return KIND + "".join(type_.__name__[0] for type_ in types)

    def columns(self, kind: str) -> dict[str, type]:
        """The properties of a kind of file with their types."""
        by_letter = {type_.__name__[0]: type_ for type_ in _TYPES}
        letters = kind.removeprefix(KIND)
        return {**self.single, **{name: by_letter[letter] for name, letter in zip(self.mixed, letters, strict=True)}}

    def header(self, kind: str) -> str:
        """Header of a kind of file."""
        own = (f"{name}:{_TYPES[type_]}" for name, type_ in self.columns(kind).items())
        return ",".join([*TOUCHPOINT_COLUMNS, *own])


def layout_of(divided: Divided) -> Layout:
    """The columns for all properties that the rows have.

    Raises `InputError` for a name that cannot stand in a header.
    """
    types = {name: set(kinds) for name, kinds in sorted(divided.property_types.items())}
    types.setdefault(_CATEGORY, set()).add(str)
    for name in types:
        if any(character in name for character in ',:"\n\r{}'):
            raise InputError(f"The property {name[2:]!r} has a character that --bulk cannot write: load without it.")
    return Layout(
        single={name: next(iter(kinds)) for name, kinds in types.items() if len(kinds) == 1},
        mixed={name: sorted(kinds, key=lambda kind: kind.__name__) for name, kinds in types.items() if len(kinds) > 1},
    )


def write(files: CsvFolder, columns: list[Sequence[Any]], ids: Any, at: pa.Array, job: Job) -> None:
    """Write the touchpoints of a part, each to the kind of file that its properties' types want."""
    layout, properties = layout_of(job.divided), _properties(columns)
    table = _table(columns, ids, at, job)
    if not layout.mixed:
        files.append(KIND, [*table, *_property_columns(properties, layout.columns(KIND))])
        return
    places: dict[str, list[int]] = {}
    for place, own in enumerate(properties):
        places.setdefault(layout.kind(own), []).append(place)
    for kind, chosen in places.items():
        own_columns = _property_columns([properties[place] for place in chosen], layout.columns(kind))
        files.append(kind, [*(array.take(pa.array(chosen)) for array in table), *own_columns])


def _table(columns: list[Sequence[Any]], ids: Any, at: pa.Array, job: Job) -> list[pa.Array]:
    """The columns that every touchpoint has, in the order of `TOUCHPOINT_COLUMNS`."""
    count = len(columns[0])
    anonymous = [known is None for known in columns[7]]
    return [
        pa.array(ids),
        *(texts(columns[place]) for place in (0, 2, 3, 4)),
        at,
        pa.array(columns[5]),
        pa.repeat(job.ingested_at, count),
        texts(columns[6]),
        pa.repeat(job.batch_id, count),
        *(texts(columns[place]) for place in (7, 8, 9)),
        numbers(columns[10]),
        texts(columns[11]),
        *(texts([v if a else None for v, a in zip(columns[place], anonymous, strict=True)]) for place in (16, 17)),
        pa.array(np.array(columns[NUMBER], dtype=np.int64) // ROWS_A_FILE),
        pa.array(columns[LINE], pa.int64()),
        texts([CHANNEL_LABELS.get(channel) for channel in columns[3]]),
    ]


def _property_columns(properties: list[dict[str, Any]], types: dict[str, type]) -> list[pa.Array]:
    columns: dict[str, list[Any]] = {name: [None] * len(properties) for name in types}
    for place, own in enumerate(properties):
        if own:
            for name, value in own.items():
                columns[name][place] = value
    return [pa.array(column, _ARROW[types[name]]) for name, column in columns.items()]


def _properties(columns: list[Sequence[Any]]) -> list[dict[str, Any]]:
    """Each row's properties; a category without a product is one of them."""
    return [
        (own or {}) if product is not None or category is None else {_CATEGORY: category, **(own or {})}
        for own, product, category in zip(columns[18], columns[12], columns[13], strict=True)
    ]


def write_relations(files: CsvFolder, columns: list[Sequence[Any]], ids: Any, customer_ids: Any, job: Job) -> Found:
    """Write what a part's touchpoints are about and came from, and the identifiers they show with their customer."""
    from journeygraph_loaders.bulk.partition import Found

    found = Found()
    for kind, place in (("about", 12), ("came_from", 15)):
        places = [k for k, name in enumerate(columns[place]) if name is not None]
        files.append(kind, [ids[places], texts([columns[place][k] for k in places])])
    found.campaigns = {name for name in set(columns[15]) if name is not None}
    for product, category, name in set(zip(columns[12], columns[13], columns[14], strict=True)):
        if product is not None:
            add_product(found, product, name, set() if category is None else {category})
    _write_belongings(files, columns[19], ids)
    _write_identifiers(files, columns, customer_ids, job)
    return found


def _write_belongings(files: CsvFolder, belongings: Sequence[Any], ids: Any) -> None:
    held = [(grain, place, name) for place, own in enumerate(belongings) if own for grain, name in own]
    for grain in BELONGS_TO if held else ():
        own = [(place, name) for of, place, name in held if of == grain]
        files.append(f"of_{grain}", [ids[[place for place, _ in own]], texts([name for _, name in own])])


def add_product(found: Found, product: str, name: str | None, categories: set[str]) -> None:
    """Note a product; of several names the first in the alphabet stands."""
    before, known = found.products.get(product, (None, set()))
    names = [given for given in (before, name) if given is not None]
    found.products[product] = (min(names, default=None), known | categories)


def _write_identifiers(files: CsvFolder, columns: list[Sequence[Any]], customer_ids: Any, job: Job) -> None:
    known = [place for place, customer in enumerate(columns[7]) if customer is not None]
    owners, times = customer_ids[known].tolist(), [columns[5][place] for place in known]
    for kind, column in (("anonymous_id", columns[8]), ("email", columns[16]), ("phone", columns[17])):
        values = [column[place] for place in known]
        # Rows of a customer come in order of time: seen backwards, the last that counts is the first.
        first = dict(zip(zip(reversed(values), reversed(owners), strict=True), reversed(times), strict=True))
        shown = [(value, owner, time) for (value, owner), time in first.items() if value is not None]
        if shown:
            files.append(
                "identifies",
                [
                    texts([f"{kind}:{value}" for value, _, _ in shown]),
                    np.array([owner for _, owner, _ in shown]),
                    pa.repeat("same_row", len(shown)),
                    np.ones(len(shown)),
                    instants(np.array([time for _, _, time in shown], dtype=np.int64)),
                    pa.repeat(job.ingested_at, len(shown)),
                ],
            )
