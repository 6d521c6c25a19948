"""Identity: whose touchpoints these are, which records and customers are one person, and why."""

from journeygraph.identity.explaining import Explanation, explain
from journeygraph.identity.leading import Lead, OfCustomer, lead
from journeygraph.identity.merging import merge, unmerge
from journeygraph.identity.visitors import ANONYMOUS, Evidence, owner, owners, resolve

__all__ = [
    "ANONYMOUS",
    "Evidence",
    "Explanation",
    "Lead",
    "OfCustomer",
    "explain",
    "lead",
    "merge",
    "owner",
    "owners",
    "resolve",
    "unmerge",
]
