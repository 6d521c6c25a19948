"""The section "Patterns": what journeys do before they convert, or before they are lost."""

from __future__ import annotations

from dataclasses import dataclass

from journeygraph.report import formats
from journeygraph.report.model import Report
from journeygraph.report.views.common import Grid, Row, browser, grid, number, plural

SHOWN = 10


@dataclass(frozen=True)
class Group:
    """Patterns with one tendency, and the statement of each."""

    title: str
    view: Grid
    queries: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Patterns:
    sentences: tuple[str, ...]
    groups: tuple[Group, ...] = ()


def view(report: Report) -> Patterns:
    """The section of a report."""
    answer = report.patterns.answer
    if not answer or not answer["patterns"]:
        return Patterns((report.patterns.reason or "No pattern is frequent enough to be told.",))
    found = [row for row in answer["patterns"] if row["lift"] is not None and row["q_value"] <= 0.05]
    more = [row for row in found if row["lift"] > 1]
    less = [row for row in found if row["lift"] < 1]
    outcome = answer["outcome"]
    sentence = (
        f"{plural(answer['tested'], 'pattern')} of steps in order, other steps between allowed, are in at least "
        f"{formats.count(answer['minimum_support'])} of {plural(answer['sequences'], 'journey')}, before the outcome "
        f"only; {formats.count(answer['censored'])} open journeys are left out of lift and test. "
        f"{plural(answer['representatives'], 'pattern')} stand for all of them: the others add nothing to one of them, "
        "or owe their effect to it. Those below go with the outcome more or less often than chance explains (Fisher’s "
        "exact test, all corrected together, q ≤ 0.05)."
    )
    groups = [
        _group(f"More often {outcome}", sorted(more, key=lambda row: (-row["lift"], row["q_value"], row["pattern"]))),
        _group(f"Less often {outcome}", sorted(less, key=lambda row: (row["lift"], row["q_value"], row["pattern"]))),
    ]
    nothing = () if found else ("None of them goes with the outcome more or less often than chance explains.",)
    return Patterns((sentence, *nothing), tuple(group for group in groups if group.view.rows))


def _group(title: str, rows: list[Row]) -> Group:
    shown = rows[:SHOWN]
    of = f"The {len(shown)} strongest of {len(rows)}; patterns.csv has all." if len(rows) > len(shown) else ""
    return Group(
        title,
        grid(
            f"Support: journeys that contain the pattern. To the outcome: median time from where it is complete. {of}",
            [
                ("Pattern", name, False),
                number("Support", "support"),
                number("Share", "share", formats.percent),
                (
                    "With the outcome",
                    lambda row: f"{formats.count(row['reached_with'])} of {formats.count(row['decided_with'])}",
                    True,
                ),
                number("Lift", "lift", formats.decimal),
                number("q", "q_value", formats.probability),
                number("Family-wise p", "wy_p_value", formats.probability),
                number("To the outcome", "median_seconds_to_outcome", formats.duration),
                ("Trend", lambda row: row["trend"] or formats.NONE, False),
                number("Stands for", "stands_for"),
            ],
            shown,
        ),
        tuple((name(row), browser(row)) for row in shown),
    )


def name(row: Row) -> str:
    """A pattern as text."""
    return " → ".join(row["pattern"])
