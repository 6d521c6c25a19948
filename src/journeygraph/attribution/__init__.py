"""Attribution: which channels, campaigns, steps, stores or agents conversions are owed to, by several models."""

from journeygraph.attribution.attribute import attribute
from journeygraph.attribution.items import read_paths
from journeygraph.attribution.model import Options
from journeygraph.attribution.models import MODELS
from journeygraph.attribution.paths import Paths, from_table
from journeygraph.attribution.removal import remove

__all__ = ["MODELS", "Options", "Paths", "attribute", "from_table", "read_paths", "remove"]
