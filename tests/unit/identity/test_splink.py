"""Splink is an extra: what it is asked follows from the columns; the run itself is `python -m benchmarks.identity`."""

from __future__ import annotations

import pytest

from journeygraph.errors import UsageError
from journeygraph.identity.linkage import records, splink_engine
from journeygraph.identity.linkage.columns import recognise
from journeygraph.identity.linkage.splink_engine import arrow, plan
from journeygraph.identity.linkage.table import resolve_table
from tests.unit.identity.people import columns, people


def test_what_splink_is_asked() -> None:
    small = plan(["first_name", "surname", "dob", "email", "city", "id:ssn", "colour"], 1_000)
    assert dict(small.compared) == {
        "first_name": "name", "surname": "name", "dob": "day", "email": "email", "city": "text", "id:ssn": "number",
    }  # fmt: skip
    assert ("first_name",) in small.blocked
    large = plan(["first_name", "surname", "dob", "email", "city"], 5_000_000)
    assert set(large.blocked) == {
        ("dob",),
        ("email",),
        ("first_name", "surname"),
        ("first_name", "city"),
        ("surname", "city"),
    }
    assert ("first_name", "surname") in large.learnt
    assert all("phone" not in rule for rule in plan(["first_name", "dob", "phone"], 10).sure), "a family's phone"
    for columns_of in (["first_name", "surname"], ["email", "phone"], ["first_name", "surname", "gender"]):
        with pytest.raises(UsageError, match="three columns"):
            plan(columns_of, 10)


def test_the_table_for_splink_is_what_was_normalised() -> None:
    table = records.read([{"First name": ["Ánn", None], "dob": ["1980-02-13", ""], "soc_sec_id": ["x-1", "x-1"]}])
    fields = records.fields(table, recognise(list(table)))
    made = arrow(fields, list(fields)).to_pydict()
    assert made["row"] == [0, 1]
    assert made["first_name"] == ["ann", None]
    assert made["dob"] == ["19800213", None]
    assert len(set(made["id_soc_sec_id"])) == 1


def test_what_splink_cannot_do_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = columns(people(5, 1))
    with pytest.raises(UsageError, match="without --households"):
        resolve_table(rows, engine="splink", households=True)
    monkeypatch.setattr(splink_engine, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'journeygraph-service\[splink\]'"):
        resolve_table(rows, engine="splink")
