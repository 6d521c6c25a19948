"""Second pass: whose the anonymous rows are, by the rule of `identity`, one part of all identifiers after the other.

What touchpoints belong to is many names too, each in one part: their nodes are written here as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from journeygraph import identity
from journeygraph.schema import BELONGS_TO
from journeygraph_loaders.bulk.csv_files import CsvFolder, texts
from journeygraph_loaders.bulk.dividing import NUMBER, Divided, part_of
from journeygraph_loaders.bulk.spill import Record, Spill, part_paths, read


def resolve_part(divided: Divided, csv_folder: Path, part: int) -> bool:
    """Write a part's identifiers, and what touchpoints belong to; hand its anonymous rows to their customers' parts.

    True where some text has a line break in it.
    """
    files = CsvFolder(csv_folder)
    seen = [record for chunk in kept(divided, part_paths(divided.folder, "identifiers", part), 3) for record in chunk]
    owner_of = identity.owners((value, customer) for kind, value, customer, _ in seen if kind == "anonymous_id")
    distinct = sorted({(kind, value) for kind, value, _, _ in seen})
    leads_to = [identity.owner(None, value, owner_of) if kind == "anonymous_id" else None for kind, value in distinct]
    files.append(
        "Identifier",
        [
            texts([f"{kind}:{value}" for kind, value in distinct]),
            texts([kind for kind, _ in distinct]),
            texts([value for _, value in distinct]),
            texts(leads_to),
        ],
    )
    spill = Spill(divided.folder, "resolved", divided.parts)
    for chunk in kept(divided, part_paths(divided.folder, "visitors", part), NUMBER):
        for record in chunk:
            customer = identity.owner(None, record[8], owner_of)
            spill.add(part_of(customer, divided.parts), (record[0], customer, *record[2:]))
    spill.close()
    _write_belongings(files, divided, part)
    return files.multiline


def _write_belongings(files: CsvFolder, divided: Divided, part: int) -> None:
    paths = part_paths(divided.folder, "belongings", part)
    distinct = {(grain, name) for chunk in kept(divided, paths, 2) for grain, name, _ in chunk}
    for grain in BELONGS_TO:
        files.append(grain.capitalize(), [texts(sorted(name for own, name in distinct if own == grain))])


def kept(divided: Divided, paths: Iterable[Path], number_at: int) -> Iterator[list[Record]]:
    """The records of some files without those of duplicate rows; `number_at` is the place of the row's number."""
    repeated = np.load(divided.repeated, mmap_mode="r")
    for chunk in read(paths):
        if len(repeated) and chunk:
            numbers = np.fromiter((record[number_at] for record in chunk), np.int64, len(chunk))
            places = np.minimum(np.searchsorted(repeated, numbers), len(repeated) - 1)
            yield [record for record, gone in zip(chunk, repeated[places] == numbers, strict=True) if not gone]
        else:
            yield list(chunk)
