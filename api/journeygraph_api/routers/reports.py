"""The reports that were written."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from journeygraph.report import registry
from journeygraph.report.registry import Entry
from journeygraph_api import paging
from journeygraph_api.dependencies import CanRead, Cursor, Limit, TheSettings

router = APIRouter(prefix="/v1/reports", tags=["reports"], dependencies=[CanRead])


class ReportPage(BaseModel):
    """A page of reports, those with the newest data first."""

    reports: list[Entry]
    next_cursor: str | None = None


@router.get("")
def reports(settings: TheSettings, limit: Limit = 100, cursor: Cursor = None) -> ReportPage:
    """Every report that was written here."""
    shown, following = paging.page(
        registry.entries(settings.home), limit=limit, cursor=cursor, question={}, key=lambda entry: entry.id
    )
    return ReportPage(reports=shown, next_cursor=following)


@router.get("/{report_id}")
def report(settings: TheSettings, report_id: str) -> dict[str, Any]:
    """A report's figures, each with its Cypher: what `report.json` holds."""
    return registry.content(settings.home, report_id)
