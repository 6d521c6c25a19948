"""A first draft of a declared journey: what those did who converted, with the figures that it is drawn from."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import yaml
from pydantic import Field

from journeygraph.answers import Answer, Reproducible
from journeygraph.blueprints.cases import Cases
from journeygraph.blueprints.cases import cases as find_cases
from journeygraph.blueprints.history import History, first_in
from journeygraph.blueprints.model import JOURNEYS, Blueprint
from journeygraph.errors import UsageError
from journeygraph.graph import Graph
from journeygraph.journeys.configuration import read_rules
from journeygraph.journeys.evidence import statement
from journeygraph.journeys.table import CONVERTED, JourneyTable, read_table
from journeygraph.journeys.withheld import WithheldCustomers
from journeygraph.schema import Grain, JourneyRules, Stage

_STAGES = [stage.value for stage in Stage]
_UNITS = (("d", 86_400.0), ("h", 3_600.0), ("m", 60.0))


class SuggestedStep(Answer):
    """What is known of a step in the cases looked at."""

    step: str
    stage: str
    cases: int = Field(description="cases with the step")
    share: float
    required: bool
    place: float = Field(description="mean place of its first time in a case, from 0 (first) to 1 (last)")
    p95_seconds: float = Field(description="95th percentile of the time from the start to its first time")
    channels: tuple[str, ...] = Field(description="channels of its first times, the commonest first")


class Suggestion(Reproducible):
    """A draft; `cypher` gives `cases` and, for each step, the same counts and times."""

    starts: str
    cases: int
    steps: tuple[SuggestedStep, ...]
    grain: Grain = "customer"
    withheld: WithheldCustomers | None = Field(None, description="customers left out: consent was withdrawn")
    yaml: str


def suggest(
    graph: Graph,
    *,
    starts: str = JOURNEYS,
    required_share: float = 0.8,
    optional_share: float = 0.2,
    as_of: datetime | None = None,
    grain: Grain = "customer",
) -> Suggestion:
    """Draft a declared journey from a graph; see `draft`."""
    table, rules = read_table(graph, as_of=as_of, grain=grain), read_rules(graph)
    return draft(table, starts=starts, required_share=required_share, optional_share=optional_share, rules=rules)


def draft(
    table: JourneyTable,
    *,
    starts: str = JOURNEYS,
    required_share: float = 0.8,
    optional_share: float = 0.2,
    rules: JourneyRules | None = None,
) -> Suggestion:
    """Draft a declared journey from the journeys that converted, or from what follows a step.

    A step is required where at least `required_share` of the cases have it, optional from `optional_share` on; steps
    stand in their stage by their usual place.  Time limits are 95th percentiles, rounded up.

    Raises `UsageError` for a step that never happened, shares that are none, and where no case can be looked at.
    """
    if not 0 < optional_share <= required_share <= 1:
        raise UsageError(
            f"The shares are {required_share:g} (required) and {optional_share:g} (optional): above 0, at most 1, and "
            "the first not below the second."
        )
    if starts != JOURNEYS and table.code(starts) < 0:
        raise UsageError(f"No journey has a step {starts!r}; there are: {', '.join(table.steps)}.")
    looked_at = _looked_at(table, starts, rules or JourneyRules())
    if not len(looked_at.path):
        what = "journey has converted" if starts == JOURNEYS else f"{starts} has been watched for long enough"
        raise UsageError(f"No {what} yet, so there is nothing to draft from.")
    steps = [one for one in _steps(looked_at, required_share) if one.share >= optional_share]
    if not steps:
        raise UsageError(
            f"No step is in {optional_share:.0%} of the {len(looked_at.path)} cases: ask for a lower share."
        )
    steps.sort(key=lambda one: (_STAGES.index(one.stage), one.place, one.step))
    return Suggestion(
        starts=starts,
        cases=len(looked_at.path),
        steps=tuple(steps),
        grain=table.grain,
        withheld=table.withheld,
        yaml=_yaml(looked_at, steps, required_share, optional_share),
        **_statement(looked_at).model_dump(),
    )


def _looked_at(table: JourneyTable, starts: str, rules: JourneyRules) -> Cases:
    """Converted journeys, or all that can be judged of what follows a step."""
    outline = {"name": "draft", "starts": starts, "stages": [{"stage": "any", "steps": [{"step": "any"}]}]}
    every = find_cases(History(table), Blueprint.model_validate(outline), rules)
    return every.select(every.judged if every.across else table.outcomes == CONVERTED)


def _steps(looked_at: Cases, required_share: float) -> list[SuggestedStep]:
    history, table = looked_at.history, looked_at.history.table
    result: list[SuggestedStep] = []
    for step in table.steps:
        first = first_in(history.places(step), looked_at.start, looked_at.stop)
        there = first >= 0
        if not there.any() or (looked_at.across and step == looked_at.blueprint.starts):
            continue
        start, stop, at = looked_at.start[there], looked_at.stop[there], first[there]
        waits = table.occurred_at_us[at] - table.occurred_at_us[start]
        counted = np.bincount(table.channel_codes[at], minlength=len(table.channels))
        order = sorted(np.flatnonzero(counted).tolist(), key=lambda code: (-counted[code], table.channels[code]))
        share = float(there.mean())
        result.append(
            SuggestedStep(
                step=step,
                stage=table.stages.get(step) or Stage.CONSIDERATION.value,
                cases=int(there.sum()),
                share=share,
                required=share >= required_share,
                place=float(((at - start) / np.maximum(stop - start - 1, 1)).mean()),
                p95_seconds=float(np.quantile(waits, 0.95, method="inverted_cdf")) / 1e6,
                channels=tuple(table.channels[code] for code in order),
            )
        )
    return result


def _statement(looked_at: Cases) -> Reproducible:
    table = looked_at.history.table
    parameters = {
        "starts": looked_at.blueprint.starts if looked_at.across else None,
        "until_us": looked_at.until_us,
        "data_end_us": looked_at.history.data_end_us,
    }
    return Reproducible(**statement("blueprints/suggest", table, parameters))


def limit(seconds: float) -> str:
    """A time limit as people write it, rounded up in its largest unit.

    >>> limit(90_000), limit(5_000), limit(0)
    ('2d', '2h', '1m')
    """
    for unit, size in _UNITS:
        if seconds >= size:
            return f"{int(np.ceil(seconds / size))}{unit}"
    return "1m"


def _yaml(looked_at: Cases, steps: list[SuggestedStep], required_share: float, optional_share: float) -> str:
    """The draft with a comment for each figure; names are quoted, whatever they hold."""
    across, starts = looked_at.across, looked_at.blueprint.starts
    what = f"cases after {_quoted(starts)}" if across else "converted journeys"
    lines = [
        f"# Drafted from {len(looked_at.path)} {what}.",
        f"# Required: at least {required_share:.0%} have it; optional: {optional_share:.0%}. Limits: 95th percentiles.",
        "# This is what is usual: what should be is yours to say.",
        f"name: {_quoted(f'after {starts}' if across else 'the usual way')}",
        f"starts: {_quoted(starts) if across else JOURNEYS}",
        "stages:",
    ]
    stage = None
    for one in steps:
        if one.stage != stage:
            stage = one.stage
            lines += [f"  - stage: {_quoted(stage)}", "    steps:"]
        lines += _entry(one)
    return "\n".join(lines) + "\n"


def _entry(one: SuggestedStep) -> list[str]:
    lines = [f"      - step: {_quoted(one.step)}  # {one.cases} cases, {one.share:.1%}; usual place {one.place:.2f}"]
    if not one.required:
        lines.append("        required: false")
    if one.p95_seconds > 0:
        lines.append(f"        within: {limit(one.p95_seconds)}  # 95 % within {one.p95_seconds:.0f} s of the start")
    lines.append(f"        channels: [{', '.join(_quoted(channel) for channel in one.channels)}]")
    return lines


def _quoted(text: str) -> str:
    """A YAML scalar in double quotes, on one line, whatever the text holds.

    >>> _quoted('say "hi"')
    '"say \\\\"hi\\\\""'
    """
    return str(yaml.safe_dump(text, default_style='"', width=10**9)).strip()
