"""Threading the graph: order, sessions and journeys of every customer that carries the mark `Unthreaded`.

A page of customers is read, divided by the same pure functions as everywhere, and written in one transaction that
also takes the mark away.  So the work can stop at any moment and be taken up again, and a customer whose touchpoints
change in between keeps the mark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from journeygraph.errors import GraphError
from journeygraph.graph import Graph, Row
from journeygraph.journeys import configuration, step_graph
from journeygraph.journeys.configuration import read_rules
from journeygraph.journeys.data_end import put_end_of_data
from journeygraph.journeys.large import thread_large
from journeygraph.journeys.splitting import Columns, Paths, journey_of, split_journeys, split_sessions
from journeygraph.journeys.threading import session_keys
from journeygraph.schema import JourneyRules, from_microseconds

Progress = Callable[[int, int], None]  # customers done, customers in all

_PAGE_TOUCHPOINTS = 20_000  # a transaction of about 60,000 relationships, some 50 MB of the server's heap
_LARGE_TOUCHPOINTS = 2 * _PAGE_TOUCHPOINTS  # of one customer: such a page holds no other
_LISTED_CUSTOMERS = 20_000
#: What goes before new journeys come; journeys last, since they tell that there may be the rest.
_CLEAR = ("load/thread_clear_order", "load/thread_clear_sessions", "load/thread_clear_journeys")
_PATIENCE = 50
#: What is held by whoever changes journeys.
LOCK = "lock: threading"


def thread(graph: Graph, progress: Progress | None = None, *, refresh: bool = True) -> int:
    """Rebuild NEXT, sessions and journeys of all marked customers, then what depends on them; the number rebuilt.

    Afterwards no open journey has a window that has passed, and the step graph counts the journeys as they are.
    Customers who withdrew consent to analytics have none.  Without `refresh` the step graph, which is made of all
    journeys, stays out of date until `refresh_step_graph` or the next call.
    Repeatable: after a crash the next call goes on where this one stopped.
    """
    rules = read_rules(graph)
    graph.write("load/withhold")
    data_end_us = _data_end(graph)
    if data_end_us is not None and data_end_us < (configuration.data_end_us(graph) or data_end_us):
        put_end_of_data(graph)  # whoever had the last touchpoint withdrew consent
    state = graph.read("load/thread_state")[0]
    if not state["pending"] and (state["fresh"] or data_end_us is None or not refresh):
        return 0
    graph.write("load/thread_begin")
    done = 0
    for page in _pages(graph):
        done += _thread_page(graph, page, rules, data_end_us or 0)
        if progress:
            progress(done, max(done, state["pending"]))
    # Another load may have stored later touchpoints meanwhile; those that it stores from now on it closes itself.
    data_end_us = _data_end(graph)
    if data_end_us is None:
        put_end_of_data(graph)
        return done
    _close(graph, rules, data_end_us)
    if refresh:
        step_graph.refresh(graph, rules, data_end_us)
    else:
        graph.write("load/thread_end", data_end_us=data_end_us)
    return done


def refresh_step_graph(graph: Graph) -> bool:
    """Make the step graph of the journeys as they are, if it is out of date; whether it was.

    Journeys are read while others may change them: nobody waits but for the writing.  What they changed meanwhile is
    for the next call.  Where one of them made the step graph itself (an erasure does), theirs is newer and stays.
    """
    state = graph.read("load/thread_state")[0]
    if state["fresh"]:
        return False
    statements = step_graph.statements(graph, read_rules(graph))
    with graph.alone(LOCK):
        if graph.read("load/thread_state")[0]["shown"] == state["shown"]:
            graph.write_all([*statements, ("load/step_graph_shown", {"revision": state["revision"]})])
    return True


def _data_end(graph: Graph) -> int | None:
    """The last touchpoint of those that count; None where there is none."""
    end = graph.read("load/thread_data_end")
    return end[0]["data_end_us"] if end else None


def _pages(graph: Graph) -> Iterator[list[Row]]:
    """Pages of marked customers, until none is left; each about `_PAGE_TOUCHPOINTS`, at least one customer."""
    rounds_without_progress, before = 0, None
    while pending := graph.read("load/thread_pending", limit=_LISTED_CUSTOMERS):
        rounds_without_progress = rounds_without_progress + 1 if pending == before else 0
        if rounds_without_progress > _PATIENCE:
            raise GraphError(
                f"The journeys of {len(pending)} customers, {pending[0]['customer_id']!r} among them, could not be "
                "rebuilt, because their touchpoints change all the time: stop other loads and load again."
            )
        before = pending
        page: list[Row] = []
        size = 0
        for customer in pending:
            if page and size + customer["touchpoints"] > _PAGE_TOUCHPOINTS:
                yield page
                page, size = [], 0
            page.append(customer)
            size += customer["touchpoints"]
        yield page


def _thread_page(graph: Graph, page: Sequence[Row], rules: JourneyRules, data_end_us: int) -> int:
    if page[0]["touchpoints"] > _LARGE_TOUCHPOINTS:
        return thread_large(graph, page[0]["customer_id"], rules, data_end_us, withheld=page[0]["withheld"])
    withheld = {customer["customer_id"] for customer in page if customer["withheld"]}
    threaded = [customer["customer_id"] for customer in page if customer["threaded"]]
    found = graph.read("load/thread_read", customer_ids=[customer["customer_id"] for customer in page])
    rows = divide(found, rules, data_end_us)
    rows = [row | {"journeys": [], "sessions": []} if row["customer_id"] in withheld else row for row in rows]
    empty = {customer["customer_id"] for customer in page} - {row["customer_id"] for row in found}
    rows += [{"customer_id": customer, "times": [], "journeys": [], "sessions": []} for customer in sorted(empty)]
    clear = [(name, {"customer_ids": threaded}) for name in _CLEAR if threaded]
    write = ("load/thread_write", {"rows": rows, "goals": list(rules.goals)})
    return int(graph.write_all([*clear, write]).rows[0]["done"])


def divide(customers: Sequence[Row], rules: JourneyRules, data_end_us: int) -> list[dict[str, Any]]:
    """Places where each customer's journeys and sessions lie, for `load/thread_write`.

    `customers` are rows of `load/thread_read`: parallel lists `times`, `steps`, `sources`, `sessions` in order.

    >>> divide([{"customer_id": "c", "times": [0, 5], "steps": ["view", "purchase"], "sources": ["s", "s"],
    ...     "sessions": ["", ""]}], JourneyRules(), 5)[0]["journeys"]
    [{'from': 0, 'to': 2, 'outcome': 'converted'}]
    """
    columns = _columns(customers, rules)
    first = np.concatenate([[0], np.cumsum([len(customer["times"]) for customer in customers])]).astype(np.int64)
    journeys = split_journeys(columns, rules, data_end_us)
    sessions = split_sessions(columns, rules, journeys)
    rows: list[dict[str, Any]] = [
        {"customer_id": customer["customer_id"], "times": customer["times"], "journeys": [], "sessions": []}
        for customer in customers
    ]
    owners = columns.customers[journeys.bounds[:-1]]
    starts, ends = journeys.bounds[:-1] - first[owners], journeys.bounds[1:] - first[owners]
    for owner, start, end, outcome in zip(
        owners.tolist(), starts.tolist(), ends.tolist(), journeys.outcomes, strict=True
    ):
        rows[owner]["journeys"].append({"from": start, "to": end, "outcome": outcome})
    _add_sessions(rows, columns, sessions, journeys, first)
    return rows


def _add_sessions(
    rows: list[dict[str, Any]], columns: Columns, sessions: Paths, journeys: Paths, first: np.ndarray[Any, Any]
) -> None:
    """Append each session to its customer's row; the numbers count from the customer's own first touchpoint."""
    owners = columns.customers[sessions.order]
    members = (sessions.order - first[owners]).tolist()
    ending = journey_of(journeys, sessions.order[sessions.bounds[1:] - 1])
    owners = owners[sessions.bounds[:-1]]
    ending -= journey_of(journeys, first[owners])
    bounds = sessions.bounds.tolist()
    for number, (owner, journey) in enumerate(zip(owners.tolist(), ending.tolist(), strict=True)):
        rows[owner]["sessions"].append(
            {
                "members": members[bounds[number] : bounds[number + 1]],
                "journey": journey,
                "outcome": sessions.outcomes[number],
            }
        )


def _columns(customers: Sequence[Row], rules: JourneyRules) -> Columns:
    goals = frozenset(rules.goals)
    return Columns(
        customers=np.repeat(np.arange(len(customers)), [len(customer["times"]) for customer in customers]),
        occurred_at_us=np.array([time for customer in customers for time in customer["times"]], dtype=np.int64),
        is_goal=np.array([step in goals for customer in customers for step in customer["steps"]], dtype=bool),
        session_keys=session_keys(
            [source for customer in customers for source in customer["sources"]],
            [session or None for customer in customers for session in customer["sessions"]],
        ),
    )


def _close(graph: Graph, rules: JourneyRules, data_end_us: int) -> None:
    """Turn open journeys whose window has passed into lost ones; the data's end never goes back, so none reopens."""
    before = from_microseconds(data_end_us - rules.journey_window_us)
    while graph.write("load/thread_close", before=before, page=_LISTED_CUSTOMERS).rows[0]["closed"]:
        pass
