"""A finding read back from the properties that the graph keeps of it is the finding."""

from __future__ import annotations

from journeygraph.gaps import Finding
from journeygraph.gaps.kept import of_properties
from journeygraph.gaps.stored import _properties
from tests.report_samples import report


def test_what_is_kept_is_read_back() -> None:
    rows = (report().gaps.answer or {})["findings"]
    assert rows
    for row in rows:
        finding = Finding.model_validate(row)
        properties = _properties(finding)["properties"]
        assert isinstance(properties, dict)
        given = {name: value for name, value in properties.items() if value is not None}  # Neo4j keeps no nulls
        assert of_properties(given) == finding.model_copy(update={"comparison": None, "owner": None, "note": None})


def test_what_another_version_kept_is_none() -> None:
    assert of_properties({"id": "drop_off-1", "kind": "drop_off"}) is None
