"""What a declared journey says: stages in order, their steps, time limits, channels, branches, forbidden steps."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from journeygraph import durations
from journeygraph.blueprints.rules import Branching, Rule, Rules
from journeygraph.errors import UsageError
from journeygraph.schema import Name, StepName

#: `starts` of a blueprint that every journey is held against, from its first touchpoint to its last.
JOURNEYS: Final = "journeys"
_LONGEST_US: Final = 3_660 * durations.DAY_US
Place = tuple[str | int, ...]


def _duration(value: object) -> object:
    """Microseconds of a duration as people write it; numbers are microseconds already."""
    if not isinstance(value, str):
        raise PydanticCustomError("duration", "must be a duration such as 7d, 12h or 30m")
    try:
        seconds = durations.seconds(value, "")
    except UsageError:
        seconds = None
    if seconds is None or not 0 < seconds * 1_000_000 <= _LONGEST_US:
        raise PydanticCustomError("duration", "must be a duration such as 7d, 12h or 30m, above zero, at most 3660d")
    return round(seconds * 1_000_000)


Duration = Annotated[int, BeforeValidator(_duration)]


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Entry(_Declared):
    """A step of a stage, or a choice of ways (`one_of`), each a list of steps.

    `within` is the time limit, counted from the first `since` (a step declared before it) or from the start.  `by` says
    whose act the step is: a company's (an e-mail sent) does not show that the customer was active.
    """

    step: StepName | None = None
    one_of: tuple[Annotated[tuple[Entry, ...], Field(min_length=1)], ...] | None = Field(None, min_length=2)
    required: bool = True
    within: Duration | None = None
    since: StepName | None = None
    channels: tuple[Name, ...] | None = Field(None, min_length=1)
    repeats: bool = True
    by: Literal["customer", "company"] = "customer"

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"step": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _step_or_choice(self) -> Self:
        if (self.step is None) == (self.one_of is None):
            raise PydanticCustomError("entry", "must have either step or one_of")
        if self.one_of is not None and (self.within or self.since or self.channels or not self.repeats):
            raise PydanticCustomError("entry", "one_of has no time limit or channels of its own: its steps have them")
        if self.since is not None and self.within is None:
            raise PydanticCustomError("entry", "since says where a time limit begins: it needs within")
        return self


class StageRules(_Declared):
    """A stage of the declared journey; its steps come in the order listed, unless `any_order`."""

    stage: Name
    any_order: bool = False
    steps: tuple[Entry, ...] = Field(min_length=1)


class Blueprint(_Declared):
    """A declared journey.

    It applies to every journey (`starts: journeys`), or from the first time that a journey comes to the step `starts`
    on; then the customer's touchpoints of the following `until` are looked at, also those of later journeys.
    """

    name: Name
    starts: StepName = JOURNEYS
    until: Duration | None = None
    stages: tuple[StageRules, ...] = Field(min_length=1)
    forbidden: tuple[StepName, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for place, problem in _problems(self):
            raise PydanticCustomError("blueprint", "{problem}", {"problem": problem, "place": place})
        return self

    @property
    def across(self) -> bool:
        """Whether it looks beyond the end of a journey."""
        return self.starts != JOURNEYS

    @cached_property
    def rules(self) -> Rules:
        """What it asks of a customer's touchpoints, flat."""
        rules: list[Rule] = []
        branchings: list[Branching] = []
        before: list[str] = []
        for stage in self.stages:
            known = len(before)
            for entry in stage.steps:
                earlier = before[:known] if stage.any_order else list(before)
                if entry.one_of is None:
                    rules.append(_rule(entry, earlier, None))
                    before.append(rules[-1].step)
                    continue
                for way in entry.one_of:
                    inside = list(earlier)
                    for member in way:
                        rules.append(_rule(member, inside, len(branchings)))
                        inside.append(rules[-1].step)
                ways = tuple(tuple(str(member.step) for member in way) for way in entry.one_of)
                branchings.append(Branching(ways, entry.required))
                before.extend(step for way in ways for step in way)
        return Rules(tuple(rules), tuple(branchings), self.forbidden)

    def until_us(self, journey_window_us: int) -> int:
        """How long after the start it looks: as declared, else the window or the longest limit (microseconds)."""
        return self.until or max(journey_window_us, _longest_limit(self.rules.rules))


def _rule(entry: Entry, before: list[str], branching: int | None) -> Rule:
    return Rule(
        step=str(entry.step),
        required=entry.required,
        within_us=entry.within,
        since=entry.since,
        channels=entry.channels,
        repeats=entry.repeats,
        by_customer=entry.by == "customer",
        before=tuple(before),
        branching=branching,
    )


def _longest_limit(rules: tuple[Rule, ...]) -> int:
    """The longest time after the start at which a limit can end, where each step comes at the end of its own."""
    ends: dict[str, int] = {}
    for rule in rules:
        if rule.within_us is not None:
            ends[rule.step] = rule.within_us + (ends.get(rule.since, 0) if rule.since else 0)
    return max(ends.values(), default=0)


def _entries(blueprint: Blueprint) -> Iterator[tuple[Place, Entry]]:
    """Every step that is declared, with its place in the document."""
    for number, stage in enumerate(blueprint.stages):
        for position, entry in enumerate(stage.steps):
            place: Place = ("stages", number, "steps", position)
            if entry.one_of is None:
                yield place, entry
            for way, members in enumerate(entry.one_of or ()):
                for index, member in enumerate(members):
                    yield (*place, "one_of", way, index), member


def _problems(blueprint: Blueprint) -> Iterator[tuple[Place, str]]:
    """What fits nothing else in the document: where, and why."""
    seen: list[str] = []
    for place, entry in _entries(blueprint):
        if entry.step is None:
            yield place, "a way of one_of is a list of steps, not another one_of"
            return
        if entry.step in seen:
            yield (*place, "step"), "is declared twice; a step has one place (repeats: true allows it several times)"
        if entry.since is not None and entry.since not in (*seen, blueprint.starts):
            allowed = ", ".join(dict.fromkeys((*([blueprint.starts] if blueprint.across else []), *seen))) or "none"
            yield (*place, "since"), f"is no step declared before it; those are: {allowed}"
        seen.append(entry.step)
    for index, step in enumerate(blueprint.forbidden):
        if step in seen or step == blueprint.starts:
            yield ("forbidden", index), "is declared as a step as well"
    if blueprint.until is not None and not blueprint.across:
        yield ("until",), "needs starts to be a step: a whole journey ends by itself"
    if blueprint.until is not None and blueprint.until < _longest_limit(blueprint.rules.rules):
        yield ("until",), "is shorter than a time limit of the steps"
