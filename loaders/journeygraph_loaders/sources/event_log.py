"""Event logs of process mining as tables: case id, activity, timestamp, and whatever else.

Documented in "Getting started: Importing your first event log" of PM4Py, whose columns are `case_id`, `activity`,
`timestamp`, `costs` and `resource`.  Blanks and capitals make no difference (`Case ID`), and a start may stand beside
an end. A case is the customer.  Of two times an activity is placed at its start.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from journeygraph_loaders.columns import ALIASES
from journeygraph_loaders.sources.base import Document, Flat, Sample, Source, present

NAMES: Final = {
    "case_id": ("case_id", "caseid", "case"),
    "activity": ("activity", "activity_name"),
    "timestamp": ("start_timestamp", "start_time", "timestamp", "complete_timestamp", "end_timestamp"),
    "resource": ("resource",),
}
#: Columns of customers and visitors: a table that has one is no event log of cases.
PEOPLE: Final = frozenset(
    {"customer_id", "anonymous_id", *ALIASES["customer_id"].split(), *ALIASES["anonymous_id"].split()}
)
_REQUIRED: Final = ("case_id", "activity", "timestamp")


def recognise(sample: Sample) -> str | None:
    """Why this is an event log, or None."""
    found = columns(sample.columns)
    if {_simple(name) for name in sample.columns} & PEOPLE:
        return None  # it names customers itself
    if sample.format in ("csv", "parquet") and all(name in found for name in _REQUIRED):
        told = ", ".join(repr(found[name]) for name in _REQUIRED)
        return f"it has the columns of an event log: {told}"
    return None


def columns(names: Iterable[str]) -> dict[str, str]:
    """Which column is what in an event log.

    >>> columns(["Case ID", "Activity", "Complete Timestamp", "Variant"])["timestamp"]
    'Complete Timestamp'
    """
    simple = {_simple(name): name for name in sorted(names)}
    pairs = ((meaning, next((simple[one] for one in usual if one in simple), None)) for meaning, usual in NAMES.items())
    return {meaning: name for meaning, name in pairs if name is not None}


def _simple(name: str) -> str:
    return re.sub(r"[\s\-]+", "_", name.strip().lower())


def rows(event: Document, _: Document) -> Iterator[Flat]:
    """The touchpoint of an event."""
    found = columns(event)
    rest = {name: value for name, value in event.items() if name not in found.values()}
    yield present({**rest, **{meaning: event[name] for meaning, name in found.items()}})


SOURCE: Final = Source("event_log", "event log (case, activity, timestamp)", recognise, rows)
