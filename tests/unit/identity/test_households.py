"""Who lives together: found beside who is one person, and never merged for it."""

from __future__ import annotations

import numpy as np
import pytest

from journeygraph.identity.linkage.clusters import pair_measure
from journeygraph.identity.linkage.table import resolve_table
from tests.unit.identity.people import columns, families, people


@pytest.mark.parametrize("seed", [1, 2])
def test_families_are_found_and_stay_several_people(seed: int) -> None:
    rows = families(120, seed)
    told = {"household": "ignore"}
    found = resolve_table(columns(rows), truth="person", told=told, households=True)
    alone = resolve_table(columns(rows), truth="person", told=told)
    assert (found.clusters, found.answer.f1) == (alone.clusters, alone.answer.f1)
    assert (found.answer.f1 or 0) >= 0.94
    assert found.households is not None
    assert alone.households is None
    assert alone.answer.households is None
    homes = [home or f"alone {name}" for home, name in zip(found.households, found.clusters, strict=True)]
    truth = {row["row_id"]: row["household"] for row in rows}
    numbers = {home: k for k, home in enumerate(dict.fromkeys(homes))}
    precision, recall, f1 = pair_measure(
        np.array([numbers[home] for home in homes]), np.array([int(truth[name]) for name in found.names])
    )
    assert precision >= 0.95
    assert recall >= 0.8
    assert f1 >= 0.9
    assert found.answer.households_found == len({home for home in found.households if home})
    first = (found.answer.households or [])[0]
    assert len(first.people) >= 2
    assert {reason.aspect for reason in first.evidence} <= {"surname", "address", "phone"}


def test_without_an_address_nobody_lives_together() -> None:
    answer = resolve_table(
        [{name: values for name, values in chunk.items() if name != "town"} for chunk in columns(people(100, 3))],
        households=True,
    ).answer
    assert (answer.households_found, answer.housed, answer.households) == (0, 0, [])
