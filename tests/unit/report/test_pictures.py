"""Pictures stay legible: nothing lies outside or on top of anything else, nothing is lost, whatever the data."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from journeygraph.report.behind.waits import EDGES
from journeygraph.report.model import Report, Section, make_table
from journeygraph.report.pictures.heat_map import BOUNDS, shade, short
from journeygraph.report.pictures.histogram import TimeAxis, histogram, time_axis
from journeygraph.report.pictures.node_layout import BOX_HEIGHT, BOX_WIDTH, place
from journeygraph.report.pictures.step_graph import step_graph
from journeygraph.report.views import routes, step_matrix, transition_matrix, variants, waits
from journeygraph.report.views import step_graph as graph_view
from journeygraph.schema import END, OTHER, START
from tests.report_samples import report


def _many(name: str, rows: list[dict[str, object]], **parameters: object) -> Report:
    sample = report()
    tables = [table for table in sample.tables if table.name != name]
    return sample.model_copy(update={"tables": (*tables, make_table(name, name, rows, "RETURN 1", parameters))})


def test_two_hundred_steps_become_a_few_rows_and_the_rest() -> None:
    steps = [f"step {number}" for number in range(200)]
    rows: list[dict[str, object]] = [
        {"step": step, "position": place, "journeys": 200 - number, "share": 0.0}
        for number, step in enumerate(steps)
        for place in (1, 2)
    ]
    drawn = step_matrix.view(_many("step_matrix", rows))
    assert drawn
    assert [line.label for line in drawn.picture.lines] == [*steps[: step_matrix.SHOWN], OTHER]
    total = sum(200 - number for number in range(200))
    rest = sum(200 - number for number in range(step_matrix.SHOWN, 200))
    assert (
        drawn.picture.lines[-1].cells[0].title.endswith(f"{rest:,} of {total:,} journeys ({100 * rest / total:.1f} %)")
    )


def test_transitions_of_two_hundred_steps_lose_no_count() -> None:
    steps = [START, *(f"step {number}" for number in range(200)), END]
    counts = {pair: 300 - number for number, pair in enumerate(pairwise(steps))}
    rows: list[dict[str, object]] = [
        {"source": a, "target": b, "count": count, "of_source": 1.0, "of_target": 1.0, "of_all": 0.0}
        for (a, b), count in counts.items()
    ]
    _, shown = transition_matrix.lumped(counts)
    assert sum(shown.values()) == sum(counts.values())
    drawn = transition_matrix.view(_many("transition_matrix", rows))
    assert drawn
    for part in drawn.parts:
        lines = [line.label for line in part.picture.lines]
        assert lines == [START, *steps[1 : transition_matrix.SHOWN + 1], OTHER]
        assert part.picture.slanted
        assert all(
            cell.x + part.picture.cell_width < part.picture.width for line in part.picture.lines for cell in line.cells
        )
    by_row = drawn.parts[0].picture.lines[-1].cells
    assert [cell.title for cell in by_row] == [
        f"{OTHER} → {OTHER}: 35,705 of 35,805, 99.7 % of what follows {OTHER}",
        f"{OTHER} → {END}: 100 of 35,805, 0.28 % of what follows {OTHER}",
    ]


def test_long_journeys_lose_their_middle_and_say_how_much() -> None:
    steps = [f"step {number}" for number in range(40)]
    row: dict[str, object] = {
        "steps": steps,
        "variants": 1,
        "journeys": 3,
        "customers": 3,
        "share": 1.0,
        "converted": 1,
        "lost": 1,
        "open": 1,
        "conversion": 0.5,
        "value": 7.0,
        "median_seconds": 60.0,
        "p90_seconds": 90.0,
    }
    drawn = variants.view(_many("variants", [row]))
    assert drawn
    assert len(drawn.items[0].steps) == variants.LONGEST + 1
    assert "… 28 more …" in drawn.items[0].steps
    assert drawn.items[0].whole == " → ".join(steps)


def test_without_a_way_to_the_goal_the_page_says_why() -> None:
    reason = "No journey reached a goal, so no way leads to one."
    found = routes.view(report().model_copy(update={"routes": Section(reason=reason)}))
    assert found
    assert (found.sentences, found.items) == ((reason,), ())


@given(st.floats(1e-9, 1))
def test_a_cells_figure_agrees_with_its_shade(share: float) -> None:
    shown = 0.0 if short(share).startswith("<") else float(short(share)[:-2]) / 100
    assert abs(shade(shown) - shade(share)) <= 1
    assert 0 <= shade(share) < len(BOUNDS)


@given(st.lists(st.integers(0, 10_000), min_size=len(EDGES), max_size=len(EDGES)).filter(any))
def test_area_of_a_bar_is_its_share_of_the_waits(counts: list[int]) -> None:
    axis = time_axis(EDGES, [counts])
    drawn = histogram(EDGES, counts, (1.0, 60.0, 3_600.0, 86_400.0), axis)
    areas = [(bar.width + 1) * bar.height for bar in drawn.bars]
    known = [count for count in counts if count]
    assert len(areas) == len(known)
    largest = max(areas)
    for area, count in zip(areas, known, strict=True):
        assert abs(area / sum(areas) - count / sum(known)) < 0.03 + 20 / largest
    assert all(bar.x >= 0 and bar.x + bar.width <= 330 and bar.y >= 0 for bar in drawn.bars)


@given(st.floats(0.1, 1e4), st.floats(2, 1e6))
def test_labels_of_the_time_axis_are_apart(low: float, factor: float) -> None:
    ticks = TimeAxis(low, low * factor).ticks
    assert all(right[0] - left[0] >= 34 for left, right in pairwise(ticks))


_GRAPHS = st.dictionaries(
    st.tuples(st.sampled_from([START, *"abcdefghijklmnop", OTHER]), st.sampled_from([*"abcdefghijklmnop", OTHER, END])),
    st.integers(1, 500),
    min_size=1,
)


@given(_GRAPHS)
def test_boxes_of_the_step_graph_lie_apart_and_inside(journeys: dict[tuple[str, str], int]) -> None:
    names = {name for pair in journeys for name in pair}
    positions = {name: float(len(name) + ord(name[0]) % 7) for name in names}
    drawing = step_graph(positions, journeys, {next(iter(sorted(names))): [1, 2]}, {next(iter(sorted(journeys))): [3]})
    assert {box.name for box in drawing.boxes} == names
    for one, other in combinations(drawing.boxes, 2):
        assert abs(one.x - other.x) >= BOX_WIDTH or abs(one.y - other.y) >= BOX_HEIGHT
    for box in drawing.boxes:
        assert BOX_WIDTH / 2 <= box.x <= drawing.width - BOX_WIDTH / 2
        assert BOX_HEIGHT / 2 <= box.y <= drawing.height - BOX_HEIGHT / 2
    assert {arrow.pair for arrow in drawing.arrows} == set(journeys)
    assert Counter(badge.rank for badge in drawing.badges) == Counter([1, 2, 3])


def test_earlier_steps_stand_further_left() -> None:
    boxes = place({START: 0.0, "a": 1.0, "b": 2.0, "c": 3.0, END: 9.0}, {("a", "b"): 1})
    assert [boxes[name].x for name in (START, "a", "b", "c", END)] == sorted(box.x for box in boxes.values())


def test_every_finding_is_on_the_step_graph_or_named_beside_it() -> None:
    sample = report()
    drawn = graph_view.view(sample)
    assert drawn
    assert sample.gaps.answer
    marked = {badge.rank for badge in drawn.picture.badges}
    assert marked == set(range(1, len(sample.gaps.answer["findings"]) + 1))
    assert marked == set(drawn.findings)


def test_a_finding_of_no_step_is_told_in_a_sentence() -> None:
    sample = report()
    assert sample.gaps.answer
    first, *rest = sample.gaps.answer["findings"]
    answer = sample.gaps.answer | {"findings": [first | {"steps": []}, *rest]}
    drawn = graph_view.view(sample.model_copy(update={"gaps": sample.gaps.model_copy(update={"answer": answer})}))
    assert drawn
    assert "Finding 1 concerns no single step and cannot be shown here." in drawn.sentences


def test_waits_are_named_and_the_rest_comes_last() -> None:
    drawn = waits.view(report())
    assert drawn
    assert drawn.items[0].title == "view → cart"
    assert drawn.items[0].median == "10 min"
