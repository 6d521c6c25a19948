"""Conditions and step rules: what they mean, and what is refused in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import UsageError
from journeygraph.journeys.filters import Filter, Selection, parse
from journeygraph.journeys.shape import Rule, Shape, parse_rules
from journeygraph.journeys.table import JourneyTable
from tests.unit.funnels.test_funnel import with_vocabulary
from tests.unit.paths.tables import STEPS, paths_of, tables


def test_conditions() -> None:
    found = parse(
        ["platform=ios|android", "channel!=store", r"campaign=50\|50", "properties.channel=x", "since=2026-01-01"]
    )
    assert found.filters == (
        Filter("p_platform", ("ios", "android")),
        Filter("channel", ("store",), without=True),
        Filter("campaign", ("50|50",)),
        Filter("p_channel", ("x",)),
    )
    assert found.parameters_at(None)["since_us"] == 1_767_225_600_000_000
    assert not Selection()
    assert parse([], by="platform").by == "p_platform"


@given(st.lists(st.text(min_size=1).filter(lambda t: t.strip() == t and "\\" not in t), min_size=1, max_size=3))
def test_any_value_can_be_written(values: list[str]) -> None:
    asked = Filter("campaign", tuple(values))
    assert parse([str(asked)]).filters == (asked,)


@pytest.mark.parametrize(
    ("conditions", "sentence"),
    [
        (["platform"], "is no condition"),
        (["=ios"], "is no condition"),
        (["platform=ios|"], "empty value"),
        (["since=soon"], "neither a date nor"),
        (["since=2026-01-01T10:00:00"], "no offset"),
        (["since!=2026-01-01"], "one since="),
        (["since=2026-02-01", "until=2026-01-01"], "not after its beginning"),
    ],
)
def test_conditions_that_are_refused(conditions: list[str], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        parse(conditions)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [("view", "no group"), ("(end)=a", "cannot be called"), ("x=regex:(", "no regular expression")],
)
def test_rules_that_are_refused(rule: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        parse_rules([rule])


@given(tables(), st.booleans(), st.sampled_from([(), ("a",), ("x",), ("a", "d")]), st.booleans())
def test_a_shape_is_what_it_says(table: JourneyTable, grouping: bool, without: tuple[str, ...], collapse: bool) -> None:
    rules = (Rule("x", "regex", "[ab]"),) if grouping else (Rule("x", "exact", "c"),)
    shaped = Shape(rules, without, collapse).apply(with_vocabulary(table))
    expected = []
    for who, steps, times in paths_of(table):
        named = [("x" if rules[0].matches(step) else step, at) for step, at in zip(steps, times, strict=True)]
        kept = [row for row, step in zip(named, steps, strict=True) if row[0] not in without and step not in without]
        if collapse:
            kept = [row for k, row in enumerate(kept) if k == 0 or kept[k - 1][0] != row[0]]
        if kept:
            expected.append((who, [name for name, _ in kept], [at for _, at in kept]))
    assert paths_of(shaped) == expected


def test_a_step_to_leave_out_must_exist() -> None:
    with pytest.raises(UsageError, match="no step 'zz' to leave out; there are a, b, c, d"):
        Shape(without=("zz",)).apply(with_vocabulary(JourneyTable.from_rows([])))
    assert len(STEPS) == 4
