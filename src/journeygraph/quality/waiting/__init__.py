"""Rows that could not be stored: which wait, what became of the others, and that none is lost on the way.

store       the SQLite file in which they are kept      entries     those that wait: list, counts, one
settling    rows that wait no longer: dropped, replayed, erased; and what became of each load's rows
"""

from journeygraph.quality.waiting.entries import EVERY, BadRowEntry, Count, Which, counts, entries, one, total
from journeygraph.quality.waiting.settling import Account, Dropped, Settled, account, drop, history, settled

__all__ = [
    "EVERY",
    "Account",
    "BadRowEntry",
    "Count",
    "Dropped",
    "Settled",
    "Which",
    "account",
    "counts",
    "drop",
    "entries",
    "history",
    "one",
    "settled",
    "total",
]
