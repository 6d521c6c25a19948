"""What each source sent, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class SourceHours:
    """Touchpoints of each source in each hour, by which of their fields were filled (R rows).

    Bit f of `filled` is set where field f of `fields` has a value.  Hours count from 1970 (UTC).
    """

    names: tuple[str, ...]
    fields: tuple[str, ...]
    source: NDArray[np.int64]  # R: index into names
    hour: NDArray[np.int64]  # R
    filled: NDArray[np.int64]  # R: one bit a field
    count: NDArray[np.int64]  # R
