"""Hours and days in which a source sent far more, far less or quite other values than it usually does.

volume      counts by source, hour and weekday against those of the other weeks
values      sizes of values, day by day, and single ones that lie apart
found       all tests under one correction, and what is said of what was found
"""

from journeygraph.quality.anomalies.answers import Anomalies, Anomaly
from journeygraph.quality.anomalies.found import anomalies

__all__ = ["Anomalies", "Anomaly", "anomalies"]
