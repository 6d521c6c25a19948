"""What the driver raises becomes a sentence that says what can be done."""

from __future__ import annotations

import neo4j.exceptions
import pytest

from journeygraph.errors import GraphUnavailable, QueryFailed
from journeygraph.graph import _Readable


def failure(code: str) -> neo4j.exceptions.Neo4jError:
    made: neo4j.exceptions.Neo4jError = neo4j.exceptions.Neo4jError._hydrate_neo4j(code=code, message="limit reached.")
    return made


def test_too_little_memory_is_no_server_that_is_away() -> None:
    sentence = "'paths/x' needs more memory than Neo4j may use: limit reached"
    with pytest.raises(QueryFailed, match=sentence), _Readable("paths/x", "RETURN 1", "bolt://host"):
        raise failure("Neo.TransientError.General.MemoryPoolOutOfMemoryError")
    with pytest.raises(GraphUnavailable, match="does not answer"), _Readable("paths/x", "RETURN 1", "bolt://host"):
        raise failure("Neo.TransientError.General.DatabaseUnavailable")
