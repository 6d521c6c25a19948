"""Credits of the chosen models over some paths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from journeygraph.attribution import bootstrap
from journeygraph.attribution.answers import Attribution, Credit, ModelAnswer
from journeygraph.attribution.bootstrap import Intervals
from journeygraph.attribution.model import Credits, Model, Options, observed
from journeygraph.attribution.models import MODELS
from journeygraph.attribution.paths import NOTHING, Paths
from journeygraph.errors import UsageError
from journeygraph.paths.evidence import statement

RESAMPLES = 200


def attribute(
    paths: Paths,
    models: Sequence[str] | None = None,
    options: Options | None = None,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    currencies: Sequence[str] = (),
    from_graph: bool = True,
) -> Attribution:
    """Credits by name for each model, largest first, with bootstrap intervals over `resamples` (0: none).

    `models` are names of `MODELS`; none given are all that the paths allow.  Value is told in the one currency of
    `currencies`, and not at all where there are several.  Raises `UsageError` for an unknown model.

    >>> from journeygraph.attribution.paths import build
    >>> paths = build("channel", ["ad", "mail"], np.array([0, 1]), np.array([0, 0]), days=None,
    ...     conversions=np.array([3.0]), values=np.array([30.0]), losses=np.array([1.0]))
    >>> [(row.channel, row.credit) for row in attribute(paths, ["linear"], resamples=0).channels]
    [('ad', 1.5), ('mail', 1.5)]
    """
    options = options or Options(seed=seed)
    chosen, notes = _choose(paths, models)
    rules = {model.name: model.prepare(paths, options) for model in chosen}
    found = {name: rule(observed(paths)) for name, rule in rules.items()}
    steady = {name: rule for name, rule in rules.items() if found[name].resampled}
    notes += [
        f"{name} has no intervals: too long to solve again ({found[name].method})."
        for name in rules
        if name not in steady
    ]
    ranges = bootstrap.intervals(paths, steady, resamples=resamples, seed=seed) if resamples and paths.n_paths else {}
    if len(currencies) > 1:
        notes.append(f"Value is left out: conversions are in {', '.join(currencies)}, which cannot be added up.")
    return Attribution(
        by=paths.by,
        grain=paths.grain,
        belonging=paths.belonging,
        withheld=paths.withheld,
        conversions=round(paths.conversions.sum()),
        value=None if len(currencies) > 1 else float(paths.values.sum()),
        currency=currencies[0] if len(currencies) == 1 else None,
        lost=round(paths.losses.sum()),
        left_out=paths.left_out,
        without_touchpoint=round(paths.conversions[paths.holds(NOTHING)].sum()),
        resamples=resamples if ranges else 0,
        seed=seed,
        models=[_model(model, found[model.name], paths, options, from_graph) for model in chosen],
        channels=[
            row
            for model in chosen
            for row in _rows(model.name, found[model.name], ranges.get(model.name), paths, len(currencies) <= 1)
        ],
        notes=notes,
        **_statement("attribution/totals", paths, {}, from_graph),
    )


def named(name: str) -> Model:
    """The model of that name; hyphens do for underscores.

    >>> named("Last-Non-Direct").title
    'Last non-direct touch'
    """
    wanted = name.strip().lower().replace("-", "_")
    for model in MODELS:
        if wanted in (model.name, f"{model.name}_touch"):
            return model
    raise UsageError(f"There is no model {name!r}; there are {', '.join(model.name for model in MODELS)}.")


def _choose(paths: Paths, names: Sequence[str] | None) -> tuple[list[Model], list[str]]:
    if names:
        return list(dict.fromkeys(named(name) for name in names)), []
    usual = [model for model in MODELS if model.usual]
    chosen = [model for model in usual if paths.days is not None or not model.needs_times]
    notes = [f"{model.name} is left out: these paths have no times." for model in usual if model not in chosen]
    return chosen, notes


def _rows(name: str, found: Credits, ranges: Intervals | None, paths: Paths, with_value: bool) -> list[Credit]:
    """The credits of one model, largest first."""
    total = float(paths.conversions.sum())
    credit, value = found.credit[:, 0].tolist(), found.value[:, 0].tolist()
    order = sorted(range(len(paths.names)), key=lambda c: (-round(credit[c], 9), paths.names[c]))
    return [
        Credit(
            channel=paths.names[c],
            model=name,
            credit=credit[c],
            share=credit[c] / total if total else None,
            value_credit=value[c] if with_value else None,
            interval=None if ranges is None else (float(ranges.credit[c, 0]), float(ranges.credit[c, 1])),
            value_interval=(float(ranges.value[c, 0]), float(ranges.value[c, 1])) if ranges and with_value else None,
            removal_effect=None if found.removal_effect is None else float(found.removal_effect[c]),
            error_bound=None if found.error_bound is None else float(found.error_bound[c]),
        )
        for c in order
    ]


def _model(model: Model, found: Credits, paths: Paths, options: Options, from_graph: bool) -> ModelAnswer:
    return ModelAnswer(
        name=model.name,
        title=model.title,
        definition=model.definition,
        method=found.method or "each conversion's shares added up",
        reproduces=model.reproduces,
        **_statement(model.query, paths, model.parameters(paths, options), from_graph),
    )


def _statement(query: str, paths: Paths, parameters: dict[str, Any], from_graph: bool) -> dict[str, Any]:
    """`cypher` and `parameters` of what is said about some paths."""
    if not from_graph:
        return {"cypher": None, "parameters": {}}
    return statement(query, paths, {"by": paths.by, **parameters})
