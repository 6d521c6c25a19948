"""What is said about anomalies."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from journeygraph.answers import Reproducible

Kind = Literal["more touchpoints", "fewer touchpoints", "larger values", "smaller values", "a value apart"]


class Anomaly(Reproducible):
    """A span (until is exclusive) in which a source differs; `observed` and `expected` are touchpoints or values.

    Of values they are geometric means, of a value apart the value and the median.  `p_corrected` is the chance of
    anything as unlikely in all that was tested.
    """

    kind: Kind
    source: str
    step: str | None = None
    currency: str | None = None
    since: datetime
    until: datetime
    observed: float
    expected: float
    p_corrected: float


class Anomalies(Reproducible):
    """All anomalies, the surest first; `untested` says of which sources there is too little to tell.

    `tested` is the number of tests that one correction (Holm's) was made over: the chance of any false alarm at all is
    at most `level`.
    """

    anomalies: list[Anomaly]
    tested: int
    level: float
    untested: list[str]
