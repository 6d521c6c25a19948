"""The search over groups, kind by kind: planted in one group it is told of it; of everybody or nobody, it is not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from journeygraph.blueprints import parse
from journeygraph.gaps import Finding, find
from journeygraph.gaps.groups import Dimension, Groups
from journeygraph.generator import follow_up
from journeygraph.journeys.table import JourneyTable

HOUR_US = 3_600_000_000
Random = np.random.Generator
Visit = tuple[str, str, float]  # step, channel, hours since the one before
#: Makes a customer's journeys; `gap` says whether this customer has the gap, `worse` adds to the chance of losing it.
Plan = Callable[[Random, bool, float], list[tuple[list[Visit], bool]]]


def _ends(rng: Random, visits: list[Visit], lost: float) -> list[tuple[list[Visit], bool]]:
    return [(visits, True)] if rng.random() < lost else [([*visits, ("goal", "web", 1.0)], False)]


def silence(rng: Random, gap: bool, worse: float) -> list[tuple[list[Visit], bool]]:
    long = rng.random() < 0.4
    visits = [("ticket", "web", 1.0), ("reply", "web", 50.0 if long else 0.1), ("view", "web", 0.2)]
    return _ends(rng, visits, 0.2 + worse + 0.4 * (gap and long))


def handoff(rng: Random, gap: bool, worse: float) -> list[tuple[list[Visit], bool]]:
    moved = rng.random() < 0.5
    visits = [(str(rng.choice(["search", "view"])), "app", 1.0), (str(rng.choice(["cart", "form"])), "app", 0.1)]
    visits[1] = (visits[1][0], "web" if moved else "app", 0.1)
    if rng.random() < 0.1 + worse + 0.4 * (gap and moved):
        return [(visits, True)]
    return _ends(rng, [*visits, ("view", visits[1][1], 0.1)], 0.2 + worse)


def loop(rng: Random, gap: bool, worse: float) -> list[tuple[list[Visit], bool]]:
    names = [str(name) for name in rng.choice(["a", "b", "c", "d", "e"], size=5)]
    if gap and rng.random() < 0.3:
        names[1:4] = ["a", "b", "a"]
    return _ends(rng, [(name, "web", 0.1) for name in names], 0.3 + worse)


def unreachable(rng: Random, gap: bool, worse: float) -> list[tuple[list[Visit], bool]]:
    visits = [("view", "web", 0.1), (str(rng.choice(["search", "cart"])), "web", 0.1)]
    if rng.random() < 0.4:
        return _ends(rng, [*visits, ("form", "web", 0.1)], 1.0 if gap else 0.3 + worse)
    return _ends(rng, [*visits, ("look", "web", 0.1)], 0.3 + worse)


def bypassable(rng: Random, gap: bool, worse: float) -> list[tuple[list[Visit], bool]]:
    first, last = str(rng.choice(["view", "search", "cart"])), str(rng.choice(["form", "pay", "check"]))
    passed = rng.random() < 0.4
    between = [("advice", "web", 0.1)] if passed else []
    visits = [("home", "web", 0.1), *([] if passed else [("look", "web", 0.1)]), (first, "web", 0.1)]
    return _ends(rng, [*visits, *between, (last, "web", 0.1)], 0.25 + worse + 0.4 * (gap and passed))


def repeat(rng: Random, gap: bool, worse: float) -> list[tuple[list[Visit], bool]]:
    step = str(rng.choice(["complaint", "question", "praise"]))
    again = step == "complaint" and rng.random() < 0.4 * gap
    visits = [("view", "web", 0.1), (step, str(rng.choice(["service", "social"])), 0.1)]
    other = "social" if visits[1][1] == "service" else "service"
    more = [("complaint", other, 20.0)] if again or rng.random() < 0.02 else []
    return _ends(rng, [*visits, *more], 0.3 + worse)


def missing_step(rng: Random, gap: bool, worse: float) -> list[tuple[list[Visit], bool]]:
    missing = rng.random() < (0.6 if gap else 0.005)
    mail = [] if missing else [([("follow_up_email", "email", 24.0)], True)]
    back = 0.5 - worse - 0.35 * missing
    later = [([("view", "web", 400.0), ("purchase", "web", 0.5)], False)] if rng.random() < back else []
    return [([("view", "web", 0.1), ("purchase", "web", 0.1)], False), *mail, *later]


def duplicate_step(rng: Random, gap: bool, worse: float) -> list[tuple[list[Visit], bool]]:
    step = str(rng.choice(["offer", "deal", "news", "help"]))
    places = {"offer": ("view", "cart"), "deal": ("search", "check"), "news": ("home", "look"), "help": ("mail", "pay")}
    before, after = places["offer" if gap and step == "deal" else step]
    return _ends(rng, [(before, "web", 0.1), (step, "web", 0.1), (after, "web", 0.1)], 0.3 + worse)


PLANS: dict[str, tuple[Plan, str, int]] = {
    "silence": (silence, "ticket → reply", 2_500),
    "handoff": (handoff, "app → web", 2_500),
    "loop": (loop, "a → b → a", 2_500),
    "unreachable": (unreachable, "form", 2_000),
    "bypassable": (bypassable, "advice", 4_000),
    "repeat": (repeat, "complaint", 3_000),
    "missing_step": (missing_step, "purchase → follow_up_email", 2_500),
    "duplicate_step": (duplicate_step, "deal and offer", 5_000),
}


def shop(
    kind: str, has_gap: Callable[[bool], bool], worse: float, seed: int = 1, size: float = 1.0
) -> tuple[JourneyTable, Groups]:
    """Customers of whom two in five use ios; `has_gap(ios)`; those on ios lose their journeys more often by `worse`."""
    rng, plan = np.random.default_rng(seed), PLANS[kind][0]
    rows, members = [], {}
    for customer in range(round(PLANS[kind][2] * size)):
        ios = bool(rng.random() < 0.4)
        at = float(rng.random() * 150 * 24)
        for visits, lost in plan(rng, has_gap(ios), worse if ios else 0.0):
            times = (at + np.cumsum([hours for _, _, hours in visits])) * HOUR_US
            at = float(times[-1]) / HOUR_US
            rows.append(_row(f"c{customer:05d}", len(rows), visits, times.astype(int).tolist(), lost=lost))
            members[rows[-1]["id"]] = ios
    rows.append(_row("last", len(rows), [("view", "web", 0.0)], [int(260 * 24 * HOUR_US)], lost=True))
    names = {step for row in rows for step in row["steps"]}  # type: ignore[attr-defined]
    table = JourneyTable.from_rows(rows, stages=dict.fromkeys(names, "consideration"))
    inside = np.array([0 if members.get(journey_id) else -1 for journey_id in table.ids], dtype=np.int8)
    return table, Groups((Dimension("p_platform", ("ios",), np.repeat(inside, table.lengths)),))


def _row(customer: str, number: int, visits: list[Visit], times: list[int], *, lost: bool) -> dict[str, object]:
    return {
        "id": f"j{number:06d}",
        "customer_id": customer,
        "outcome": "lost" if lost else "converted",
        "value": None if lost else 10.0,
        "steps": [step for step, _, _ in visits],
        "channels": [channel for _, channel, _ in visits],
        "occurred_at_us": times,
    }


def found(kind: str, has_gap: Callable[[bool], bool], worse: float = 0.0, size: float = 1.0) -> list[Finding]:
    table, groups = shop(kind, has_gap, worse, size=size)
    blueprint = parse(follow_up.BLUEPRINT) if kind == "missing_step" else None
    return [one for one in find(table, groups=groups, blueprint=blueprint).findings if one.kind == kind]


@pytest.mark.parametrize("kind", PLANS)
def test_a_gap_of_one_group_is_told_as_confined_to_it_and_once(kind: str) -> None:
    subjects = {(one.subject, one.group) for one in found(kind, lambda ios: ios)}
    assert (_of(kind), "platform=ios") in {(_turned(subject), group) for subject, group in subjects}
    assert (_of(kind), None) not in {(_turned(subject), group) for subject, group in subjects}


@pytest.mark.parametrize("kind", PLANS)
def test_a_gap_of_everybody_is_told_of_everybody(kind: str) -> None:
    subjects = {(_turned(one.subject), one.group) for one in found(kind, lambda _: True)}
    assert (_of(kind), None) in subjects
    assert not [subject for subject, group in subjects if group]


@pytest.mark.parametrize("kind", PLANS)
def test_a_group_that_loses_more_everywhere_has_no_gap_of_its_own(kind: str) -> None:
    assert not [one.title for one in found(kind, lambda _: False, worse=0.2)]


def _of(kind: str) -> str:
    return _turned(PLANS[kind][1])


def _turned(subject: str) -> str:
    return " and ".join(sorted(subject.split(" and "))) if " and " in subject else subject
