"""The report: a page with every finding, its evidence, picture and Cypher; the same as JSON, Markdown and CSV."""

from journeygraph.report.build import build, save
from journeygraph.report.collect import collect
from journeygraph.report.model import Report
from journeygraph.report.write import FORMATS, Written, write

__all__ = ["FORMATS", "Report", "Written", "build", "collect", "save", "write"]
