"""Sources with their measured ratings, their contracts, and where a touchpoint came from."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from pydantic import AwareDatetime, BaseModel, Field

from journeygraph.quality import contracts
from journeygraph.quality.contracts import Contract, ContractList, Difference, Mode
from journeygraph.quality.dictionary import Dictionary, dictionary
from journeygraph.quality.inventory import Inventory, inventory
from journeygraph.quality.lineage import Lineage, lineage
from journeygraph.quality.pulls import PullList
from journeygraph.quality.pulls import pulls as every_pull
from journeygraph.quality.stages import Stages, stages
from journeygraph.quality.totals import Comparison, Total, compare
from journeygraph.report.quality import QualityReport, collect
from journeygraph.report.quality.files import page
from journeygraph_api.dependencies import CanRead, CanReadCustomers, CanWrite, TheGraph, TheSettings

router = APIRouter(prefix="/v1", tags=["sources"], dependencies=[CanRead])


class WantedMode(BaseModel):
    """What is done when a source changes; `new` allows a source that is still to be loaded first."""

    mode: Mode
    new: bool = False


class StatedTotals(BaseModel):
    """What a source says it sent; a figure may differ by `tolerance`, a share of it."""

    totals: list[Total] = Field(min_length=1, max_length=100_000)
    tolerance: float = Field(0.0, ge=0)
    timezone: str = "UTC"


@router.get("/sources")
def sources(graph: TheGraph, settings: TheSettings, at: AwareDatetime | None = None) -> Inventory:
    """Every source with its freshness, granularity, completeness and ratings; ages are counted until `at` (now)."""
    return inventory(graph, settings.home, at=at)


@router.get("/sources/{source:path}")
def source(graph: TheGraph, settings: TheSettings, source: str, at: AwareDatetime | None = None) -> Inventory:
    """One source: what its ratings rest on, and which fields it fills."""
    return inventory(graph, settings.home, source=source, at=at)


@router.get("/pulls")
def pulls(graph: TheGraph, settings: TheSettings) -> PullList:
    """Every pull: how far it came, whether it came to its end, and what became of its rows."""
    return every_pull(graph, settings.home)


@router.get("/contracts")
def all_contracts(settings: TheSettings) -> ContractList:
    """All contracts, a line each."""
    return contracts.overview(settings.home)


@router.get("/contracts/{source:path}/diff")
def contract_difference(
    settings: TheSettings, source: str, since: int | None = None, until: int | None = None
) -> Difference:
    """What changed between two versions (the last two), in which load, and what loads departed from it."""
    return contracts.difference(settings.home, source, since, until)


@router.get("/contracts/{source:path}")
def contract(settings: TheSettings, source: str) -> Contract:
    """One contract with its whole history."""
    return contracts.one(settings.home, source)


@router.put("/contracts/{source:path}", dependencies=[CanWrite])
def set_contract(settings: TheSettings, source: str, wanted: WantedMode) -> Contract:
    """Say what is done from now on when the source changes."""
    return contracts.set_mode(settings.home, source, wanted.mode, new=wanted.new)


@router.get("/dictionary")
def data_dictionary(graph: TheGraph, settings: TheSettings) -> Dictionary:
    """Every property in the graph: meaning, type, unit, filled share, an example, and the files it came from."""
    return dictionary(graph, settings.home)


@router.get("/lineage/{touchpoint_id:path}", dependencies=[CanReadCustomers])
def origin(graph: TheGraph, touchpoint_id: str) -> Lineage:
    """Source, file, line, mapping version, contract version and load of one touchpoint."""
    return lineage(graph, touchpoint_id)


@router.get("/quality")
def quality(graph: TheGraph, settings: TheSettings, at: AwareDatetime | None = None) -> QualityReport:
    """Completeness, uniqueness, validity, timeliness, consistency and trend of each source, with their Cypher."""
    return collect(graph, settings.home, at=at)


@router.get("/quality/page", response_class=HTMLResponse)
def quality_page(graph: TheGraph, settings: TheSettings, at: AwareDatetime | None = None) -> HTMLResponse:
    """The same as a page, with the sources, contracts, stages and data dictionary."""
    return HTMLResponse(page(collect(graph, settings.home, at=at)))


@router.get("/quality/stages")
def all_stages(graph: TheGraph, settings: TheSettings) -> Stages:
    """Whether the counts agree between every two stages, and what became of each file's rows."""
    return stages(graph, settings.home)


@router.post("/quality/reconcile")
def reconcile(graph: TheGraph, stated: StatedTotals) -> Comparison:
    """Hold a source's own totals against the graph, at the detail that they have."""
    return compare(graph, stated.totals, tolerance=stated.tolerance, timezone=stated.timezone)
