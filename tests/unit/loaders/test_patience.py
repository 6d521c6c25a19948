"""A database that goes away in the middle of a batch: the batch is stored once, and counted as what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from journeygraph.errors import GraphUnavailable, LoginRefused
from journeygraph.graph import Graph, Written
from journeygraph.schema import Touchpoint
from journeygraph_loaders.patience import Patience, at_once
from journeygraph_loaders.rows import Row, from_touchpoint
from journeygraph_loaders.writing import BatchWriter


class Unsteady:
    """A graph that goes away before or after it stored a batch, as many times as told."""

    def __init__(self, *moments: str) -> None:
        self.moments = list(moments)
        self.stored: dict[str, datetime] = {}
        self.waited = 0

    def write_all(self, sent: Sequence[tuple[str, Mapping[str, Any]]]) -> Written:
        moment = self.moments.pop(0) if self.moments else ""
        if moment == "before":
            raise GraphUnavailable("Neo4j does not answer.")
        _, parameters = sent[0]
        new = [row[0] for row in parameters["rows"] if row[0] not in self.stored]
        self.stored |= dict.fromkeys(new, parameters["ingested_at"])
        if moment == "after":
            raise GraphUnavailable("Neo4j does not answer.")
        return Written({}, [{"created": len(new)}])

    def read(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        if query == "load/conflicts":
            return []
        assert query == "load/committed"
        ids, instant = parameters["touchpoint_ids"], parameters["ingested_at"]
        return [{"created": sum(self.stored.get(one) == instant for one in ids)}]

    def wait_until_ready(self, seconds: float) -> None:
        assert seconds == 600
        self.waited += 1


def rows(*names: str) -> list[Row]:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    common: dict[str, Any] = {"step": "view", "channel": "web", "source": "s", "occurred_at": at, "customer_id": "c"}
    return [from_touchpoint(Touchpoint(touchpoint_id=name, **common)) for name in names]


@pytest.mark.parametrize("moments", [(), ("before",), ("after",), ("before", "after"), ("before", "before", "after")])
def test_a_batch_is_stored_once_and_counted_once(moments: tuple[str, ...]) -> None:
    unsteady, said = Unsteady(*moments), list[str]()
    graph = cast(Graph, unsteady)
    writer = BatchWriter(graph, "b", attempt=Patience(graph, said.append))
    writer.write(rows("t1", "t2"))
    writer.write(rows("t2", "t3"))
    assert (writer.received, writer.stored, writer.duplicate) == (4, 3, 1)
    assert set(unsteady.stored) == {"t1", "t2", "t3"}
    assert unsteady.waited == len(moments)
    assert len(said) == 2 * len(moments)
    assert all("the load goes on" in sentence for sentence in said)


def test_where_somebody_waits_for_the_answer_it_fails_at_once() -> None:
    graph = cast(Graph, Unsteady("before"))
    with pytest.raises(GraphUnavailable):
        BatchWriter(graph, "b", attempt=at_once).write(rows("t1"))


def test_a_refused_login_is_not_waited_out() -> None:
    def refuse() -> None:
        raise LoginRefused("no")

    with pytest.raises(LoginRefused):
        Patience(cast(Graph, Unsteady()), print)(refuse)
