"""Records that came later: the clusters that are known stay, under their names, and only what is new is compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from itertools import count

import numpy as np

from journeygraph.errors import InputError
from journeygraph.identity.linkage.clusters import Labels
from journeygraph.identity.linkage.records import Column, Flags


def start(names: Sequence[str], known: Mapping[str, str]) -> tuple[Labels, Flags]:
    """For each row the first row of the cluster that it is in already, and whether it is new.

    >>> labels, new = start(["a", "b", "c"], {"a": "x", "c": "x"})
    >>> labels.tolist(), new.tolist()
    ([0, 1, 0], [False, True, False])
    """
    first: dict[str, int] = {}
    labels = np.arange(len(names), dtype=np.int64)
    new = np.ones(len(names), np.bool_)
    for row, name in enumerate(names):
        if (cluster := known.get(name)) is not None:
            labels[row], new[row] = first.setdefault(cluster, row), False
    return labels, new


def cluster_names(labels: Labels, names: Sequence[str], known: Mapping[str, str]) -> list[str]:
    """Each row's cluster by name: the name that most of its records had before, else that of its first record.

    >>> cluster_names(np.array([0, 0, 2]), ["n", "a", "b"], {"a": "x"})
    ['x', 'x', 'b']
    """
    before: dict[int, Counter[str]] = {}
    if known:
        for label, name in zip(labels.tolist(), names, strict=True):
            if name in known:
                before.setdefault(label, Counter())[known[name]] += 1
    kept = {label: max(sorted(counts), key=counts.__getitem__) for label, counts in before.items()}
    return [kept.get(label, names[label]) for label in labels.tolist()]


def contents(table: Mapping[str, Column]) -> list[str]:
    """A digest of each row's values, by which it is known again wherever it stands; what is missing doesn't count.

    >>> one, other, again = contents({"a": Column.of(["x", "y", "x"]), "b": Column.of(["1", "1", "1"])})
    >>> one == again, one == other
    (True, False)
    """
    columns = [(name, table[name].values, table[name].codes.tolist()) for name in sorted(table)]
    rows = len(columns[0][2]) if columns else 0
    return [
        blake2b(
            repr([(name, values[codes[row]]) for name, values, codes in columns if codes[row] >= 0]).encode(
                "utf-8", "surrogatepass"
            ),
            digest_size=12,
        ).hexdigest()
        for row in range(rows)
    ]


def numbered(found: Sequence[str], known: Mapping[str, str]) -> list[str]:
    """Names of rows that have no id: the number they had before, by their content; the others get numbers after it.

    `known` has the content of each record of the earlier run.  Raises `InputError` where no row is known again.

    >>> numbered(["new", "x", "x"], {"1": "x", "2": "x", "3": "gone"})
    ['4', '1', '2']
    """
    before: dict[str, list[str]] = {}
    for name, content in reversed(list(known.items())):
        before.setdefault(content, []).append(name)
    free = count(max((int(name) for name in known if name.isdecimal()), default=0) + 1)
    names = [before[content].pop() if before.get(content) else str(next(free)) for content in found]
    if known and found and not any(name in known for name in names):
        raise InputError(
            f"None of the table's {len(found)} rows is among the {len(known)} of --known, by what they contain: "
            "is it the same table, with the same columns? Or name the rows by a column that ends in _id."
        )
    return names
