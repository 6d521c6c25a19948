"""pm4py's directly-follows graph (AGPL: installed and imported in the benchmark's throw-away environment only)."""

from __future__ import annotations

import warnings
from typing import Any

import pandas as pd
import pm4py
from work import END, START

VERSION = pm4py.__version__


def load(file: str) -> pd.DataFrame:
    frame = pd.read_parquet(file)
    return pd.DataFrame(
        {
            "case:concept:name": frame["journey"].astype(str),
            "concept:name": frame["step"].astype(str),
            "time:timestamp": pd.to_datetime(frame["at_us"], unit="us", utc=True),
        }
    )


def counts(frame: pd.DataFrame) -> list[list[Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph, starts, ends = pm4py.discover_dfg(frame)
    rows = [[a, b, int(n)] for (a, b), n in graph.items()]
    rows += [[START, step, int(n)] for step, n in starts.items()]
    return sorted(rows + [[step, END, int(n)] for step, n in ends.items()])
