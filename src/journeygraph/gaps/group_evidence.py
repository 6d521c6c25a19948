"""What a finding confined to a group rests on: its trials against those of all others in the same strata."""

from __future__ import annotations

import numpy as np

from journeygraph.gaps.clustered import Rows
from journeygraph.gaps.groups import Group
from journeygraph.gaps.kind import Evidence, Statement, mask, percent
from journeygraph.gaps.trials import Hit, Members, Trials
from journeygraph.gaps.visits import Visits


def describe(visits: Visits, trials: Trials, group: Group, members: Members) -> Evidence:
    """The evidence of a subject within a group; `effect` compares with the same subject outside it."""
    inside, wording = members(trials.row), trials.wording
    came = visits.path[trials.row[inside]]
    reached = mask(visits.table.n_paths, came)
    affected = mask(visits.table.n_paths, came[trials.event[inside]])
    n, n_affected = int(reached.sum()), int(affected.sum())
    customer = visits.table.customers.astype(np.int64)[visits.path[trials.row]]
    effect = Rows(trials.event, inside, trials.stratum, customer).difference().times(len(came) / n)
    expected = max(n_affected / n - effect.value, 0.0)
    parameters = {**wording.parameters, **group.parameters}
    return Evidence(
        sentence=f"{n_affected} of {n} journeys ({percent(n_affected / n)}) of {group.name} {wording.did}; of others "
        f"{wording.alike} {percent(expected)}.",
        subject=wording.subject,
        affected=affected,
        denominator=reached,
        visits=trials.row[inside],
        observed=n_affected / n,
        expected=expected,
        effect=effect,
        effect_unit="share of the group's journeys that could have been",
        lost_conversions=wording.lost(Hit(members, reached, affected, effect.times(n))),
        counts={"visits": len(came)},
        statement=Statement(f"gaps/{trials.kind}_in_group{wording.suffix}", parameters),
        inputs=Statement(f"gaps/{trials.kind}_in_group_strata{wording.suffix}", {**parameters, **wording.strata}),
    )
