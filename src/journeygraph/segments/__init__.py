"""Segments: customers by a rule about their journeys, or by a list."""

from journeygraph.segments.answers import Members, Segment, Segments
from journeygraph.segments.build import build, define, members, overview
from journeygraph.segments.definition import Definition, read

__all__ = ["Definition", "Members", "Segment", "Segments", "build", "define", "members", "overview", "read"]
