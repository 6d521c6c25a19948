"""The files of what all parts share: products, categories, campaigns, the step graph and the rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from journeygraph.journeys.step_graph import Tally, describe_steps, transitions
from journeygraph.schema import JourneyRules
from journeygraph_loaders.bulk.csv_files import NODES, RELATIONSHIPS, CsvFolder, numbers, texts
from journeygraph_loaders.bulk.dividing import Divided
from journeygraph_loaders.bulk.partition import Found
from journeygraph_loaders.bulk.touchpoint_files import KIND, add_product, layout_of


def merge(parts: Iterable[Found]) -> Found:
    """What all parts found, added up."""
    whole = Found()
    for part in parts:
        whole.customers += part.customers
        whole.touchpoints += part.touchpoints
        whole.multiline |= part.multiline
        whole.steps.update(part.steps)
        whole.campaigns |= part.campaigns
        for product, (name, categories) in part.products.items():
            add_product(whole, product, name, categories)
        for pair, counted in part.tallies.items():
            whole.tallies.setdefault(pair, Tally()).add(counted)
    return whole


def write(files: CsvFolder, found: Found, divided: Divided, rules: JourneyRules) -> None:
    """Write the shared nodes with what joins them."""
    products = sorted(found.products.items())
    files.append("Product", [texts([p for p, _ in products]), texts([name for _, (name, _) in products])])
    belongs = [(product, category) for product, (_, categories) in products for category in sorted(categories)]
    files.append("Category", [texts(sorted({category for _, category in belongs}))])
    files.append("in_category", [texts([p for p, _ in belongs]), texts([category for _, category in belongs])])
    files.append("Campaign", [texts(sorted(found.campaigns))])
    _write_steps(files, found, rules)
    one = np.ones(1, dtype=np.int64)
    files.append(
        "Configuration",
        [texts(["journeys"]), texts([divided.separator.join(rules.goals)]), one * rules.session_idle_us,
         one * rules.journey_window_us, one * divided.data_end_us, one, one],
    )  # fmt: skip


def _write_steps(files: CsvFolder, found: Found, rules: JourneyRules) -> None:
    counts: list[dict[str, Any]] = [
        {"step": step, "channel": channel, "stage": stage, "touchpoints": count}
        for (step, channel, stage), count in found.steps.items()
    ]
    steps = describe_steps(counts, rules.goals)
    files.append(
        "Step", [*(texts([step[key] for step in steps]) for key in ("name", "stage", "channel")),
                 pa.array([step["goal"] for step in steps])],
    )  # fmt: skip
    rows = list(zip(*transitions(found.tallies), strict=True))
    files.append(
        "leads_to",
        [texts(rows[0]), texts(rows[1]), *(pa.array(rows[place]) for place in (2, 3, 4)), numbers(rows[5]),
         numbers(rows[6]), pa.array(rows[7])],
    )  # fmt: skip


def import_arguments(files: CsvFolder, divided: Divided) -> list[str]:
    """Write the headers; the import tool's arguments for all files that have rows."""
    arguments: list[str] = []
    layout = layout_of(divided)
    for kind in sorted({path.name.rsplit("-", 1)[0] for path in files.folder.glob(f"{KIND}*.csv")}):
        files.write_header(kind, layout.header(kind))
        arguments += files.arguments("nodes", "Touchpoint", kind)
    for label, header in NODES.items():
        files.write_header(label, header)
        arguments += files.arguments("nodes", label, label)
    for kind, (type_, header) in RELATIONSHIPS.items():
        files.write_header(kind, header)
        arguments += files.arguments("relationships", type_, kind)
    arguments.append(f"--array-delimiter=U+{ord(divided.separator):04X}")
    arguments.append(f"--report-file={divided.folder / 'import.report'}")
    if files.multiline:
        arguments.append("--multiline-fields=true")
    return arguments
