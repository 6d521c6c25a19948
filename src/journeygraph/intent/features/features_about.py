"""Features of the order of steps, of products and campaigns, of neighbours in the graph, and of value."""

from __future__ import annotations

from typing import Final

import numpy as np

from journeygraph.intent.features import goals, neighbours
from journeygraph.intent.features.described import Feature, Group, Matrix, Vocabulary, count, recency
from journeygraph.intent.features.neighbours import Neighbours
from journeygraph.intent.features.timeline import Cuts, Indices, Timeline
from journeygraph.intent.features.traits import Trait, TraitName

#: Name of a column that is learned with outcomes: cuts that are learned from take it from other customers.
CHAIN: Final = "chain"


def _chain(vocabulary: Vocabulary) -> list[Feature]:
    words = "the moves of this journey, as those of customers who reach the goal or not"
    return [] if vocabulary.chain is None else [Feature(CHAIN, words)]


def chain_values(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> Matrix:
    """How much likelier the running journey's moves are for those who go on to the goal than for the others."""
    if vocabulary.chain is None:
        return np.zeros((len(cuts), 0))
    return vocabulary.chain.ratio(timeline, cuts)[:, None]


def _traits(vocabulary: Vocabulary) -> list[Feature]:
    several = {"product": "products", "category": "categories", "campaign": "campaigns"}
    return [
        Feature(f"{feature}:{name}", words, trait=name)
        for name in vocabulary.neighbours
        for feature, words in (
            ("distinct", f"{several[name]} in this journey"),
            ("again", f"touchpoints of the latest {name} in this journey"),
            ("recent", f"a recent {name}"),
            ("neighbours", f"how customers of the same {name} went on"),
        )
    ]


def trait_values(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> Matrix:
    """Products, categories and campaigns of the running journey: how many, the last one again, and its neighbours."""
    made = np.zeros((len(cuts), 0))
    for name, known in vocabulary.neighbours.items():
        trait = timeline.traits.get(name)
        made = np.concatenate([made, _of_trait(timeline, cuts, name, trait, known)], axis=1)
    return made


def _of_trait(timeline: Timeline, cuts: Cuts, name: TraitName, trait: Trait | None, known: Neighbours) -> Matrix:
    if trait is None or not trait.names:
        return np.zeros((len(cuts), 4))
    there = trait.codes >= 0
    new, again = _seen(timeline, trait)
    latest = np.maximum.accumulate(np.where(there, np.arange(len(there)), -1))[cuts.end - 1]
    times = np.where(latest >= cuts.journey, again[np.maximum(latest, 0)], 0)
    columns = (
        np.log1p(count(new, cuts.journey, cuts.end)),
        np.log1p(times),
        recency(timeline, cuts, there),
        neighbours.of_cuts(timeline, name, cuts, known),
    )
    return np.column_stack(columns)


def _value(vocabulary: Vocabulary) -> list[Feature]:
    spent = Feature("value", "value of earlier conversions", history=True)
    if vocabulary.goal in (goals.CONVERSION, goals.CHURN):
        return [spent]
    step = (vocabulary.goal,)
    return [
        spent,
        Feature("earlier_goals", f"earlier {vocabulary.goal}", step, history=True),
        Feature("recent_goal", f"an earlier {vocabulary.goal}", step, history=True),
    ]


def value_values(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> Matrix:
    """The value of earlier conversions; of another goal, how often and how lately it was reached."""
    columns = [np.log1p(count(timeline.cents, cuts.first, cuts.end) / 100)]
    if vocabulary.goal not in (goals.CONVERSION, goals.CHURN):
        mask = goals.marked(timeline, vocabulary.goal)
        everything = Cuts(cuts.customers, cuts.at_us, cuts.first, cuts.end, cuts.first)
        columns += [np.log1p(count(mask, cuts.first, cuts.end)), recency(timeline, everything, mask, 15)]
    return np.column_stack(columns)


def _seen(timeline: Timeline, trait: Trait) -> tuple[Indices, Indices]:
    """Of each touchpoint (N): 1 where its name is new in its journey; and how often its name has come there by now."""
    at = np.flatnonzero(trait.codes >= 0)
    new, again = (np.zeros(timeline.n_touchpoints, dtype=np.int64) for _ in range(2))
    key = timeline.journey_starts[at] * (len(trait.names) + 1) + trait.codes[at]
    order = np.argsort(key, kind="stable")
    begins = np.flatnonzero(np.concatenate([[True], np.diff(key[order]) > 0])[: len(at)])
    run = np.repeat(begins, np.diff(np.append(begins, len(at))))
    again[at[order]] = np.arange(len(at)) - run + 1
    new[at[order][begins]] = 1
    return new, again


GROUPS: tuple[Group, ...] = (
    Group(_chain, chain_values),
    Group(_traits, trait_values),
    Group(_value, value_values),
)
