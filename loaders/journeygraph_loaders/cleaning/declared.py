"""What a mapping declares about all touchpoints of the graph: near-duplicates, and rates that no person has."""

from __future__ import annotations

from journeygraph.graph import Graph
from journeygraph.set_aside import NearDuplicates, Rate, Rules, declare, read_rules
from journeygraph_loaders.mapping import Mapping


def declare_set_aside(graph: Graph, mapping: Mapping, *, mark: bool = True) -> None:
    """Put the mapping's rules into the graph; where it is silent, those of earlier loads stay.

    `mark` as for `set_aside.declare`.
    """
    given = rules_of(mapping)
    if given == Rules():
        return
    before = read_rules(graph)
    own = {rate.name for rate in given.rates}
    rates = (*(rate for rate in before.rates if rate.name not in own), *given.rates)
    ordered = tuple(sorted(rates, key=lambda rate: rate.name))
    declare(graph, Rules(near=given.near or before.near, rates=ordered), mark=mark)


def rules_of(mapping: Mapping) -> Rules:
    """The mapping's rules about several touchpoints.

    >>> traffic = [{"name": "fast", "kind": "bot", "rate": {"touchpoints": 60, "seconds": 60}}]
    >>> rules_of(Mapping.model_validate({"duplicates": {"seconds": 5}, "traffic": traffic})).rates[0].touchpoints
    60
    """
    near = mapping.duplicates
    rules = [*mapping.traffic, *(rule for section in mapping.files.values() for rule in section.traffic)]
    return Rules(
        near=near and NearDuplicates(seconds=near.seconds, prefer=near.prefer, sources=near.sources),
        rates=tuple(
            Rate(name=rule.name, kind=rule.kind, touchpoints=rule.rate.touchpoints, seconds=rule.rate.seconds)
            for rule in {rule.name: rule for rule in rules if rule.rate}.values()
            if rule.rate
        ),
    )


def sets_aside(mapping: Mapping) -> bool:
    """Whether anything that is loaded by the mapping may be set aside."""
    marks = [rule for part in (mapping, *mapping.files.values()) for rule in part.traffic if rule.then == "mark"]
    return bool(marks) or mapping.duplicates is not None
