"""The analyses that a report asks for, each once over the same table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from journeygraph import attribution, funnels, gaps, paths
from journeygraph.answers import Reproducible
from journeygraph.blueprints import Blueprint
from journeygraph.funnels.answers import IdentityBand
from journeygraph.intent.features.traits import Traits
from journeygraph.intent.patterns import found as patterns
from journeygraph.journeys.table import JourneyTable
from journeygraph.report import formats, goal_funnel, intent
from journeygraph.report.behind import routes
from journeygraph.report.behind.step_graph import step_graph
from journeygraph.report.behind.step_matrix import step_matrix
from journeygraph.report.behind.transition_matrix import transition_matrix
from journeygraph.report.behind.waits import waits
from journeygraph.report.model import Section, Table, make_table
from journeygraph.schema import JourneyRules
from journeygraph.settings import Settings

#: Called with what is about to be done.
Progress = Callable[[str], None]
PATH_LEVELS = 5
PATH_TOP = 7
VARIANTS = 15
WAITS_OF_FINDINGS = 8
_NO_JOURNEYS = Section(reason="There are no journeys yet: load touchpoints first.")


@dataclass(frozen=True)
class Analyses:
    """What the analyses answered, or why one has no answer; `tables` hold rows that one statement each gives."""

    gaps: Section = _NO_JOURNEYS
    paths: Section = _NO_JOURNEYS
    routes: Section = _NO_JOURNEYS
    funnel: Section = _NO_JOURNEYS
    attribution: Section = _NO_JOURNEYS
    patterns: Section = _NO_JOURNEYS
    intent: Section = _NO_JOURNEYS
    tables: tuple[Table, ...] = ()


def analyse(
    table: JourneyTable,
    rules: JourneyRules,
    settings: Settings,
    *,
    currencies: Sequence[str] = (),
    groups: gaps.Groups | None = None,
    sources: gaps.SourceHours | None = None,
    blueprint: Blueprint | None = None,
    follow_up: Callable[[gaps.GapReport], gaps.GapReport] = lambda report: report,
    about: Callable[[], Traits] = dict,
    banded: Callable[[list[str]], IdentityBand | None] = lambda _: None,
    progress: Progress = lambda _: None,
) -> Analyses:
    """Every analysis of a report over one table of journeys.

    `follow_up` adds what is known of the findings; `about` reads the products and campaigns of touchpoints;
    `banded` asks a funnel under merges of customers that are surer.
    """
    if table.n_paths == 0:
        if table.as_of is None:
            return Analyses()
        known = formats.instant(table.as_of)
        then = Section(reason=f"Nothing had been loaded by {known}: as of an instant is what the system knew then.")
        return Analyses(gaps=then, paths=then, routes=then, funnel=then, attribution=then, patterns=then, intent=then)
    progress("Looking for gaps")
    found = follow_up(
        gaps.find(table, rules=rules, currencies=currencies, groups=groups, sources=sources, blueprint=blueprint)
    )
    progress("Following paths")
    view, steps = paths.path_view(table, levels=PATH_LEVELS, top=PATH_TOP), paths.transitions(table)
    whole = paths.variants(table, top=VARIANTS)
    way = goal_funnel.steps(table, rules.goals)
    goal = way[-1] if way else None
    progress("Counting the funnel")
    funnel = funnels.funnel(table, way).model_copy(update={"identity_band": banded(way)}) if way else None
    progress("Sharing out credit")
    credit = attribution.attribute(attribution.from_table(table), currencies=currencies)
    progress("Mining patterns")
    mined = patterns.mine(table, representatives=True)
    progress("Scoring intent")
    return Analyses(
        gaps=_section(found),
        paths=_section(view),
        routes=routes.routes(table, goal),
        funnel=_section(funnel)
        if funnel
        else Section(reason="No journey reached a goal, so there is no way to count."),
        attribution=_section(credit),
        patterns=_section(mined),
        intent=intent.section(table, rules, settings, about),
        tables=(
            _table("links", "Paths, position by position", view, view.links),
            step_matrix(table),
            step_graph(table, _steps(found)),
            transition_matrix(table),
            waits(table, _waited_between(found)),
            _table("variants", "Whole journeys", whole, whole.variants),
            *([routes.legs(table, goal)] if goal else []),
            _table("transitions", "From step to step", steps, steps.links, leave_out=("level",)),
            *([_table("funnel", "Funnel", funnel, funnel.steps, leave_out=("label",))] if funnel else []),
        ),
    )


def _steps(found: gaps.GapReport) -> list[str]:
    """The steps that findings are about, those of the costliest first."""
    return [step for finding in found.findings for step in finding.steps]


def _waited_between(found: gaps.GapReport) -> list[tuple[str, str]]:
    """The transitions that the costliest findings about long waits are about."""
    silent = [one.steps for one in found.findings if one.kind == "silence" and len(one.steps) == 2]
    return [(steps[0], steps[1]) for steps in silent[:WAITS_OF_FINDINGS]]


def _section(answer: BaseModel) -> Section:
    return Section(answer=answer.model_dump(mode="json"))


def _table(
    name: str, title: str, answer: Reproducible, rows: Sequence[BaseModel], leave_out: tuple[str, ...] = ()
) -> Table:
    """The rows of an answer under the columns that its statement returns."""
    dumped = [row.model_dump(mode="json", exclude=set(leave_out)) for row in rows]
    return make_table(name, title, dumped, answer.cypher, answer.parameters)
