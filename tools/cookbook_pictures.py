"""Draw the cookbook's thumbnails: `python -m tools.cookbook_pictures ../shared/data/simple_shop/simple_shop.csv`.

They are the report's own pictures of a real small shop, taken from its page as files that stand by themselves: a file
each in docs/pictures/, the same bytes for the same data.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from importlib import resources
from pathlib import Path
from typing import Final

from journeygraph.journeys.table import JourneyTable
from journeygraph.journeys.threading import build_rows
from journeygraph.report import html
from journeygraph.report.analyses import analyse
from journeygraph.report.collect import assemble
from journeygraph.report.model import Report, make_table
from journeygraph.report.pictures.bars import Bar, bar_scale
from journeygraph.report.views import findings, funnel, waits
from journeygraph.schema import JourneyRules, Touchpoint
from journeygraph.settings import Settings
from tools.cookbook_bars import bars

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
#: File -> what begins its picture on the report's page.
_ON_THE_PAGE: Final = {
    "step_graph": '<svg class="graph"',
    "paths": '<svg class="sankey"',
    "step_matrix": '<svg class="heat"',
    "transition_matrix": '<details class="choice"',
}
_RULES: Final = JourneyRules(goals=("payment_done",))
_STAGES: Final = {
    "main": "awareness",
    **dict.fromkeys(("catalog", "product1", "product2", "cart"), "consideration"),
    **dict.fromkeys(("delivery_choice", "delivery_courier", "delivery_pickup", "payment_choice"), "purchase"),
    **dict.fromkeys(("payment_card", "payment_cash", "payment_done"), "purchase"),
}


@dataclass(frozen=True)
class Shop:
    """The shop's journeys, and what the report says about them."""

    table: JourneyTable
    report: Report


def read(file: Path) -> Shop:
    """The shop's log; instants without a zone are read as UTC."""
    with file.open(newline="", encoding="utf-8") as lines:
        touchpoints = [
            Touchpoint(
                touchpoint_id=str(number),
                step=row["event"],
                channel="web",
                occurred_at=datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC),
                source="simple_shop",
                customer_id=row["client_id"],
            )
            for number, row in enumerate(csv.DictReader(lines))
        ]
    table = JourneyTable.from_rows(build_rows(touchpoints, _RULES), stages=_STAGES)
    found = analyse(table, _RULES, Settings(JOURNEYGRAPH_HOME=Path("nowhere")))
    return Shop(table, assemble((make_table("totals", "", [], "", {}),), _RULES, found, None))


def pictures(read_shop: Shop) -> dict[str, str]:
    """File name -> SVG."""
    shop = read_shop.report
    page = html.render(shop)
    drawn = {name: _standing_alone(_svg(page[page.index(begin) :])) for name, begin in _ON_THE_PAGE.items()}
    drawn |= {name: _standing_alone(_bars(each)) for name, each in bars(shop, read_shop.table, _RULES).items()}
    seen = waits.view(shop)
    if seen:
        item = seen.items[0]
        title = f"{item.title}: median {item.median}, 90 % within {item.p90}"
        drawn["waits"] = _standing_alone(_waits(_svg(page[page.index('<div class="multiples">') :]), title))
    drawn["funnel"] = _standing_alone(_bars(funnel.view(shop).bars))
    drawn["gaps"] = _standing_alone(_bars(findings.view(shop).overview[:6]))
    return {f"{name}.svg": text for name, text in sorted(drawn.items())}


def _svg(page: str) -> str:
    """The first picture of a piece of the page, without what only a pointer shows."""
    begin = page.index("<svg")
    text = page[begin : page.index("</svg>", begin) + len("</svg>")]
    return re.sub(r"</?a\b[^>]*>|<title>.*?</title>|\n", "", text)


def _bars(bars: Sequence[Bar]) -> str:
    """Bars with their names and figures, as the page draws them with HTML."""
    scale = bar_scale(tuple(bars))
    lines = [
        f'<text x="0" y="{30 * row + 19}">{escape(_short(bar.label))}</text>'
        f'<rect class="track" x="250" y="{30 * row + 5}" width="240" height="20"/>'
        f'<rect class="{bar.tone}" x="250" y="{30 * row + 5}" width="{240 * bar.share / scale:.1f}" height="20"/>'
        + _whisker(bar, scale, 30 * row + 15)
        + f'<text x="500" y="{30 * row + 19}">{escape(f"{bar.text}  {bar.note}".strip())}</text>'
        for row, bar in enumerate(bars)
    ]
    return f'<svg class="lines" viewBox="0 0 620 {30 * len(bars)}">{"".join(lines)}</svg>'


def _short(label: str) -> str:
    return label if len(label) <= 34 else label[:33] + "…"


def _waits(svg: str, title: str) -> str:
    """One distribution with its name above it."""
    return svg.replace('viewBox="0 0 330 118"', 'viewBox="0 -22 330 140"').replace(
        '">', f'"><text x="8" y="-8">{escape(title)}</text>', 1
    )


def _whisker(bar: Bar, scale: float, y: int) -> str:
    if bar.low is None or bar.high is None:
        return ""
    low, high = (250 + 240 * min(each / scale, 1.0) for each in (bar.low, bar.high))
    return f'<path class="whisker" d="M{low:.1f},{y}H{high:.1f}M{low:.1f},{y - 5}v10M{high:.1f},{y - 5}v10"/>'


def _standing_alone(svg: str) -> str:
    """A picture of the page as a file: with its own colours, light and dark, and a ground."""
    found = re.match(r'<svg class="\w+" viewBox="0 (-?[\d.]+) ([\d.]+) ([\d.]+)"[^>]*>', svg)
    if not found:
        raise ValueError(f"This is no picture of the page: {svg[:60]}")
    top, width, height = (float(each) + room for each, room in zip(found.groups(), (-12, 24, 24), strict=True))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 {top:g} {width:g} {height:g}">'
        f"<style>{_style(svg)}</style>"
        f'<rect class="ground" x="-12" y="{top:g}" width="{width:g}" height="{height:g}" rx="8"/>{svg[found.end() :]}\n'
    )


def _style(svg: str) -> str:
    """The page's colours, and those of its rules that are about this picture."""
    sheet = (resources.files("journeygraph.report") / "templates" / "report.css").read_text(encoding="utf-8")
    palettes = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)[:2]
    used = {name for names in re.findall(r'class="([^"]+)"', svg) for name in names.split()}
    rules = [
        rule
        for rule in re.findall(r"(?:^|(?<=\} ))(?:\.[\w.-]+|svg text[\w.-]*) \{[^}]*\}", sheet, re.MULTILINE)
        if set(re.findall(r"\.([a-z][\w-]*)", rule.split("{")[0])) <= used and "width: 100%" not in rule
    ]
    light, dark = (" ".join(re.findall(r"--(?!mono)\w+: #[0-9a-f]+;", palette)) for palette in palettes)
    return (
        f"svg {{ {light} font-family: system-ui, sans-serif; }} "
        f"@media (prefers-color-scheme: dark) {{ svg {{ {dark} }} }} "
        ".ground { fill: var(--card); stroke: var(--line); } " + " ".join(dict.fromkeys(rules))
    )


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pictures(read(Path(sys.argv[1]))).items():
        (FOLDER / name).write_text(text, encoding="utf-8")
