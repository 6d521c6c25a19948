"""Gaps and redundancies of journeys: what happened against what could be expected, with its evidence."""

from journeygraph.gaps.answers import ClosedFinding, Comparison, Finding, GapReport
from journeygraph.gaps.comparison import compare
from journeygraph.gaps.finding import MINIMUM_JOURNEYS, find
from journeygraph.gaps.follow_up import add_owners, recount
from journeygraph.gaps.groups import Groups
from journeygraph.gaps.kinds import KINDS
from journeygraph.gaps.read_groups import read_groups
from journeygraph.gaps.sources import SourceHours, read_sources
from journeygraph.gaps.stored import analyse, store, store_beside

__all__ = [
    "KINDS",
    "MINIMUM_JOURNEYS",
    "ClosedFinding",
    "Comparison",
    "Finding",
    "GapReport",
    "Groups",
    "SourceHours",
    "add_owners",
    "analyse",
    "compare",
    "find",
    "read_groups",
    "read_sources",
    "recount",
    "store",
    "store_beside",
]
