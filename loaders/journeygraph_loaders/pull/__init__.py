"""Touchpoints fetched from a SQL database or an HTTP API, only what is new, by a declaration in YAML.

declared        what a pull is: where from, how it goes on, by which mapping; secrets come from the environment
state           how far a pull came, in `JOURNEYGRAPH_HOME/pulls`; one process at a time
sql             pages of a table or query, by a column that grows
http, client    pages of an API, by cursor, number, offset, Link header or the next address; back-off
running         pages -> graph, through the reader, quarantine and writer that files go through
"""

from journeygraph_loaders.pull.declared import Pull, declared, read
from journeygraph_loaders.pull.running import PullResult, pull

__all__ = ["Pull", "PullResult", "declared", "pull", "read"]
