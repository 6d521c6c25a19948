"""The path picture: nothing is lost between its columns, and nothing lies outside or on top of anything else."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from journeygraph.paths import path_view
from journeygraph.report.pictures.sankey import Flow, Picture, layout
from journeygraph.report.views.paths import flows
from journeygraph.schema import END
from tests.report_samples import RULES, table

_SEQUENCES = st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4), min_size=1, max_size=30)


def _picture(sequences: list[list[str]]) -> Picture:
    counted = Counter(
        Flow(source, target, level, 0)
        for sequence in sequences
        for level, (source, target) in enumerate(zip(["(start)", *sequence], [*sequence, END], strict=True))
    )
    picture = layout(Flow(flow.source, flow.target, flow.level, amount) for flow, amount in counted.items())
    assert picture
    return picture


@given(_SEQUENCES)
def test_what_flows_in_flows_out(sequences: list[list[str]]) -> None:
    picture = _picture(sequences)
    for node in picture.nodes:
        inflow = sum(
            r.flow.journeys for r in picture.ribbons if (r.flow.level + 1, r.flow.target) == (node.level, node.step)
        )
        outflow = sum(
            r.flow.journeys for r in picture.ribbons if (r.flow.level, r.flow.source) == (node.level, node.step)
        )
        assert node.step == "(start)" or inflow == node.journeys
        assert node.step == END or outflow == node.journeys


@given(_SEQUENCES)
def test_boxes_lie_inside_and_apart(sequences: list[list[str]]) -> None:
    picture = _picture(sequences)
    for node in picture.nodes:
        assert 0 <= node.x < picture.width
        assert 0 <= node.y < node.y + node.height <= picture.height
    for level in {node.level for node in picture.nodes}:
        column = sorted((node for node in picture.nodes if node.level == level), key=lambda node: node.y)
        assert all(upper.y + upper.height < lower.y for upper, lower in pairwise(column))


def test_many_steps_shrink_instead_of_vanishing() -> None:
    picture = layout(Flow("(start)", f"step {number}", 0, 1) for number in range(200))
    assert picture
    assert len(picture.nodes) == 201
    assert min(node.height for node in picture.nodes) >= 1


def test_nothing_to_draw() -> None:
    assert layout([]) is None
    assert layout([Flow("a", "b", 0, 0)]) is None


def test_drop_off_in_the_picture_is_that_of_the_view() -> None:
    view = path_view(table(), levels=5, top=2).model_dump()
    drawn = flows(view["links"], frozenset(RULES.goals))
    assert sum(flow.journeys for flow in drawn) == sum(link["journeys"] for link in view["links"])
    lost = sum(flow.journeys for flow in drawn if flow.target == "(end) lost")
    assert lost == sum(link["drop_off"] for link in view["links"]) > 0
