"""A declared journey held against journeys by plain loops: what the fast way and the Cypher must agree with."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from journeygraph.blueprints import Blueprint
from journeygraph.blueprints.landmarks import DEPTHS, OTHERS
from journeygraph.blueprints.rules import Rule
from journeygraph.schema import JourneyRules

Row = dict[str, Any]
Case = dict[str, Any]
DAY_US = 86_400_000_000
STEPS = "abcdefg"


def rows_of(histories: dict[str, list[tuple[str, str, int]]], rules: JourneyRules) -> list[Row]:
    """Journeys of customers' touchpoints (step, channel, instant), cut as DEFINITIONS says."""
    end = max((at for history in histories.values() for *_, at in history), default=0)
    rows: list[Row] = []
    for customer, history in histories.items():
        parts: list[list[tuple[str, str, int]]] = []
        for step, channel, at in sorted(history, key=lambda touchpoint: touchpoint[2]):
            last = parts[-1][-1] if parts else None
            if last is None or last[0] in rules.goals or at - last[2] > rules.journey_window_us:
                parts.append([])
            parts[-1].append((step, channel, at))
        for number, part in enumerate(parts):
            step, _, at = part[-1]
            lost = "lost" if end - at > rules.journey_window_us else "open"
            outcome = "converted" if step in rules.goals else lost
            rows.append({
                "id": f"{customer}-{number:03}", "customer_id": customer, "outcome": outcome,
                "value": 10.0 if outcome == "converted" else None, "steps": [one[0] for one in part],
                "channels": [one[1] for one in part], "occurred_at_us": [one[2] for one in part],
            })  # fmt: skip
    return rows


def judged_cases(rows: list[Row], blueprint: Blueprint, rules: JourneyRules) -> list[Case]:
    """Each case that can be judged, with its deviations, fitness and outcome."""
    end = max((row["occurred_at_us"][-1] for row in rows), default=0)
    until = blueprint.until_us(rules.journey_window_us)
    found: list[Case] = []
    for number, row in enumerate(rows):
        touches = list(zip(row["steps"], row["channels"], row["occurred_at_us"], strict=True))
        known, converted = True, row["outcome"] == "converted"
        if blueprint.across:
            if blueprint.starts not in row["steps"]:
                continue
            touches = touches[row["steps"].index(blueprint.starts) :]
            start = touches[0][2]
            later = [other for other in rows[number + 1 :] if other["customer_id"] == row["customer_id"]]
            for other in later:
                touches += zip(other["steps"], other["channels"], other["occurred_at_us"], strict=True)
            if start + until > end:
                continue
            touches = [touch for touch in touches if touch[2] <= start + until]
            over, window = start + until, rules.journey_window_us
            known = over + window <= end
            converted = any(
                other["outcome"] == "converted" and over < other["occurred_at_us"][-1] <= over + window
                for other in [row, *later]
            )
        elif row["outcome"] == "open":
            continue
        asked, broken = _verdict(touches, blueprint)
        found.append({
            "journey": row["id"], "customer": row["customer_id"], "known": known, "converted": converted,
            "deviations": sorted((kind, step) for step, kinds in broken.items() for kind in kinds),
            "fitness": 1 - len(broken) / asked if asked else 1.0,
        })  # fmt: skip
    return found


def _verdict(touches: list[tuple[str, str, int]], blueprint: Blueprint) -> tuple[int, dict[str, list[str]]]:
    """How many items are asked, and the kinds of deviation of each broken one."""
    happened = {step for step, *_ in touches}
    asked, broken = 0, {}
    members: set[str] = set()  # steps of ways not taken
    for branching in blueprint.rules.branchings:
        counts = [len(happened & set(way)) for way in branching.ways]
        best = counts.index(max(counts)) if max(counts) else None
        for number, way in enumerate(branching.ways):
            if number != best:
                members |= set(way)
        if branching.required:
            asked += 1
            if best is None:
                broken[branching.name] = ["missing"]
    for rule in blueprint.rules.rules:
        if rule.step in members:
            continue
        places = [at for at, (step, *_) in enumerate(touches) if step == rule.step]
        if not places:
            if rule.required:
                asked += 1
                broken[rule.step] = ["missing"]
            continue
        asked += 1
        kinds = []
        since = 0 if rule.since is None else next((at for at, t in enumerate(touches) if t[0] == rule.since), None)
        if rule.within_us is not None and since is not None:
            waits = [touches[at][2] - touches[since][2] for at in places if at >= since]
            if waits and min(waits) > rule.within_us:
                kinds.append("late")
        ahead = [step for step in rule.before if step in happened and step not in members]
        if ahead and all(at < [step for step, *_ in touches].index(ahead[-1]) for at in places):
            kinds.append("out_of_order")
        if rule.channels and not any(touches[at][1] in rule.channels for at in places):
            kinds.append("wrong_channel")
        if not rule.repeats and len(places) > 1:
            kinds.append("repeated")
        if kinds:
            broken[rule.step] = kinds
    for step in blueprint.forbidden:
        if step in happened:
            asked += 1
            broken[step] = ["forbidden"]
    return asked, broken


@st.composite
def blueprints(draw: st.DrawFn) -> Blueprint:
    """A declared journey over some of the steps a to g, with every kind of rule."""
    free = list(draw(st.permutations(STEPS)))
    starts = draw(st.sampled_from(["journeys", "a", "g"]))
    declared = [starts] if starts != "journeys" else []
    across = starts != "journeys"

    def entry() -> dict[str, Any]:
        step = free.pop()
        made: dict[str, Any] = {
            "step": step,
            "required": draw(st.booleans()),
            "repeats": draw(st.booleans()),
            "by": draw(st.sampled_from(["customer", "company"])),
        }
        if draw(st.booleans()):
            made["channels"] = draw(st.lists(st.sampled_from(["web", "email"]), min_size=1, unique=True))
        if draw(st.booleans()):
            made["within"] = draw(st.sampled_from(["1d", "2d", "5d"]))
            made["since"] = draw(st.sampled_from([None, *declared]))
        declared.append(step)
        return made

    stages: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 2))):
        steps: list[dict[str, Any]] = [entry() for _ in range(draw(st.integers(1, 2)))]
        if len(free) >= 3 and draw(st.booleans()):
            ways = [[entry()], [entry() for _ in range(draw(st.integers(1, 2)))]]
            steps.append({"one_of": ways, "required": draw(st.booleans())})
        stages.append({"stage": str(number), "any_order": draw(st.booleans()), "steps": steps})
    forbidden = [step for step in free[:1] if step != starts and draw(st.booleans())]
    until = draw(st.sampled_from([None, "20d"])) if across else None
    return Blueprint.model_validate({"name": "any", "starts": starts, "until": until, "stages": stages,
                                     "forbidden": forbidden})  # fmt: skip


def histories() -> st.SearchStrategy[dict[str, list[tuple[str, str, int]]]]:
    """Touchpoints of a few customers over sixty days; a customer's instants differ, as ids break ties elsewhere."""
    touch = st.tuples(st.sampled_from([*STEPS, "purchase"]), st.sampled_from(["web", "email"]),
                      st.integers(0, 120).map(lambda half_days: half_days * DAY_US // 2))  # fmt: skip
    one = st.lists(touch, min_size=1, max_size=14, unique_by=lambda touchpoint: touchpoint[2])
    return st.dictionaries(st.sampled_from(["c1", "c2", "c3", "c4"]), one, min_size=1)


def due_cases(rows: list[Row], blueprint: Blueprint, rule: Rule, rules: JourneyRules) -> list[Case]:
    """Each case in which a required step was due: whether it was missing, whom it is compared with, what followed."""
    end = max((row["occurred_at_us"][-1] for row in rows), default=0)
    until, window = blueprint.until_us(rules.journey_window_us), rules.journey_window_us
    found: list[Case] = []
    for number, row in enumerate(rows):
        if blueprint.across and blueprint.starts not in row["steps"]:
            continue
        own = [other for other in rows if other["customer_id"] == row["customer_id"]]
        history = [
            (step, channel, at, other["outcome"] == "converted" and place == len(other["steps"]) - 1)
            for other in own
            for place, (step, channel, at) in enumerate(
                zip(other["steps"], other["channels"], other["occurred_at_us"], strict=True)
            )
        ]
        offset = sum(len(other["steps"]) for other in rows[:number] if other["customer_id"] == row["customer_id"])
        first = offset + (row["steps"].index(blueprint.starts) if blueprint.across else 0)
        inside = [
            k for k in range(first, len(history))
            if (history[k][2] <= history[first][2] + until if blueprint.across else k < offset + len(row["steps"]))
        ]  # fmt: skip
        since = first if rule.since is None else next((k for k in inside if history[k][0] == rule.since), None)
        if since is None:
            continue
        if rule.within_us is not None:
            passed, due = None, history[since][2] + rule.within_us
            allowed = [k for k in range(since, len(history)) if history[k][2] <= due]
            after = [k for k in range(since, len(history)) if history[k][2] > due]
        else:
            later = {
                other.step
                for other in blueprint.rules.rules
                if rule.step in other.before and other.step not in rules.goals
            }
            passed = next((k for k in inside if k > since and history[k][0] in later), None)
            if passed is None:
                continue
            due = history[passed][2]
            allowed, after = list(range(since, passed)), list(range(passed + 1, len(history)))
        if due > end:
            continue
        mine = [k for k in allowed if blueprint.across or k < offset + len(row["steps"])]
        active = sum(rule.by_customer or history[k][0] != rule.step for k in allowed[1:])
        earlier = [k for k in range(since + 1, len(history)) if k not in after and history[k][3]]
        found.append({
            "journey": row["id"], "customer": row["customer_id"],
            "missing": all(history[k][0] != rule.step for k in mine),
            "compared": due + window <= end and not earlier,
            "converted": any(history[k][3] and history[k][2] <= due + window for k in after),
            "alike": (
                next((bound for bound in DEPTHS if bound > since), None),
                history[since][1],
                any(touch[3] for touch in history[:since]),
                next((bound for bound in OTHERS if bound >= active), None),
                history[passed][0] if passed is not None else None,
            ),
        })  # fmt: skip
    return found
