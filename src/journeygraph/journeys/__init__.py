"""Journeys: sessions, journeys and threading of each customer's touchpoints, and the table analyses read."""

from journeygraph.journeys.data_end import put_end_of_data
from journeygraph.journeys.rebuild import LOCK, refresh_step_graph, thread
from journeygraph.journeys.table import JourneyTable, read_table

__all__ = ["LOCK", "JourneyTable", "put_end_of_data", "read_table", "refresh_step_graph", "thread"]
