"""Random journey tables with ties, repeats and several customers, and their plain rows."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from journeygraph.journeys.table import JourneyTable

STEPS = ("a", "b", "c", "d")
SECOND = 1_000_000


@st.composite
def rows(draw: st.DrawFn, max_paths: int = 8, max_length: int = 12) -> list[dict[str, Any]]:
    """Rows for `JourneyTable.from_rows`: a customer's journeys follow one another, instants may tie."""
    found: list[dict[str, Any]] = []
    clocks: dict[str, int] = {}
    for number in range(draw(st.integers(0, max_paths))):
        customer = draw(st.sampled_from(["k1", "k2", "k3"]))
        steps = draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=max_length))
        waits = draw(st.lists(st.integers(0, 3), min_size=len(steps), max_size=len(steps)))
        clock, times = clocks.get(customer, 0), []
        for wait in waits:
            clock += wait * SECOND
            times.append(clock)
        clocks[customer] = clock
        outcome = draw(st.sampled_from(["converted", "lost", "open"]))
        found.append(
            {
                "id": f"j:{number:03}",
                "customer_id": customer,
                "outcome": outcome,
                "value": 10.0 if outcome == "converted" else None,
                "steps": steps,
                "channels": ["web"] * len(steps),
                "occurred_at_us": times,
            }
        )
    return found


@st.composite
def tables(draw: st.DrawFn, **limits: int) -> JourneyTable:
    """A table of such rows at the grain of journeys or of customers."""
    table = JourneyTable.from_rows(draw(rows(**limits)))
    return table.by_customer() if draw(st.booleans()) else table


def paths_of(table: JourneyTable) -> list[tuple[str, list[str], list[int]]]:
    """Customer, steps and instants of each path, as plain Python."""
    return [
        (
            table.customer_ids[table.customers[path]],
            table.sequence(path),
            table.occurred_at_us[table.offsets[path] : table.offsets[path + 1]].tolist(),
        )
        for path in range(table.n_paths)
    ]
