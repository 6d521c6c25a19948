"""The end of the data, which outcomes are told by: the last touchpoint of those that count."""

from __future__ import annotations

from journeygraph.graph import Graph
from journeygraph.journeys.configuration import read_rules
from journeygraph.schema import from_microseconds


def put_end_of_data(graph: Graph) -> None:
    """Where the last touchpoint of all went, the data end earlier, and journeys may be open again: they are marked."""
    end = graph.read("load/thread_data_end")
    data_end_us: int | None = end[0]["data_end_us"] if end else None
    window_us = read_rules(graph).journey_window_us
    after = None if data_end_us is None else from_microseconds(data_end_us - window_us)
    graph.write("privacy/end_of_data", data_end_us=data_end_us, open_after=after)
    if data_end_us is None:
        graph.write("load/step_graph_replace_steps", steps=[])
