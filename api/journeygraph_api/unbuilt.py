"""Answers about journeys tell, in a header, of how many customers the journeys are still to be built."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from journeygraph_api.graphs import Graphs

#: Only there while a load or a merge is under way, or was interrupted and not given again: no figure counts them.
HEADER: Final = "JourneyGraph-Unbuilt-Customers"


class TellsUnbuilt(APIRoute):
    """A route whose answers are figures about journeys."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, which looks once its answer is there: what is refused costs no question to the graph."""
        handler = super().get_route_handler()

        async def telling(request: Request) -> Response:
            answer = await handler(request)
            customers = await run_in_threadpool(_customers, request.app.state.graphs)
            if customers:
                answer.headers[HEADER] = str(customers)
            return answer

        return telling


def _customers(graphs: Graphs) -> int:
    return int(graphs.get().read("journeys/unbuilt")[0]["customers"])
