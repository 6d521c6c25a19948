"""Where the graph is: the server of `NEO4J_URI`, or the managed local Neo4j that needs no installation."""

from __future__ import annotations

from journeygraph.server.connect import connection

__all__ = ["connection"]
