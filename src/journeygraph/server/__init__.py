"""Where the graph is: the server of `NEO4J_URI`, or the managed local Neo4j that needs no installation."""

from __future__ import annotations

from journeygraph.server.connect import connection
from journeygraph.server.managed_server import ManagedServer, managed
from journeygraph.server.server_status import ServerStatus, status

__all__ = ["ManagedServer", "ServerStatus", "connection", "managed", "status"]
