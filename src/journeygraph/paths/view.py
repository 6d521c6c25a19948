"""Path views (Sankey data): paths from a step, to a step or between two, level by level, nothing dropped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import UsageError
from journeygraph.journeys.step_graph import distinct
from journeygraph.journeys.table import LOST, OUTCOMES, JourneyTable
from journeygraph.paths.about import about
from journeygraph.paths.answers import PathNode, PathView, Stop, Stops, ViewLink
from journeygraph.paths.evidence import evidence
from journeygraph.paths.steps import check
from journeygraph.schema import END, OTHER, START

_ABSENT = -1
_Codes = NDArray[np.int64]


@dataclass(frozen=True)
class _Grid:
    """The nodes of the paths in a view: V paths x (levels + 1) codes, `_ABSENT` where a path has none.

    Codes beyond the table's steps are `(start)`, `(end)` and `(other)`, in this order.
    """

    nodes: _Codes
    paths: NDArray[np.int64]  # V: index into the table
    names: tuple[str, ...]

    @property
    def levels(self) -> int:
        return int(self.nodes.shape[1]) - 1


def path_view(
    table: JourneyTable,
    *,
    from_step: str | None = None,
    to_step: str | None = None,
    levels: int = 5,
    top: int | None = 10,
) -> PathView:
    """What paths do after a step, before a step, or on the way from one to the other.

    - from S: paths that contain S, from its first occurrence (level 0) on;
    - to S: paths that contain S, up to its first occurrence, which stands at level `levels`, from `(start)` where
      they begin later than that;
    - both: paths that contain the one and later the other, from the first of the one to the next of the other;
    - neither: all paths, from `(start)` (level 0).

    Each level shows its `top` steps by number of paths (ties by name); the rest is `(other)`, never dropped.  Paths
    that stop go to `(end)`; how many of these were lost is `drop_off`, and `stops` lists them.  At every level between
    the first and the last, a step's inflow equals its outflow.

    Raises `UsageError` for an unknown step, or fewer than one level.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "lost", "value": None,
    ...     "steps": ["view", "cart"], "channels": ["web", "web"], "occurred_at_us": [0, 5]}])
    >>> [(link.source, link.target, link.level, link.drop_off) for link in path_view(table, from_step="view").links]
    [('view', 'cart', 1, 0), ('cart', '(end)', 2, 1)]
    """
    check(table, [step for step in (from_step, to_step) if step is not None])
    if levels < 1 or (top is not None and top < 1):
        raise UsageError(f"A path view has at least one level and shows at least one step: {levels} levels, top {top}.")
    shown, kept = _lump(_grid(table, from_step, to_step, levels), top, to_step)
    return PathView(
        denominator=len(shown.paths),
        **about(table),
        population=table.n_paths,
        from_step=from_step,
        to_step=to_step,
        levels=levels,
        nodes=_nodes(table, shown),
        links=_links(table, shown),
        **evidence("paths/view", table, from_step=from_step, to_step=to_step, levels=levels, kept=kept),
    )


def stops(table: JourneyTable, view: PathView, *, level: int, step: str) -> Stops:
    """The paths that stop right after `step` at `level` of a view: as many as its link into `(end)` says.

    `step` may be `(other)`.  Raises `UsageError` where the view has no such node.
    """
    if not any(node.level == level and node.name == step for node in view.nodes):
        there = ", ".join(node.name for node in view.nodes if node.level == level) or "nothing"
        raise UsageError(f"The view has no {step!r} at level {level}; there is {there}.")
    grid = _grid(table, view.from_step, view.to_step, view.levels)
    shown, kept = _lump_to(grid, view.parameters["kept"])
    code = shown.names.index(step)
    stopped = np.zeros(len(shown.paths), dtype=bool)
    if level < view.levels:
        stopped = (shown.nodes[:, level] == code) & (shown.nodes[:, level + 1] == shown.names.index(END))
    found = [_stop(table, int(path)) for path in shown.paths[stopped]]
    asked: dict[str, Any] = {key: value for key, value in view.parameters.items() if key not in ("per", "as_of")}
    return Stops(
        denominator=view.denominator,
        **about(table),
        step=step,
        level=level,
        drop_off=sum(stop.outcome == OUTCOMES[LOST] for stop in found),
        stops=sorted(found, key=lambda stop: (stop.customer_id, stop.ended_at_us, stop.path_id)),
        **evidence("paths/stops", table, **{**asked, "kept": kept}, step=step, level=level),
    )


def _stop(table: JourneyTable, path: int) -> Stop:
    return Stop(
        path_id=table.ids[path],
        customer_id=table.customer_ids[table.customers[path]],
        outcome=OUTCOMES[table.outcomes[path]].value,
        ended_at_us=int(table.occurred_at_us[table.offsets[path + 1] - 1]),
    )


def _grid(table: JourneyTable, from_step: str | None, to_step: str | None, levels: int) -> _Grid:
    """Cut every path to what the view shows of it."""
    n_steps = len(table.steps)
    begin = table.offsets[:-1] - 1 if from_step is None else next_with(table, from_step, table.offsets[:-1])
    present = begin < table.offsets[1:]
    finish = table.offsets[1:].copy()
    if to_step is not None:
        finish = next_with(table, to_step, np.where(present, begin + 1, table.offsets[1:]))
        present &= finish < table.offsets[1:]
    paths = np.flatnonzero(present & (table.lengths > 0))
    begin, finish = begin[paths], finish[paths]
    backwards = to_step is not None and from_step is None
    first = np.maximum(begin, finish - levels) if backwards else begin
    shift = levels - (finish - first) if backwards else np.zeros(len(paths), dtype=np.int64)
    nodes = np.full((len(paths), levels + 1), _ABSENT, dtype=np.int64)
    for level in range(levels + 1):
        at = first + level - shift
        inside = (at >= first) & (at <= finish) & (at >= table.offsets[paths]) & (at < table.offsets[paths + 1])
        nodes[inside, level] = table.step_codes[at[inside]]
        nodes[(at >= first) & (at < table.offsets[paths]), level] = n_steps
        nodes[(at == finish) & (at == table.offsets[paths + 1]), level] = n_steps + 1
    return _Grid(nodes, paths, (*table.steps, START, END, OTHER))


def next_with(table: JourneyTable, step: str, after: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each path the first touchpoint at or after `after` with that step; its end where there is none."""
    at = np.flatnonzero(table.step_codes == table.code(step))
    position = np.searchsorted(at, after)
    found: NDArray[np.int64] = np.minimum(np.append(at, table.n_touchpoints)[position], table.offsets[1:])
    return found


def _lump(grid: _Grid, top: int | None, always: str | None) -> tuple[_Grid, list[list[str]]]:
    """The grid with all but the `top` steps of each level (and `always`) as `(other)`, and the names kept at each."""
    kept: list[list[str]] = []
    n_steps = len(grid.names) - 3
    for level in range(grid.levels + 1):
        column = grid.nodes[:, level]
        counts = np.bincount(column[column != _ABSENT], minlength=len(grid.names))
        ranked = sorted(np.flatnonzero(counts[:n_steps]).tolist(), key=lambda code: (-counts[code], grid.names[code]))
        anchors = [code for code in ranked[top:] if grid.names[code] == always] if top is not None else []
        sentinels = [code for code in (n_steps, n_steps + 1) if counts[code]]
        kept.append([grid.names[code] for code in (*ranked[:top], *anchors, *sentinels)])
    return _lump_to(grid, kept)


def _lump_to(grid: _Grid, kept: list[list[str]]) -> tuple[_Grid, list[list[str]]]:
    code = {name: index for index, name in enumerate(grid.names)}
    nodes = grid.nodes.copy()
    for level, names in enumerate(kept):
        column = nodes[:, level]
        column[(column != _ABSENT) & ~np.isin(column, [code[name] for name in names])] = code[OTHER]
    return replace(grid, nodes=nodes), kept


def _links(table: JourneyTable, grid: _Grid) -> list[ViewLink]:
    width = len(grid.names)
    lost = table.outcomes[grid.paths] == LOST
    customers = table.customers[grid.paths].astype(np.int64)
    links: list[ViewLink] = []
    for level in range(1, grid.levels + 1):
        source, target = grid.nodes[:, level - 1], grid.nodes[:, level]
        going = (source != _ABSENT) & (target != _ABSENT)
        keys, edge = np.unique(source[going] * width + target[going], return_inverse=True)
        journeys = np.bincount(edge, minlength=len(keys))
        owners = distinct(edge, customers[going], len(keys))
        gone = np.bincount(edge, weights=lost[going], minlength=len(keys))
        links += [
            ViewLink(
                source=grid.names[key // width],
                target=grid.names[key % width],
                level=level,
                journeys=int(journeys[row]),
                customers=int(owners[row]),
                count=int(journeys[row]),
                drop_off=int(gone[row]) if grid.names[key % width] == END else 0,
            )
            for row, key in enumerate(keys.tolist())
        ]
    return sorted(links, key=lambda link: (link.level, link.source, link.target))


def _nodes(table: JourneyTable, grid: _Grid) -> list[PathNode]:
    """Every node of every level; a path passes a level once, so occurrences and paths are the same number."""
    customers = table.customers[grid.paths].astype(np.int64)
    nodes: list[PathNode] = []
    for level in range(grid.levels + 1):
        column = grid.nodes[:, level]
        here = column != _ABSENT
        journeys = np.bincount(column[here], minlength=len(grid.names))
        owners = distinct(column[here], customers[here], len(grid.names))
        nodes += [
            PathNode(
                id=f"{level}:{grid.names[code]}",
                name=grid.names[code],
                level=level,
                stage=table.stages.get(grid.names[code]),
                count=int(journeys[code]),
                journeys=int(journeys[code]),
                customers=int(owners[code]),
            )
            for code in np.flatnonzero(journeys)
        ]
    return sorted(nodes, key=lambda node: (node.level, -node.journeys, node.name))
