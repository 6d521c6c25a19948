"""Where nothing is wrong, hardly any report says so; and a million touchpoints are tested like a thousand."""

from __future__ import annotations

import pytest

from journeygraph.gaps import find
from tests.unit.gaps.null_model import null_table


@pytest.mark.slow
def test_at_most_one_report_in_twenty_has_a_finding_where_nothing_is_wrong() -> None:
    with_findings = [seed for seed in range(200) if find(null_table(1_500, seed)).findings]
    assert len(with_findings) <= 10, with_findings


@pytest.mark.slow
def test_a_million_touchpoints_are_tested() -> None:
    table = null_table(285_000, 1)
    assert table.n_touchpoints > 990_000
    report = find(table)
    assert report.tested > 100
