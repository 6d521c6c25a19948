"""One customer with more touchpoints than a transaction can thread: the same result, some at a time.

What was built before is removed first, and the mark goes last, so a crash in between costs only the work.  The last
transaction of a load that died may be committed while the next one builds: each says the mark anew, and the end counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from journeygraph.graph import Graph, Row
from journeygraph.journeys.splitting import Columns, Paths, journey_of, split_journeys, split_sessions
from journeygraph.journeys.threading import session_keys, total_value
from journeygraph.schema import JourneyRules, Outcome, from_microseconds

_BATCH = 10_000


def thread_large(
    graph: Graph, customer_id: str, rules: JourneyRules, data_end_us: int, *, withheld: bool = False
) -> int:
    """Rebuild one customer's order, journeys and sessions; 1 when done, 0 where touchpoints came in between.

    So it is 0 where a load that died left something.  Of a customer who is `withheld` what was built is removed, and
    nothing else.
    """
    while graph.write("load/thread_large_clear", customer_id=customer_id, limit=_BATCH).rows[0]["removed"]:
        pass
    touchpoints = list(graph.stream("load/thread_large_read", customer_id=customer_id))
    built = dict.fromkeys(("steps", "journeys", "sessions", "parts"), 0)
    if touchpoints and not withheld:
        built = _build(graph, customer_id, rules, data_end_us, touchpoints)
    told = {"touchpoints": len(touchpoints), **built}
    done = graph.write("load/thread_large_done", customer_id=customer_id, built=told)
    return int(done.rows[0]["done"])


def _build(
    graph: Graph, customer_id: str, rules: JourneyRules, data_end_us: int, touchpoints: Sequence[Row]
) -> dict[str, int]:
    """Make order, journeys and sessions; how many of each, and how many parts these have."""
    columns = _columns(touchpoints, rules)
    journeys = split_journeys(columns, rules, data_end_us)
    sessions = split_sessions(columns, rules, journeys)
    # A journey repeats its touchpoints in lists: so few a batch that even the longest fit.
    made = {
        "load/thread_large_order": (_order(touchpoints), _BATCH),
        "load/thread_large_journeys": (_journeys(touchpoints, journeys, customer_id), 100),
        "load/thread_large_sessions": (_sessions(touchpoints, sessions, journeys, columns, customer_id), 5_000),
        "load/thread_large_includes": (_includes(touchpoints, journeys, sessions), _BATCH),
    }
    counts = {
        query: graph.write_rows(query, rows, batch_size=size, customer_id=customer_id)
        for query, (rows, size) in made.items()
    }
    steps, own, split, members = counts.values()
    return {"steps": steps, "journeys": own, "sessions": split, "parts": 2 * members}


def _columns(touchpoints: Sequence[Row], rules: JourneyRules) -> Columns:
    return Columns(
        customers=np.zeros(len(touchpoints), dtype=np.int64),
        occurred_at_us=np.array([row["time"] for row in touchpoints], dtype=np.int64),
        is_goal=np.array([row["step"] in rules.goals for row in touchpoints], dtype=bool),
        session_keys=session_keys([row["source"] for row in touchpoints], [row["session"] for row in touchpoints]),
    )


def _order(touchpoints: Sequence[Row]) -> Iterator[list[Any]]:
    for before, after in pairwise(touchpoints):
        yield [before["touchpoint_id"], after["touchpoint_id"], (after["time"] - before["time"]) / 1e6]


def _path(members: Sequence[Row], customer_id: str, outcome: str) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "outcome": outcome,
        "started_at": from_microseconds(members[0]["time"]),
        "ended_at": from_microseconds(members[-1]["time"]),
        "steps": [row["step"] for row in members],
        "channels": [row["channel"] for row in members],
        "occurred_at_us": [row["time"] for row in members],
    }


def _journeys(touchpoints: Sequence[Row], journeys: Paths, customer_id: str) -> Iterator[dict[str, Any]]:
    for path, outcome in enumerate(journeys.outcomes):
        members = [touchpoints[place] for place in journeys.members(path)]
        converted = outcome == Outcome.CONVERTED
        yield {
            "journey_id": f"j:{members[0]['touchpoint_id']}",
            "value": members[-1]["value"] if converted else None,
            "currency": members[-1]["currency"] if converted else None,
            **_path(members, customer_id, outcome),
        }


def _sessions(
    touchpoints: Sequence[Row], sessions: Paths, journeys: Paths, columns: Columns, customer_id: str
) -> Iterator[dict[str, Any]]:
    ending = journeys.bounds[journey_of(journeys, sessions.order[sessions.bounds[1:] - 1])].tolist()
    for path, outcome in enumerate(sessions.outcomes):
        places = sessions.members(path)
        members = [touchpoints[place] for place in places]
        goals = (touchpoints[place]["value"] for place in places if columns.is_goal[place])
        yield {
            "session_id": f"s:{members[0]['touchpoint_id']}",
            "journey_id": f"j:{touchpoints[ending[path]]['touchpoint_id']}",
            "value": total_value(goals) if outcome == Outcome.CONVERTED else None,
            **_path(members, customer_id, outcome),
        }


def _includes(touchpoints: Sequence[Row], journeys: Paths, sessions: Paths) -> Iterator[list[Any]]:
    in_journey, in_session = _places(touchpoints, journeys, "j:"), _places(touchpoints, sessions, "s:")
    for row, journey, session in zip(touchpoints, in_journey, in_session, strict=True):
        yield [row["touchpoint_id"], *journey, *session]


def _places(touchpoints: Sequence[Row], paths: Paths, prefix: str) -> list[tuple[str, int]]:
    """Id of the path of each touchpoint, and the position in it."""
    places: list[tuple[str, int]] = [("", 0)] * len(touchpoints)
    for path in range(len(paths.outcomes)):
        members = paths.members(path)
        name = prefix + touchpoints[members[0]]["touchpoint_id"]
        for position, place in enumerate(members):
            places[place] = (name, position)
    return places
