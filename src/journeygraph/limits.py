"""How much may be asked for at once: the same on the command line and by API."""

from __future__ import annotations

from typing import Final

#: Transitions that a path view shows, one behind the other.
MOST_LEVELS: Final = 50
#: Touchpoints, counted from the first, that a step matrix shows.
MOST_POSITIONS: Final = 100
#: Bootstrap resamples behind an interval of an attribution.
MOST_RESAMPLES: Final = 1_000
