"""Nothing of what was deleted stays in any file: the store is built anew, and every byte is searched."""

from __future__ import annotations

from journeygraph.privacy.purge.rebuild import Purge, purge, require_managed
from journeygraph.privacy.purge.search import Searched, search

__all__ = ["Purge", "Searched", "purge", "require_managed", "search"]
