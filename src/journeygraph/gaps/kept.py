"""Findings read back from the graph that keeps them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from journeygraph.gaps.answers import Finding
from journeygraph.graph import Graph


def kept(graph: Graph, finding_id: str) -> Finding | None:
    """The finding of that id as the last analysis that was stored found it, None where none is kept."""
    rows = graph.read("gaps/kept", finding_id=finding_id)
    return of_properties(rows[0]["finding"]) if rows else None


def of_properties(properties: Mapping[str, Any]) -> Finding | None:
    """A finding of the properties that Neo4j keeps of it: nothing for none, JSON text for what has an inside.

    None for those of a version that kept something else.
    """
    known = {name: properties.get(name) for name in Finding.model_fields if name in properties or _nullable(name)}
    try:
        return Finding.model_validate(known)
    except ValidationError as error:
        inner = {str(fault["loc"][0]) for fault in error.errors() if isinstance(known.get(str(fault["loc"][0])), str)}
    try:
        return Finding.model_validate(known | {name: json.loads(str(known[name])) for name in inner})
    except ValueError:
        return None


def _nullable(name: str) -> bool:
    return Finding.model_fields[name].is_required()
