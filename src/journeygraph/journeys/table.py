"""All journeys (or sessions, or customers) as columns: what every analysis is a pure function of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from journeygraph.graph import Graph
from journeygraph.schema import Outcome

Grain = Literal["journey", "session", "customer"]
OUTCOMES = (Outcome.CONVERTED, Outcome.LOST, Outcome.OPEN)
CONVERTED, LOST, OPEN = range(3)


@dataclass(frozen=True)
class JourneyTable:
    """Paths as columns.  A path is a journey; after `by("customer")` it is all of a customer's journeys in a row.

    With P paths and N touchpoints: path p's touchpoints are `offsets[p]:offsets[p + 1]` of the touchpoint columns,
    in the customer's order.  Codes index `steps` and `channels`; `outcomes` holds CONVERTED, LOST or OPEN
    (`OUTCOMES` names them).  Paths are sorted by customer id, then start, then id, so the same graph gives the
    same table on every run.  `per` and `as_of` say what was read, so that an answer can name and repeat it.
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
    per: Grain = "journey"  # what a path is
    as_of: datetime | None = None  # the instant whose knowledge this is; None: now

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
        return type(self)(
            ids=[self.ids[int(path)] for path in kept],
            customer_ids=self.customer_ids,
            customers=self.customers[kept],
            outcomes=self.outcomes[kept],
            values=self.values[kept],
            offsets=np.concatenate([[0], np.cumsum(self.lengths[kept])]).astype(np.int64),
            step_codes=self.step_codes[touchpoints],
            channel_codes=self.channel_codes[touchpoints],
            occurred_at_us=self.occurred_at_us[touchpoints],
            steps=self.steps,
            channels=self.channels,
            stages=self.stages,
            per=self.per,
            as_of=self.as_of,
        )

    def by_customer(self) -> Self:
        """One path per customer: their journeys end to end, converted if any is, else open if the last is."""
        if self.n_paths == 0:
            return replace(self, per="customer")
        starts = np.flatnonzero(np.concatenate([[True], self.customers[1:] != self.customers[:-1]]))
        last = np.concatenate([starts[1:], [self.n_paths]]) - 1
        converted = np.add.reduceat(self.outcomes == CONVERTED, starts) > 0
        return type(self)(
            ids=[self.customer_ids[int(self.customers[start])] for start in starts],
            customer_ids=self.customer_ids,
            customers=self.customers[starts],
            outcomes=np.where(converted, CONVERTED, self.outcomes[last]).astype(np.int8),
            values=np.add.reduceat(self.values, starts),
            offsets=np.concatenate([self.offsets[:-1][starts], self.offsets[-1:]]),
            step_codes=self.step_codes,
            channel_codes=self.channel_codes,
            occurred_at_us=self.occurred_at_us,
            steps=self.steps,
            channels=self.channels,
            stages=self.stages,
            per="customer",
            as_of=self.as_of,
        )

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Mapping[str, Any]],
        *,
        stages: Mapping[str, str] | None = None,
        per: Grain = "journey",
        as_of: datetime | None = None,
    ) -> Self:
        """A table of rows with `id`, `customer_id`, `outcome`, `value`, `steps`, `channels`, `occurred_at_us`.

        `outcome` is a name of `Outcome` (None counts as open); the three lists of a row have one length.

        >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "lost", "value": None,
        ...     "steps": ["view", "cart"], "channels": ["web", "web"], "occurred_at_us": [0, 5]}])
        >>> table.sequence(0), table.n_touchpoints
        (['view', 'cart'], 2)
        """
        ids: list[str] = []
        owners: list[str] = []
        outcomes: list[int] = []
        values: list[float] = []
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
        )


def read_table(graph: Graph, *, per: Grain = "journey", as_of: datetime | None = None) -> JourneyTable:
    """All paths of the graph at a grain, as of an instant where one is given.

    Bounded by the result: about 20 bytes a touchpoint, plus the ids.
    """
    stages = {row["step"]: row["stage"] for row in graph.read("paths/steps")}
    query = "journeys/sessions" if per == "session" else "journeys/table"
    grain: Grain = "session" if per == "session" else "journey"
    table = JourneyTable.from_rows(graph.stream(query, as_of=as_of), stages=stages, per=grain, as_of=as_of)
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


def _joined(parts: Sequence[NDArray[Any]], dtype: type) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=dtype)
