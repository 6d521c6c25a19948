"""What each property means, in which unit, and whether it says who somebody is: the words of the data dictionary."""

from __future__ import annotations

from typing import Final, NamedTuple


class Meaning(NamedTuple):
    """A property in words; `personal`: its values stay untold."""

    text: str
    unit: str = ""
    personal: bool = False


_US = "microseconds since 1970, UTC"
_ISO = "instant, UTC"
_DESCRIBED = Meaning("true where a table tells of it, with or without a touchpoint")
_PATH = {
    "steps": Meaning("its steps in order"),
    "channels": Meaning("the channel of each step"),
    "occurred_at_us": Meaning("the instant of each step", _US),
    "started_at": Meaning("its first touchpoint", _ISO),
    "ended_at": Meaning("its last touchpoint", _ISO),
    "outcome": Meaning("converted, lost or open"),
    "customer_id": Meaning("whose it is", personal=True),
}
_MERGE = {
    "merge_id": Meaning("the merge"),
    "evidence": Meaning("what spoke for it", personal=True),
    "method": Meaning("the rule or model that found it"),
    "confidence": Meaning("how sure it is", "0 to 1"),
    "run": Meaning("the run that made it"),
    "merged_at": Meaning("when it was made", _ISO),
}
MEANINGS: Final[dict[str, dict[str, Meaning]]] = {
    "Customer": {
        "customer_id": Meaning("the customer, as sources name them", personal=True),
        "anonymous": Meaning("true for a visitor who was never named"),
        "corrected": Meaning("which of its properties were corrected by hand"),
    },
    "Touchpoint": {
        "touchpoint_id": Meaning("the source's own id, or a hash of the row's content"),
        "step": Meaning("what happened"),
        "channel": Meaning("where it happened"),
        "stage": Meaning("how far along a customer is at the step"),
        "occurred_at": Meaning("when it happened", _ISO),
        "occurred_at_us": Meaning("when it happened, exactly", _US),
        "ingested_at": Meaning("when it was stored", _ISO),
        "source": Meaning("the system that told of it"),
        "batch_id": Meaning("the load that stored it"),
        "file_number": Meaning("the place of its file among those of the load", "from 0"),
        "line": Meaning("the line of the file where its row starts", "from 1"),
        "known_customer_id": Meaning("the customer that its row names", personal=True),
        "anonymous_id": Meaning("the visitor that its row names", personal=True),
        "source_session_id": Meaning("the source's own session", personal=True),
        "value": Meaning("revenue; refunds are negative", "money in `currency`"),
        "currency": Meaning("of `value`", "ISO 4217"),
        "email": Meaning("the address of a visitor without a customer", personal=True),
        "phone": Meaning("the number of a visitor without a customer", personal=True),
        "p_product_category": Meaning("a category, of a row that names no product"),
        "p_imputed": Meaning("the fields that were filled in, and how"),
        "traffic": Meaning("bot or test, where it is no customer's"),
        "traffic_rule": Meaning("the rule that says so"),
        "confirmed_by": Meaning("other sources that told of the same event"),
        "kept": Meaning("true where a person said that it counts"),
        "corrected": Meaning("which of its properties were corrected by hand"),
    },
    "Session": {
        **_PATH,
        "session_id": Meaning("the session: s: and its first touchpoint"),
        "journey_id": Meaning("the journey in which it ends"),
        "value": Meaning("what its goals brought", "money"),
    },
    "Journey": {
        **_PATH,
        "journey_id": Meaning("the journey: j: and its first touchpoint"),
        "value": Meaning("what its goal brought", "money in `currency`"),
        "currency": Meaning("of `value`", "ISO 4217"),
    },
    "MergedCustomer": {"customer_id": Meaning("a customer who turned out to be another", personal=True)},
    "Identifier": {
        "kind": Meaning("anonymous_id, email, phone or customer_id"),
        "value": Meaning("the identifier itself", personal=True),
        "leads_to": Meaning("the customer to whom it leads", personal=True),
    },
    "Product": {"product_id": Meaning("as sources name it"), "name": Meaning("its name"), "described": _DESCRIBED},
    "Category": {"name": Meaning("of products")},
    "Campaign": {"name": Meaning("what touchpoints came from"), "described": _DESCRIBED},
    "Household": {"household_id": Meaning("a household", personal=True)},
    "Account": {"account_id": Meaning("an account", personal=True)},
    "Order": {"order_id": Meaning("an order", personal=True)},
    "Segment": {
        "name": Meaning("of the segment"),
        "kind": Meaning("rule or list"),
        "where": Meaning("its rule"),
        "customer_ids": Meaning("its list", personal=True),
        "defined_at": Meaning("when it was defined", _ISO),
        "built_at": Meaning("when its members were found", _ISO),
    },
    "Consent": {
        "purpose": Meaning("analytics, personalisation or marketing"),
        "status": Meaning("given or withdrawn"),
        "at": Meaning("since when", _ISO),
        "source": Meaning("where it was said", personal=True),
        "noted_at": Meaning("when it was written down", _ISO),
    },
    "Step": {
        "name": Meaning("of the step"),
        "stage": Meaning("the stage that most of its touchpoints have"),
        "channel": Meaning("the channel that most of its touchpoints have"),
        "goal": Meaning("whether it is a conversion"),
    },
    "Configuration": {
        "name": Meaning("of the rules"),
        "goals": Meaning("steps that are conversions"),
        "session_idle_us": Meaning("longest idle time in a session", "microseconds"),
        "journey_window_us": Meaning("longest idle time in a journey", "microseconds"),
        "data_end_us": Meaning("the last touchpoint", _US),
        "revision": Meaning("how often journeys were rebuilt"),
        "step_graph_revision": Meaning("the revision of the step graph"),
    },
    "Load": {
        "batch_id": Meaning("the load"),
        "started_at": Meaning("when it began", _ISO),
        "finished_at": Meaning("when it ended; absent: it was interrupted", _ISO),
        "files": Meaning("names of its files"),
        "sha256": Meaning("digests of its files", "SHA-256, hexadecimal"),
        "mapping": Meaning("the mapping that was given"),
        "received": Meaning("rows read: stored + duplicate + quarantined", "rows"),
        "stored": Meaning("rows that became touchpoints", "rows"),
        "duplicate": Meaning("rows that were there already", "rows"),
        "quarantined": Meaning("rows that could not be stored", "rows"),
        "replay": Meaning("true for rows that came back out of quarantine"),
        "synthetic": Meaning("true for data that the generator made up"),
    },
    "File": {
        "batch_id": Meaning("its load"),
        "number": Meaning("its place among the load's files", "from 0"),
        "name": Meaning("of the file"),
        "sha256": Meaning("its digest", "SHA-256, hexadecimal"),
        "format": Meaning("what it was read as"),
        "protocol": Meaning("how it came: file, api, webhook, pull, replay"),
        "source": Meaning("the source of rows that name none"),
        "sources": Meaning("the sources that its rows name"),
        "describes": Meaning("customer, product or campaign: its rows are properties of these, no touchpoints"),
        "mapping": Meaning("the mapping it was read by"),
        "mapping_version": Meaning("of that mapping; home/mappings holds what it says", "hash"),
        "contract_version": Meaning("of the source's contract after it"),
        "received": Meaning("its rows: stored + duplicate + quarantined", "rows"),
        "stored": Meaning("its rows that became touchpoints", "rows"),
        "duplicate": Meaning("its rows that were there already", "rows"),
        "quarantined": Meaning("its rows that could not be stored", "rows"),
    },
    "IdentityRun": {
        "run": Meaning("the last run of identity resolution"),
        "at": Meaning("what was stored by then", _ISO),
        "model": Meaning("what it learnt"),
    },
    "Finding": {"id": Meaning("of the finding"), "kind": Meaning("of the gap"), "subject": Meaning("where it is")},
    "NEXT": {"seconds": Meaning("from one touchpoint to the customer's next", "seconds")},
    "INCLUDES": {"position": Meaning("of the touchpoint in its journey or session", "from 0")},
    "IDENTIFIES": {
        "evidence": Meaning("why it does", personal=True),  # of a merged id, what somebody wrote about it
        "confidence": Meaning("how sure that is", "0 to 1"),
        "valid_from": Meaning("since when", _ISO),
        "valid_to": Meaning("until when", _ISO),
        "ingested_at": Meaning("when it was stored", _ISO),
    },
    "LIVES_IN": {
        "evidence": Meaning("why it is thought so", personal=True),
        "confidence": Meaning("how sure that is", "0 to 1"),
        "run": Meaning("the run that found it"),
        "found_at": Meaning("when it was found", _ISO),
    },
    "OFFERS": {"offer": Meaning("what tells offers of one product apart", "hash")},
    "MERGED_INTO": _MERGE,
    "WAS_MERGED_INTO": _MERGE,
    "IN_SEGMENT": {"since": Meaning("since when", _ISO), "until": Meaning("until when", _ISO)},
    "LEADS_TO": {
        "count": Meaning("how often the one step follows the other"),
        "journeys": Meaning("in how many journeys"),
        "customers": Meaning("of how many customers"),
        "median_seconds": Meaning("half of the waits are at most that long", "seconds"),
        "p90_seconds": Meaning("nine of ten waits are at most that long", "seconds"),
        "exits": Meaning("journeys that ended right after it"),
    },
}
MEANINGS["SetAside"] = {
    **MEANINGS["Touchpoint"],
    "set_aside_as": Meaning("why it counts nowhere"),
    "set_aside_by": Meaning("the rule that set it aside"),
}
#: Kinds that have sources' own properties (p_...).
OWN: Final = ("Touchpoint", "SetAside", "Customer", "Product", "Campaign", "OFFERS")
#: Kinds of nodes, the one that stands first where a node has several labels.
LABELS: Final = tuple(name for name in MEANINGS if not name.isupper())
#: `Kind.property` whose values are not told.
PERSONAL: Final = tuple(
    f"{kind}.{name}" for kind, properties in MEANINGS.items() for name, held in properties.items() if held.personal
)


def meaning(kind: str, name: str) -> Meaning:
    """What a property means; a source's own property says whose it is.

    >>> meaning("Touchpoint", "p_device").text, meaning("Finding", "q_value").text
    ("the source's own property 'device'", 'not described')
    """
    known = MEANINGS.get(kind, {}).get(name)
    if known is None and kind in OWN and name.startswith("p_"):
        return Meaning(f"the source's own property {name[2:]!r}")
    return known or Meaning("not described")
