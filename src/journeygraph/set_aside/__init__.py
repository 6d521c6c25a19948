"""Touchpoints that count nowhere but are not lost: events seen twice, and traffic that is no customer's.

A touchpoint that is set aside has the label `SetAside` in the place of `Touchpoint` (and of its channel's); it stays
with its customer, with all its properties, so that it counts again once the rule is gone.  Which ones are is a pure
function of a customer's touchpoints and the rules (`decide`): the order of loading makes no difference.
"""

from journeygraph.set_aside.answers import Event, EventTouchpoint, SetAside, SetAsideCount
from journeygraph.set_aside.apply import Changes, apply
from journeygraph.set_aside.questions import event, keep, overview
from journeygraph.set_aside.rules import NearDuplicates, Rate, Rules, declare, read_rules

__all__ = [
    "Changes", "Event", "EventTouchpoint", "NearDuplicates", "Rate", "Rules", "SetAside", "SetAsideCount", "apply",
    "declare", "event", "keep", "overview", "read_rules",
]  # fmt: skip
