"""Intent scores of customers: who is about to convert, how sure, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from journeygraph import identity, queries
from journeygraph.answers import Reproducible
from journeygraph.errors import NotFound, UsageError
from journeygraph.graph import Graph
from journeygraph.intent.features import reasons, traits
from journeygraph.intent.features.goals import CONVERSION
from journeygraph.intent.features.reasons import Reason
from journeygraph.intent.features.timeline import Cuts, Indices, Timeline, place
from journeygraph.intent.models.data import read_timeline
from journeygraph.intent.models.model import IntentModel
from journeygraph.intent.scores import engagement
from journeygraph.intent.scores.engagement import Band, Engagement
from journeygraph.journeys import configuration
from journeygraph.journeys.table import JourneyTable
from journeygraph.journeys.withheld import WithheldCustomers, read_withheld
from journeygraph.privacy import consent
from journeygraph.schema import from_microseconds, to_microseconds
from journeygraph.settings import Settings

#: Whoever withdrew one of these gets no score.
_PURPOSES: Final[tuple[consent.Purpose, ...]] = ("analytics", "personalisation")
#: Touchpoints that are looked at together.
_CHUNK = 200_000


class CustomerScore(identity.OfCustomer, Reproducible):
    """The calibrated probability that a customer reaches the goal within the horizon after `instant`.

    `cypher` counts the touchpoints that were known then: the ground of the features.
    """

    customer_id: str
    score: float
    band: Band
    engagement: Band
    engagement_rank: float
    reasons: list[Reason]
    instant: str
    model_version: str


class IntentScores(Reproducible):
    """Scores, highest first where all customers were asked for; `cypher` measures the sessions behind engagement."""

    scores: list[CustomerScore]
    customers: int
    withheld: WithheldCustomers | None = Field(None, description="customers left out: consent was withdrawn")
    instant: str
    goal: str
    horizon_seconds: float


def band(score: float, settings: Settings, goal: str = CONVERSION) -> Band:
    """`high` above one bound, `medium` above another, else `low`; both are settings, of each goal.

    >>> band(0.7, Settings()), band(0.71, Settings()), band(0.31, Settings())
    ('medium', 'high', 'medium')
    """
    medium, high = settings.intent_bounds(goal)
    if score > high:
        return "high"
    return "medium" if score > medium else "low"


def score(
    graph: Graph,
    model: IntentModel,
    settings: Settings,
    customer_ids: Sequence[str] = (),
    *,
    as_of: datetime | None = None,
    at: datetime | None = None,
    top: int = 100,
    engaged: Callable[[int], Engagement] | None = None,
) -> IntentScores:
    """Scores of those customers, or of the `top` likeliest of all.

    The instant is `at`, by default the end of the data; with `as_of`, of the data that was known then.  Nothing that
    happened later counts.  Raises `NotFound` for a customer without a touchpoint by then, and `UsageError` where the
    model was trained under other rules than the graph has now, or a customer withdrew consent to analytics or
    personalisation (who isn't among the likeliest either).  `engaged` gives the engagement at an instant
    (microseconds since 1970) to a caller that keeps it; by default it is measured over all sessions.
    """
    check(graph, model)
    instant_us = instant_of(graph, as_of, at)
    leads = {who.customer_id: who for who in (identity.lead(graph, asked, as_of) for asked in customer_ids)}
    if customer_ids:
        consent.require(graph, list(leads), _PURPOSES, "score is computed")
        wanted, customers = list(leads), len(leads)
    else:
        wanted, customers = likeliest(
            read_timeline(graph, model, as_of), model, instant_us, top, but=consent.withdrawn(graph, _PURPOSES)
        )
    measured = engaged(instant_us) if engaged else engagement.measure(graph, instant_us, as_of)
    rows = graph.read("intent/histories", as_of=as_of, customer_ids=wanted)
    found = explained(rows, model, instant_us)
    parameters: dict[str, Any] = {} if as_of is None else {"as_of": as_of.isoformat()}
    return IntentScores(
        scores=[
            leads.get(customer_id, identity.Lead(customer_id, None)).told(
                _answer(customer_id, found, measured, model, settings, instant_us, parameters)
            )
            for customer_id in wanted
        ],
        customers=customers,
        withheld=read_withheld(graph),
        instant=from_microseconds(instant_us).isoformat(),
        goal=model.goal,
        horizon_seconds=model.horizon_seconds,
        cypher=queries.get("intent/engagement", as_of=as_of is not None).cypher,
        parameters={"instant_us": instant_us, "days": engagement.DAYS, **parameters},
    )


def check(graph: Graph, model: IntentModel) -> None:
    """Raise `UsageError` where the graph's rules are no longer those that the model learned under."""
    rules = configuration.read_rules(graph)
    if rules != model.rules:
        raise UsageError(
            f"The intent model {model.version} was trained under other rules (goals {', '.join(model.rules.goals)}) "
            f"than the graph has now (goals {', '.join(rules.goals)}): train again with `journeygraph intent train`."
        )


def instant_of(graph: Graph, as_of: datetime | None, at: datetime | None) -> int:
    """The instant of a score in microseconds since 1970: `at`, else the end of the data known as of `as_of`."""
    if at is not None:
        return to_microseconds(at)
    if as_of is None:
        end_us = configuration.data_end_us(graph)
    else:
        end_us = graph.read("intent/known_until", known_at=as_of.isoformat())[0]["data_end_us"]
    if end_us is None:
        known = "" if as_of is None else f" as of {as_of.isoformat()}"
        raise UsageError(f"The graph holds no touchpoints{known}: there is nobody to score.")
    return end_us if as_of is None else min(end_us, to_microseconds(as_of))


def likeliest(
    timeline: Timeline, model: IntentModel, instant_us: int, top: int, *, but: Sequence[str] = ()
) -> tuple[list[str], int]:
    """Ids of the customers with the highest scores, highest first, and how many were looked at; not of those `but`."""
    customers, probabilities = everybody(timeline, model, instant_us)
    if but:
        kept = ~np.isin(np.array(timeline.customer_ids, dtype=object)[customers], but)
        customers, probabilities = customers[kept], probabilities[kept]
    order = np.argsort(-probabilities, kind="stable")[:top]
    return [timeline.customer_ids[int(customer)] for customer in customers[order]], len(customers)


def everybody(timeline: Timeline, model: IntentModel, instant_us: int) -> tuple[Indices, NDArray[np.float64]]:
    """The customers with a touchpoint by an instant, and their probabilities; some customers at a time."""
    found: list[Indices] = []
    probabilities: list[NDArray[np.float64]] = []
    bounds = np.searchsorted(timeline.offsets, np.arange(_CHUNK, timeline.n_touchpoints, _CHUNK))
    starts = np.unique(np.concatenate([[0], bounds, [len(timeline.customer_ids)]])).tolist()
    for start, stop in pairwise(starts):
        part = timeline.part(start, stop)
        cuts = _now(part, instant_us)
        found.append(cuts.customers + start)
        probabilities.append(model.probabilities(model.describe(part, cuts)[1]))
    return np.concatenate([np.zeros(0, dtype=np.int64), *found]), np.concatenate([np.zeros(0), *probabilities])


def explained(
    rows: Sequence[Mapping[str, Any]], model: IntentModel, instant_us: int
) -> dict[str, tuple[float, list[Reason]]]:
    """Score and reasons of each customer in rows of `intent/histories`."""
    ordered = sorted(rows, key=lambda row: (row["customer_id"], row["occurred_at_us"][0], row["id"]))
    timeline = Timeline.from_table(JourneyTable.from_rows(ordered), model.rules, _about(ordered))
    touchpoint_ids = [touchpoint_id for row in ordered for touchpoint_id in row["touchpoint_ids"]]
    cuts = _now(timeline, instant_us)
    if not len(cuts):
        return {}
    values = model.describe(timeline, cuts)[1]
    scores, added = model.probabilities(values), model.contributions(values)
    return {
        timeline.customer_ids[int(customer)]: (
            float(scores[k]),
            reasons.explain(model.subjects, added[k], timeline, cuts.select(slice(k, k + 1)), touchpoint_ids),
        )
        for k, customer in enumerate(cuts.customers)
    }


def _about(rows: Sequence[Mapping[str, Any]]) -> traits.Traits:
    """The traits of rows of `intent/histories`; rows made elsewhere may have none."""
    lists: dict[traits.TraitName, str] = {"product": "products", "category": "categories", "campaign": "campaigns"}
    return {
        name: traits.Trait.of([value or None for row in rows for value in row[column]])
        for name, column in lists.items()
        if all(column in row for row in rows)
    }


def _now(timeline: Timeline, instant_us: int) -> Cuts:
    customers = np.arange(len(timeline.customer_ids), dtype=np.int64)
    return place(timeline, customers, np.full(len(customers), instant_us, dtype=np.int64))


def _answer(
    customer_id: str,
    found: Mapping[str, tuple[float, list[Reason]]],
    engaged: Engagement,
    model: IntentModel,
    settings: Settings,
    instant_us: int,
    parameters: Mapping[str, Any],
) -> CustomerScore:
    instant = from_microseconds(instant_us).isoformat()
    if customer_id not in found:
        raise NotFound(f"There is no customer {customer_id!r} with a touchpoint up to {instant}.")
    probability, why = found[customer_id]
    return CustomerScore(
        customer_id=customer_id,
        score=probability,
        band=band(probability, settings, model.goal),
        engagement=engaged.band(customer_id),
        engagement_rank=engaged.rank(customer_id),
        reasons=why,
        instant=instant,
        model_version=model.version,
        cypher=queries.get("intent/counts", as_of="as_of" in parameters).cypher,
        parameters={"customer_id": customer_id, "instant_us": instant_us, **parameters},
    )
