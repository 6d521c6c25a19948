"""Declared journeys: drafted from what happened, and held against it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from journeygraph import gaps
from journeygraph.blueprints import JOURNEYS, Blueprint
from journeygraph.blueprints import conformance as comparing
from journeygraph.blueprints import suggest as drafting
from journeygraph.blueprints.answers import Conformance
from journeygraph.blueprints.suggest import Suggestion
from journeygraph.gaps import GapReport
from journeygraph_api.dependencies import AsOf, CanReadCustomers, TheGraphs
from journeygraph_api.unbuilt import TellsUnbuilt
from journeygraph_api.which_paths import TheGrain

router = APIRouter(
    prefix="/v1/blueprints", tags=["blueprints"], dependencies=[CanReadCustomers], route_class=TellsUnbuilt
)


@router.post("/check")
def check(graphs: TheGraphs, as_of: AsOf, blueprint: Blueprint, grain: TheGrain = "customer") -> Conformance:
    """How well journeys fit the declared journey in the body, which is not stored; the YAML file's fields as JSON."""
    question = ("blueprint", blueprint.model_dump_json(), as_of, grain)
    return graphs.remember(question, lambda graph: comparing.check(graph, blueprint, as_of=as_of, grain=grain))


@router.post("/gaps")
def missing_steps(
    graphs: TheGraphs,
    as_of: AsOf,
    blueprint: Blueprint,
    min_journeys: Annotated[int, Query(ge=2, description="journeys that a finding needs")] = gaps.MINIMUM_JOURNEYS,
    grain: TheGrain = "customer",
) -> GapReport:
    """The gap report with the steps that are missing from the declared journey in the body."""
    question = ("blueprint gaps", blueprint.model_dump_json(), as_of, grain, min_journeys)
    report = graphs.remember(
        question,
        lambda graph: gaps.analyse(graph, minimum_journeys=min_journeys, as_of=as_of, grain=grain, blueprint=blueprint),
    )
    return gaps.add_owners(graphs.get(), report, as_of=as_of)


@router.get("/suggest")
def suggest(
    graphs: TheGraphs,
    as_of: AsOf,
    starts: Annotated[str, Query(description="a step, or journeys: those that converted")] = JOURNEYS,
    required: Annotated[float, Query(gt=0, le=1, description="share that makes a step required")] = 0.8,
    optional: Annotated[float, Query(gt=0, le=1, description="share that makes a step optional")] = 0.2,
    grain: TheGrain = "customer",
) -> Suggestion:
    """A draft of a declared journey, as YAML with its figures."""
    question = ("blueprint draft", starts, required, optional, as_of, grain)
    return graphs.remember(
        question,
        lambda graph: drafting.suggest(
            graph, starts=starts, required_share=required, optional_share=optional, as_of=as_of, grain=grain
        ),
    )
