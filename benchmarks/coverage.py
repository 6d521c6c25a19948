"""How often a planted gap's 95 % interval holds the true effect: shops of one size against one that is far larger.

No shop has its gap's true effect written on it: what a generator's rates do to journeys goes through everything else
that it plants.  So the truth is the effect in a shop so large that its own interval is narrow beside the others'.
The interval of the difference of two independent estimates (that of a shop, and the large one's) must then hold 0.
An incident says between which instants it happened, so it is held against the large shop between the same instants.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from math import hypot

import numpy as np
from scipy import stats

from benchmarks import page
from benchmarks.power import Gap, Shop, analyse, gap_of
from journeygraph.gaps import MINIMUM_JOURNEYS, Finding
from journeygraph.gaps.changes import Changes
from journeygraph.gaps.groups import Group
from journeygraph.gaps.kinds import incident
from journeygraph.gaps.visits import Visits
from journeygraph.schema import JourneyRules
from journeygraph.statistics import Estimate, risk_difference
from tests.unit.generator.shop_data import simulated, table
from tests.unit.generator.shop_groups import groups

LEVEL = 0.95
Found = Mapping[Gap, Finding]


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50, help="shops, from seed 1000 on")
    parser.add_argument("--customers", type=int, default=4_000)
    parser.add_argument("--large", type=int, default=100_000, help="customers of the shop that says what is true")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    shops = [Shop(given.large, 900, True), *(Shop(given.customers, 1_000 + i, True) for i in range(given.seeds))]
    with ProcessPoolExecutor(given.processes) as pool:
        truth, *found = pool.map(effects, shops)
    spans = Spans(shops[0])
    page.replace("coverage", report(truth, found, given.customers, given.large, spans))


def effects(shop: Shop) -> Found:
    """The finding of each planted gap of a shop that was found."""
    planted = {gap_of(item) for item in simulated(*shop).truth.planted}
    return {gap: finding for finding in analyse(shop).findings if (gap := gap_of(finding)) in planted}


class Spans:
    """What an incident found elsewhere comes to in a shop, between the same instants."""

    def __init__(self, shop: Shop) -> None:
        self.visits = Visits(table(*shop), JourneyRules(), MINIMUM_JOURNEYS, groups(*shop))
        self.changes = {(one.what, self.visits.names(one.steps)): one for one in Changes(self.visits)}

    def effect(self, finding: Finding) -> Estimate:
        """The effect between the finding's instants, against the same times around them."""
        asked = finding.inputs.parameters if finding.inputs else {}
        change = self.changes[asked["change"], tuple(asked["steps"])]
        if finding.group:
            group = Group(asked["property"], asked["value"], asked["carried"])
            change = change.within(self.visits.groups.mask(group, change.rows))
        at = self.visits.table.occurred_at_us[change.rows]
        inside = (at >= asked["since_us"]) & (at < asked["until_us"])
        around = (at >= asked["reference_since_us"]) & (at < asked["reference_until_us"]) & ~inside
        strata = incident.compare(incident.strata_of(self.visits, change), change.happened, inside, around)
        visited = len(np.unique(self.visits.path[change.rows[inside]]))
        return risk_difference(strata).times(int(inside.sum()) / visited)


def report(truth: Found, found: list[Found], customers: int, large: int, spans: Spans) -> str:
    """The table: how many intervals hold the truth, by kind, and whether that is less than they promise."""
    held: dict[str, list[bool]] = defaultdict(list)
    for shop in found:
        for gap, finding in shop.items():
            if gap in truth:
                held[gap[0]].append(_holds(finding, _true(finding, truth[gap], spans)))
    held["all"] = [one for ones in held.values() for one in ones]
    rows = [
        [
            f"`{kind}`" if kind != "all" else kind,
            f"{sum(ones)} of {len(ones)}",
            f"{sum(ones) / len(ones):.1%}",
            _p(ones),
        ]
        for kind, ones in sorted(held.items(), key=lambda item: (item[0] == "all", item[0]))
    ]
    head = ["kind", "intervals that hold the truth", "share", "p of fewer than 95 %"]
    missing = len({gap for shop in found for gap in shop} - truth.keys())
    return (
        f"{len(found)} shops of {customers:,} customers against one of {large:,}; gaps that the large one lacks: "
        f"{missing}.\n\n{page.table(head, rows)}"
    )


def _true(finding: Finding, large: Finding, spans: Spans) -> Estimate:
    return spans.effect(finding) if finding.kind == incident.NAME else Estimate(large.effect, *large.interval)


def _holds(one: Finding, true: Estimate) -> bool:
    margin = hypot((one.interval[1] - one.interval[0]) / 2, (true.high - true.low) / 2)
    return abs(one.effect - true.value) <= margin


def _p(held: list[bool]) -> str:
    return f"{stats.binomtest(sum(held), len(held), LEVEL, alternative='less').pvalue:.2g}"


if __name__ == "__main__":
    main()
