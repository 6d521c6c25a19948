"""The quality report: completeness, uniqueness, validity, timeliness, consistency and trend of each source.

collect   every table with the statement that gives it      view   what the page shows      files   HTML, JSON and CSV
"""

from journeygraph.report.quality.collect import QualityReport, Score, collect
from journeygraph.report.quality.files import Written, contents, write

__all__ = ["QualityReport", "Score", "Written", "collect", "contents", "write"]
