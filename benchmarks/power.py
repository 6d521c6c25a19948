"""How large a gap's data must be to be found: planted shops of several sizes, and shops without plants.

A planted gap counts as found where a finding has its kind, its steps (a blind spot: its subject) and its group.  All
kinds, groups, sources and the declared journey are tested together, as in a report.  The shops without plants have
confounders (steps, channels and groups that differ in how journeys end, depth, rhythm, season), censored journeys and
late data: what has not arrived when the report is made is missing, and the rest comes in any order.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from benchmarks import page
from journeygraph import gaps
from journeygraph.blueprints import parse
from journeygraph.gaps import Finding, GapReport
from journeygraph.generator import follow_up, plants
from journeygraph.generator.truth import Planted
from tests.unit.generator.shop_data import simulated, table
from tests.unit.generator.shop_groups import groups, sources

GOAL = 0.95
Gap = tuple[str, str, str | None]


class Shop(NamedTuple):
    """A shop to look at: its size, its seed, whether gaps are planted in it, whether some rows are still to come."""

    customers: int
    seed: int
    planted: bool
    late: bool = False


class Looked(NamedTuple):
    """What became of one shop: planted gaps, those of them that were found, and findings that nobody planted."""

    shop: Shop
    planted: set[Gap]
    found: set[Gap]
    others: set[Gap]


def main() -> None:
    """Measure and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50, help="shops of each size, from seed 1000 on")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 2_000, 4_000, 8_000])
    parser.add_argument("--null-customers", type=int, default=2_000)
    parser.add_argument("--null-seeds", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    shops = [Shop(size, seed, True) for size in given.sizes for seed in range(1_000, 1_000 + given.seeds)]
    shops += [Shop(given.null_customers, seed, False, late=True) for seed in range(6_000, 6_000 + given.null_seeds)]
    with ProcessPoolExecutor(given.processes) as pool:
        page.replace("power", report(list(pool.map(look, shops))))


def look(shop: Shop) -> Looked:
    """Analyse one shop."""
    answer = analyse(shop)
    planted = {gap_of(item) for item in simulated(*shop).truth.planted} if shop.planted else set()
    found = {gap_of(finding) for finding in answer.findings}
    return Looked(shop, planted, planted & found, {gap for gap in found - planted if not _follows(gap)})


def analyse(shop: Shop) -> GapReport:
    """The gap report of a shop, with everything that there is to search."""
    return gaps.find(table(*shop), groups=groups(*shop), sources=sources(*shop), blueprint=parse(follow_up.BLUEPRINT))


def _follows(gap: Gap) -> bool:
    """Whether a finding is what the planted dead end looks like: journeys are lost at it."""
    return gap[0] == "drop_off" and gap[1].split(" → ")[-1] == plants.DEAD_END.step


def gap_of(item: Planted | Finding) -> Gap:
    """A gap by kind, subject and group; a cycle is the same from whichever step it is told."""
    if item.kind != "loop":
        return item.kind, item.subject if item.kind == "blind_spot" else " → ".join(item.steps), item.group
    way = item.steps[:-1] if item.steps[0] == item.steps[-1] else item.steps
    turn = way.index(min(way))
    return item.kind, " → ".join(way[turn:] + way[:turn]), item.group


def report(looked: list[Looked]) -> str:
    """The tables: share found by kind and size, and how many shops without plants had a finding."""
    planted = [one for one in looked if one.shop.planted]
    sizes = sorted({one.shop.customers for one in planted})
    total, found = defaultdict[int, Counter[str]](Counter), defaultdict[int, Counter[str]](Counter)
    for one in planted:
        total[one.shop.customers].update(kind for kind, _, _ in one.planted)
        found[one.shop.customers].update(kind for kind, _, _ in one.found)
    kinds = sorted(total[sizes[0]])
    rows = [[f"`{kind}`", *(_share(found[size][kind], total[size][kind]) for size in sizes)] for kind in kinds]
    rows.append(["all", *(_share(found[size].total(), total[size].total()) for size in sizes)])
    others = {size: sum(len(one.others) for one in planted if one.shop.customers == size) for size in sizes}
    shops = {size: sum(one.shop.customers == size for one in planted) for size in sizes}
    rows.append(["findings that were not planted, a report", *(f"{others[size] / shops[size]:.2f}" for size in sizes)])
    null = [one for one in looked if not one.shop.planted]
    false = sum(bool(one.others) for one in null)
    head = ["planted gaps found", *(f"{size:,} customers" for size in sizes)]
    return (
        f"{shops[sizes[0]]} shops of each size.\n\n{page.table(head, rows)}\n\n"
        f"Of {len(null)} shops without plants ({null[0].shop.customers:,} customers, late data) {false} had a finding "
        f"({false / len(null):.1%}; at most 5 % are allowed). The goal for planted gaps is {GOAL:.0%}."
    )


def _share(found: int, total: int) -> str:
    return f"{found} of {total} ({found / total:.0%})"


if __name__ == "__main__":
    main()
