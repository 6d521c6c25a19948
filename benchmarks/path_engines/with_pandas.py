"""pandas group-bys, as a data scientist writes them; steps are categories."""

from __future__ import annotations

from typing import Any

import pandas as pd
from work import END, FUNNEL, POSITIONS, START, TOP, WINDOW_US

VERSION = pd.__version__


def load(file: str) -> pd.DataFrame:
    return pd.read_parquet(file)


def counts(frame: pd.DataFrame) -> list[list[Any]]:
    step = frame["step"].cat.add_categories([START, END])
    before = step.groupby(frame["journey"], sort=False).shift().fillna(START)
    inner = pd.DataFrame({"source": before, "target": step}).value_counts(sort=False)
    inner = inner[inner > 0]
    last = step[~frame["journey"].duplicated(keep="last")].value_counts()
    rows = [[a, b, int(n)] for (a, b), n in inner.items()]
    return sorted(rows + [[a, END, int(n)] for a, n in last.items() if n])


def transitions(frame: pd.DataFrame) -> list[list[Any]]:
    by_journey = frame.groupby("journey", sort=False)
    pairs = pd.DataFrame(
        {
            "source": by_journey["step"].shift(),
            "target": frame["step"],
            "journey": frame["journey"],
            "customer": frame["customer"],
            "seconds": by_journey["at_us"].diff() / 1e6,
        }
    ).dropna()
    grouped = pairs.groupby(["source", "target"], observed=True)
    answer = grouped.agg(
        count=("journey", "size"),
        journeys=("journey", "nunique"),
        customers=("customer", "nunique"),
        median=("seconds", "median"),
    )
    answer["p90"] = grouped["seconds"].quantile(0.9)
    return sorted([*index, *map(int, row[:3]), *row[3:]] for index, *row in answer.itertuples())


def step_matrix(frame: pd.DataFrame) -> list[list[Any]]:
    position = frame.groupby("journey", sort=False).cumcount() + 1
    near = position <= POSITIONS
    cells = frame["step"][near].groupby(position[near]).value_counts()
    rows = [[int(k), step, int(n)] for (k, step), n in cells.items() if n]
    lengths = frame.groupby("journey", sort=False).size()
    over = [[k, END, int((lengths < k).sum())] for k in range(1, POSITIONS + 1)]
    return sorted(rows + [row for row in over if row[2]])


def funnel(frame: pd.DataFrame) -> list[int]:
    some = frame[frame["step"].isin(FUNNEL)]
    journey, at = some["journey"], some["at_us"]
    start = at.where(some["step"] == FUNNEL[0])  # of the chain that reaches the current step here
    reached = [journey[start.notna()].nunique()]
    for name in FUNNEL[1:]:
        latest = start.groupby(journey, sort=False).ffill().groupby(journey, sort=False).shift()
        start = latest.where((some["step"] == name) & (at - latest <= WINDOW_US))
        reached.append(journey[start.notna()].nunique())
    return [int(n) for n in reached]


def variants(frame: pd.DataFrame) -> list[int]:
    sequences = frame["step"].astype(str).groupby(frame["journey"], sort=False).agg(tuple)
    sizes = sequences.value_counts()
    return [len(sizes), *map(int, sizes.head(TOP))]
