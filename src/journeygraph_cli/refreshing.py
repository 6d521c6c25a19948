"""The step graph of a large graph, kept up to date beside the API that takes touchpoints."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from journeygraph_api.graphs import Graphs

#: Making it takes about fifteen seconds with a million touchpoints.
EVERY_SECONDS: Final = 60.0


@contextmanager
def step_graph_refreshed(graphs: Graphs, every_seconds: float = EVERY_SECONDS) -> Iterator[None]:
    """Inside of this, the step graph is made anew in the background whenever it is out of date.

    It may be because of touchpoints that came in, or of a load that was killed.
    """
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a turn that is left out while a load runs is no news
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        _refresh, "interval", [graphs], seconds=every_seconds, coalesce=True, max_instances=1, misfire_grace_time=None
    )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


def _refresh(graphs: Graphs) -> None:
    import structlog

    from journeygraph import journeys
    from journeygraph.errors import JourneyGraphError

    try:
        journeys.refresh_step_graph(graphs.get())
    except JourneyGraphError as error:  # Neo4j is away, or the journeys change: the next time, then
        graphs.forget()
        structlog.get_logger("journeygraph.api").warning("step graph not refreshed", why=str(error))
