"""One person's data: handed over, or erased."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from journeygraph.privacy.consent import Consent, Purpose, Status, Withheld, note, show, summary
from journeygraph.privacy.erase import Erasure, erase
from journeygraph.privacy.export import Export, archive, export
from journeygraph.privacy.rectify import Correction, rectify
from journeygraph_api.dependencies import CanReadCustomers, CanWrite, TheGraph, TheSettings
from journeygraph_api.security import asking

router = APIRouter(prefix="/v1/privacy", tags=["privacy"], dependencies=[CanReadCustomers])


class GivenConsent(BaseModel):
    """What a customer said about a purpose."""

    purpose: Purpose
    status: Status
    at: AwareDatetime | None = Field(None, description="since when; now when left out")
    source: str = Field("api", max_length=200, description="where it was said", examples=["web form"])


class Corrected(BaseModel):
    """What is wrong, and how it should be."""

    property: str = Field(min_length=1, max_length=200, description="of the customer; or `email`, `phone`, with `was`")
    value: str = Field(max_length=10_000, description="as it should be")
    touchpoint_id: str | None = Field(None, description="a property of this touchpoint: `value`, say")
    was: str | None = Field(None, description="the address that is wrong")


@router.get("/{customer_id:path}/export", response_model=Export)
def exported(
    graph: TheGraph,
    settings: TheSettings,
    request: Request,
    customer_id: str,
    format: Annotated[Literal["json", "zip"], Query(description="zip: one archive of JSON and CSV")] = "json",
) -> Export | Response:
    """Everything that is held about a customer, with the Cypher of each part."""
    found = export(graph, settings.home, customer_id, actor=asking(request))
    if format == "json":
        return found
    headers = {"Content-Disposition": 'attachment; filename="person.zip"', "Cache-Control": "no-store"}
    return Response(archive(found), media_type="application/zip", headers=headers)


@router.get("/consent")
def withheld(graph: TheGraph) -> Withheld:
    """How many customers withdrew consent to each purpose, and so are left out."""
    return summary(graph)


@router.get("/{customer_id:path}/consent")
def consented(graph: TheGraph, customer_id: str) -> Consent:
    """What a customer said about each purpose, and what stands."""
    return show(graph, customer_id)


@router.post("/{customer_id:path}/consent", dependencies=[CanWrite])
def note_consent(
    graph: TheGraph, settings: TheSettings, request: Request, customer_id: str, given: GivenConsent
) -> Consent:
    """Write down that a customer gave or withdrew consent to a purpose."""
    return note(
        graph,
        settings.home,
        customer_id,
        given.purpose,
        given.status,
        at=given.at,
        source=given.source,
        actor=asking(request),
    )


@router.patch("/{customer_id:path}", dependencies=[CanWrite])
def corrected(
    graph: TheGraph, settings: TheSettings, request: Request, customer_id: str, asked: Corrected
) -> Correction:
    """Correct what is held of a customer, and sign that it was done."""
    return rectify(
        graph,
        settings.home,
        customer_id,
        asked.property,
        asked.value,
        touchpoint_id=asked.touchpoint_id,
        former=asked.was,
        actor=asking(request),
    )


@router.delete("/{customer_id:path}", dependencies=[CanWrite])
def erased(
    graph: TheGraph,
    settings: TheSettings,
    request: Request,
    customer_id: str,
    mode: Annotated[Literal["erase", "anonymise"], Query(description="anonymise: the counts stay")] = "erase",
) -> Erasure:
    """Remove a customer everywhere, keep them from coming back, and sign what was removed. It cannot be undone."""
    return erase(graph, settings.home, customer_id, mode=mode, actor=asking(request))
