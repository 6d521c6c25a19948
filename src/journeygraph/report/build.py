"""A report from a graph to its files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from journeygraph.blueprints import Blueprint
from journeygraph.graph import Graph
from journeygraph.privacy import written as written_files
from journeygraph.report import registry
from journeygraph.report.analyses import Progress
from journeygraph.report.collect import collect
from journeygraph.report.earlier import Earlier
from journeygraph.report.model import Report
from journeygraph.report.write import FORMATS, Format, Written, write
from journeygraph.schema import Grain
from journeygraph.settings import Settings


def build(
    graph: Graph,
    out: Path,
    settings: Settings,
    *,
    formats: Sequence[Format] = FORMATS,
    as_of: datetime | None = None,
    grain: Grain = "customer",
    earlier: Earlier | None = None,
    blueprint: Blueprint | None = None,
    progress: Progress = lambda _: None,
) -> Written:
    """Analyse the graph and write the report's files into a folder; its findings are compared with those of `earlier`.

    The same graph gives the same bytes.  Raises `UsageError` where the folder cannot be written to.
    """
    report = collect(graph, settings, as_of=as_of, grain=grain, earlier=earlier, blueprint=blueprint, progress=progress)
    progress("Writing the files")
    return save(report, out, settings, formats)


def save(report: Report, out: Path, settings: Settings, formats: Sequence[Format] = FORMATS) -> Written:
    """Write a report's files into a folder, and note it in the home folder's list of reports."""
    written = write(report, out, formats, before=partial(written_files.note, settings.home))
    registry.register(settings.home, registry.Entry(**written.model_dump()))
    return written
