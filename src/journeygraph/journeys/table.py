"""All journeys (or sessions, or customers) as columns: what every analysis is a pure function of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import UsageError
from journeygraph.graph import Graph
from journeygraph.journeys import configuration, filters
from journeygraph.journeys.filters import EVERYTHING, Selection
from journeygraph.journeys.grain import Belonging, read_belonging
from journeygraph.journeys.shape import AS_IS, Shape
from journeygraph.journeys.withheld import WithheldCustomers, read_withheld
from journeygraph.schema import Grain, Outcome

PathKind = Literal["journey", "session", "customer"]
OUTCOMES = (Outcome.CONVERTED, Outcome.LOST, Outcome.OPEN)
CONVERTED, LOST, OPEN = range(3)


@dataclass(frozen=True)
class JourneyTable:
    """Paths as columns.  A path is a journey; after `by("customer")` it is all of a customer's journeys in a row.

    With P paths and N touchpoints: path p's touchpoints are `offsets[p]:offsets[p + 1]` of the touchpoint columns,
    in the customer's order.  Of another `grain`, whatever is said here of customers is said of its households, accounts
    or orders.  Codes index `steps` and `channels`; `outcomes` holds CONVERTED, LOST or OPEN
    (`OUTCOMES` names them).  Paths are sorted by customer id, then start, then id, so the same graph gives the
    same table on every run.  `per`, `as_of`, `selection` and `shaped_by` say what was read and how it was shaped, so
    that an answer can name and repeat it.  Where the selection asks for groups, `group_codes` (P, -1: none) index
    `groups`.
    """

    ids: Sequence[str]  # P: journey (session, customer) ids
    customer_ids: Sequence[str]  # distinct, sorted
    customers: NDArray[np.int32]  # P: index into customer_ids
    outcomes: NDArray[np.int8]  # P
    values: NDArray[np.float64]  # P: value of the conversion, 0 where none
    offsets: NDArray[np.int64]  # P + 1
    step_codes: NDArray[np.int32]  # N
    channel_codes: NDArray[np.int32]  # N
    occurred_at_us: NDArray[np.int64]  # N: microseconds since 1970, UTC
    steps: Sequence[str]  # sorted
    channels: Sequence[str]  # sorted
    stages: Mapping[str, str] = field(default_factory=dict)  # step -> stage
    per: PathKind = "journey"  # what a path is
    grain: Grain = "customer"  # whose journeys these are
    belonging: Belonging | None = None  # what the journeys of another grain cover
    withheld: WithheldCustomers | None = None  # customers who withdrew consent to analytics, and are left out
    as_of: datetime | None = None  # the instant whose knowledge this is; None: now
    least_confidence: float | None = None  # only merges as sure as that stand; None: all
    selection: Selection = EVERYTHING  # which journeys of the graph these are
    shaped_by: Mapping[str, Any] | None = None  # parameters of `_shaped.cypher` where steps were shaped
    groups: Sequence[str] = ()  # sorted values of `selection.by`
    currencies: Sequence[str] = ()  # that conversions came in, sorted
    group_codes: NDArray[np.int32] | None = None  # P

    @property
    def n_paths(self) -> int:
        """Number of paths."""
        return len(self.offsets) - 1

    @property
    def n_touchpoints(self) -> int:
        """Number of touchpoints."""
        return len(self.step_codes)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Touchpoints of each path (P)."""
        return np.diff(self.offsets)

    @property
    def path_of(self) -> NDArray[np.int64]:
        """Index of the path of each touchpoint (N)."""
        return np.repeat(np.arange(self.n_paths), self.lengths)

    def code(self, step: str) -> int:
        """Code of a step, -1 for one that never occurred."""
        try:
            return self.steps.index(step)
        except ValueError:
            return -1

    def sequence(self, path: int) -> list[str]:
        """The steps of one path."""
        start, end = self.offsets[path : path + 2]
        return [self.steps[int(code)] for code in self.step_codes[start:end]]

    def select(self, paths: NDArray[np.bool_]) -> Self:
        """Only the paths where the mask (P) is true; vocabularies stay as they are."""
        kept = np.flatnonzero(paths)
        touchpoints = np.repeat(paths, self.lengths)
        return replace(
            self,
            ids=[self.ids[int(path)] for path in kept],
            customers=self.customers[kept],
            outcomes=self.outcomes[kept],
            values=self.values[kept],
            offsets=np.concatenate([[0], np.cumsum(self.lengths[kept])]).astype(np.int64),
            step_codes=self.step_codes[touchpoints],
            channel_codes=self.channel_codes[touchpoints],
            occurred_at_us=self.occurred_at_us[touchpoints],
            group_codes=None if self.group_codes is None else self.group_codes[kept],
        )

    @property
    def one_currency(self) -> bool:
        """Whether values can be added up; those of several currencies never are."""
        return len(self.currencies) < 2

    def by_customer(self) -> Self:
        """One path per customer: their journeys end to end, converted if any is, else open if the last is."""
        if self.n_paths == 0:
            return replace(self, per="customer")
        starts = np.flatnonzero(np.concatenate([[True], self.customers[1:] != self.customers[:-1]]))
        last = np.concatenate([starts[1:], [self.n_paths]]) - 1
        converted = np.add.reduceat(self.outcomes == CONVERTED, starts) > 0
        return replace(
            self,
            ids=[self.customer_ids[int(self.customers[start])] for start in starts],
            customers=self.customers[starts],
            outcomes=np.where(converted, CONVERTED, self.outcomes[last]).astype(np.int8),
            values=np.add.reduceat(self.values, starts),
            offsets=np.concatenate([self.offsets[:-1][starts], self.offsets[-1:]]),
            per="customer",
            group_codes=None if self.group_codes is None else _first_known(self.group_codes, starts),
        )

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Mapping[str, Any]],
        *,
        stages: Mapping[str, str] | None = None,
        per: PathKind = "journey",
        as_of: datetime | None = None,
        selection: Selection = EVERYTHING,
    ) -> Self:
        """A table of rows with `id`, `customer_id`, `outcome`, `value`, `steps`, `channels`, `occurred_at_us`.

        `outcome` is a name of `Outcome` (None counts as open); the three lists of a row have one length.  Where the
        selection asks for groups, a row has its `group`.

        >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "lost", "value": None,
        ...     "steps": ["view", "cart"], "channels": ["web", "web"], "occurred_at_us": [0, 5]}])
        >>> table.sequence(0), table.n_touchpoints
        (['view', 'cart'], 2)
        """
        ids: list[str] = []
        owners: list[str] = []
        outcomes: list[int] = []
        values: list[float] = []
        groups: list[str | None] = []
        lengths: list[int] = []
        starts: list[int] = []
        step_index: dict[str, int] = {}
        channel_index: dict[str, int] = {}
        step_parts: list[NDArray[np.int32]] = []
        channel_parts: list[NDArray[np.int32]] = []
        time_parts: list[NDArray[np.int64]] = []
        outcome_code = {name.value: code for code, name in enumerate(OUTCOMES)}
        for row in rows:
            ids.append(row["id"])
            owners.append(row["customer_id"])
            outcomes.append(outcome_code.get(row["outcome"], OPEN))
            values.append(row["value"] or 0.0)
            groups.append(row.get("group"))
            times = row["occurred_at_us"]
            lengths.append(len(times))
            starts.append(times[0] if times else 0)
            step_parts.append(_encode(row["steps"], step_index))
            channel_parts.append(_encode(row["channels"], channel_index))
            time_parts.append(np.asarray(times, dtype=np.int64))
        customer_ids = sorted(set(owners))
        position = {customer: index for index, customer in enumerate(customer_ids)}
        order = sorted(range(len(ids)), key=lambda path: (owners[path], starts[path], ids[path]))
        steps, step_rank = _ranked(step_index)
        channels, channel_rank = _ranked(channel_index)
        group_names = sorted({group for group in groups if group is not None})
        group_code: dict[str | None, int] = {None: -1}
        group_code.update({group: code for code, group in enumerate(group_names)})
        return cls(
            ids=[ids[path] for path in order],
            customer_ids=customer_ids,
            customers=np.array([position[owners[path]] for path in order], dtype=np.int32),
            outcomes=np.array([outcomes[path] for path in order], dtype=np.int8),
            values=np.array([values[path] for path in order], dtype=np.float64),
            offsets=np.concatenate([[0], np.cumsum([lengths[path] for path in order])]).astype(np.int64),
            step_codes=step_rank[_joined([step_parts[path] for path in order], np.int32)],
            channel_codes=channel_rank[_joined([channel_parts[path] for path in order], np.int32)],
            occurred_at_us=_joined([time_parts[path] for path in order], np.int64),
            steps=steps,
            channels=channels,
            stages=dict(stages or {}),
            per=per,
            as_of=as_of,
            selection=selection,
            groups=group_names,
            group_codes=None
            if selection.by is None
            else np.array([group_code[groups[path]] for path in order], dtype=np.int32),
        )


def read_table(
    graph: Graph,
    *,
    per: PathKind = "journey",
    grain: Grain = "customer",
    as_of: datetime | None = None,
    selection: Selection = EVERYTHING,
    shape: Shape = AS_IS,
    query: str | None = None,
    least_confidence: float | None = None,
    **parameters: Any,
) -> JourneyTable:
    """All paths of the graph at a grain, as of an instant where one is given; or those of a selection.

    `query` is another one with the same columns, `parameters` are its own.  `least_confidence`: journeys as they are
    under merges of customers that are at least as sure.  Journeys (or sessions) are selected, then their
    steps shaped, then joined to a customer's path.  Bounded by the result: about 20 bytes a touchpoint, plus the ids.

    Raises `UsageError` for a selection by a property that no touchpoint has, for a grain that no touchpoint belongs to,
    and for sessions of another grain.
    """
    if per == "session" and grain != "customer":
        raise UsageError(f"Sessions are a customer's; {grain}s have journeys, so count those or whole {grain}s.")
    filters.check(graph, selection)
    stages = {row["step"]: row["stage"] for row in graph.read("paths/steps")}
    query = query or ("journeys/sessions" if per == "session" else "journeys/table")
    kind: PathKind = "session" if per == "session" else "journey"
    belonging = None if grain == "customer" else read_belonging(graph, grain, as_of)
    asked = selection.parameters_at(as_of) if selection else {}
    rows = graph.stream(
        query,
        as_of=as_of,
        grain=grain,
        selected=bool(selection),
        least_confidence=least_confidence,
        **asked,
        **parameters,
    )
    found = JourneyTable.from_rows(rows, stages=stages, per=kind, as_of=as_of, selection=selection)
    moneys = configuration.currencies(graph, as_of)
    table = shape.apply(
        replace(
            found,
            grain=grain,
            belonging=belonging,
            withheld=read_withheld(graph),
            currencies=moneys,
            least_confidence=least_confidence,
        )
    )
    return table.by_customer() if per == "customer" else table


def _encode(names: Sequence[str], index: dict[str, int]) -> NDArray[np.int32]:
    return np.fromiter((index.setdefault(name, len(index)) for name in names), dtype=np.int32, count=len(names))


def _ranked(index: Mapping[str, int]) -> tuple[list[str], NDArray[np.int32]]:
    """Names in sorted order, and for each code in order of appearance its rank there."""
    names = sorted(index)
    rank = np.zeros(len(names), dtype=np.int32)
    for position, name in enumerate(names):
        rank[index[name]] = position
    return names, rank


def _first_known(codes: NDArray[np.int32], starts: NDArray[np.int64]) -> NDArray[np.int32]:
    """For each run of paths the first code that isn't -1; -1 where there is none."""
    at = np.where(codes >= 0, np.arange(len(codes)), len(codes))
    first = np.minimum.reduceat(at, starts)
    return np.append(codes, np.int32(-1))[first]


def _joined(parts: Sequence[NDArray[Any]], dtype: type) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=dtype)
