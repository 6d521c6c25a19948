"""Declared journeys: how customers should go, as a YAML file says it, to hold against how they went."""

from journeygraph.blueprints.model import JOURNEYS, Blueprint, Entry, StageRules
from journeygraph.blueprints.reading import parse, read

__all__ = ["JOURNEYS", "Blueprint", "Entry", "StageRules", "parse", "read"]
