"""Which people live together: their records share an address and a surname or a telephone, but are not one person's.

The model knows pairs of two people of one household as a class of its own (`model`).  What it gives for a pair of
people is that of their most alike records; people are then put together as records are (`clusters`), so that one
accidental likeness doesn't carry two households over.  Nobody is merged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from journeygraph.identity.linkage import engine
from journeygraph.identity.linkage.answers import Reason
from journeygraph.identity.linkage.blocking import Blocks
from journeygraph.identity.linkage.clusters import Apart, Clusters, Labels, cluster
from journeygraph.identity.linkage.comparison import Comparison
from journeygraph.identity.linkage.keys import Key
from journeygraph.identity.linkage.model import Model
from journeygraph.identity.linkage.records import Column, Floats, Rows
from journeygraph.identity.linkage.scoring import LEAST_PROBABILITY, Scored, compare

#: More people than this are a home or an office.
LARGEST: Final = 12


def households(
    model: Model,
    compared_by: Sequence[Comparison],
    fields: Mapping[str, Column],
    people: Labels,
    threshold: float,
    apart: Apart | None = None,
) -> Clusters:
    """Households of people: `people[row]` is the first row of a row's person; `labels` of the answer hold for these.

    `left` and `right` of a merge are the two most alike records of the two people.

    `apart` are, by person, the people that must not be in a household with them.
    """
    rows = len(people)
    if not {"street", "postcode", "city"} & fields.keys():
        none = np.empty(0, np.int64)
        return cluster(Scored(none, none, np.empty(0)), rows, threshold, LARGEST)
    found, records = _scored(model, compared_by, Blocks(fields, rows, keys(fields)), people)
    homes = cluster(found, rows, threshold, LARGEST, apart)
    place = {pair: k for k, pair in enumerate(zip(found.left.tolist(), found.right.tolist(), strict=True))}
    best = [place[min(one.left, one.right), max(one.left, one.right)] for one in homes.merges]
    return replace(
        homes,
        merges=[
            replace(one, left=int(records[0][k]), right=int(records[1][k]))
            for one, k in zip(homes.merges, best, strict=True)
        ],
    )


def reasons(model: Model, compared_by: Sequence[Comparison], pairs: Sequence[tuple[int, int]]) -> list[list[Reason]]:
    """What speaks for one household, the strongest first: only aspects that the people of one share."""
    return engine.reasons(model, compared_by, pairs, shared=True)


def keys(fields: Mapping[str, Column]) -> list[Key]:
    """What two people of one household share: a house or a telephone, else a surname and a place."""
    names = [fields[name] for name in ("surname", "first_name") if name in fields]
    found = []
    if "street" in fields and "house_number" in fields:
        found.append(Key("house", ((fields["street"], fields["house_number"]),)))
    if "phone" in fields:
        found.append(Key("phone", ((fields["phone"],),)))
    for name in ("street", "postcode", "city"):
        if name in fields and names:
            found.append(Key(f"name and {name}", tuple((column, fields[name]) for column in names)))
    return found


def _scored(
    model: Model, compared_by: Sequence[Comparison], blocks: Blocks, people: Labels
) -> tuple[Scored, tuple[Rows, Rows]]:
    """Pairs of people with the odds that they live together, of their most alike records; and these records."""
    left: list[Rows] = [np.empty(0, np.int64)]
    right: list[Rows] = [np.empty(0, np.int64)]
    odds: list[Floats] = [np.empty(0)]
    for one, other in blocks.pairs():
        two = people[one] != people[other]
        one, other = one[two], other[two]
        probability = model.household(compare(compared_by, one, other))
        kept = probability >= LEAST_PROBABILITY
        left.append(one[kept])
        right.append(other[kept])
        odds.append(np.clip(probability[kept] / (1 - probability[kept]), 0, 2.0**60))
    return _best(people, np.concatenate(left), np.concatenate(right), np.concatenate(odds))


def _best(people: Labels, left: Rows, right: Rows, odds: Floats) -> tuple[Scored, tuple[Rows, Rows]]:
    """Each pair of people once, with its largest odds and the records that have them."""
    one, other = np.minimum(people[left], people[right]), np.maximum(people[left], people[right])
    order = np.lexsort((right, left, -odds, other, one))
    one, other = one[order], other[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = (one[1:] != one[:-1]) | (other[1:] != other[:-1])
    chosen = order[first]
    return Scored(one[first], other[first], odds[chosen], len(left)), (left[chosen], right[chosen])
