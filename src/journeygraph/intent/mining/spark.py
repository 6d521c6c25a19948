"""Spark MLlib's PrefixSpan as an engine: for logs beyond one machine, or where a cluster is at hand.

It needs the extra `spark` and a complete Java runtime of version 17 or above, which `JAVA_HOME` names or which is on
the path; the one that comes with this package for Neo4j lacks a module that Spark 4 starts with.  An active Spark
session is used as it is, else one is made: on this machine, or where Spark's own configuration says.

MLlib knows a minimum support and a longest pattern, and item sets.  It has no limits on gaps and times, no weights and
no groups; nor can it be ended by a budget.  What is closed, maximal or among the k best is chosen from its answer by
`miner`, like with every engine.  Its defaults would hide patterns: `maxPatternLength` is 10, here it is the longest
pattern asked for, else the longest sequence; `maxLocalProjDBSize` only decides where the work is done.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import UsageError
from journeygraph.intent.mining.budget import Budget
from journeygraph.intent.mining.mined import Pattern
from journeygraph.intent.mining.sequences import Limits, Sequences

#: What MLlib gives: the codes of a pattern, set by set, and its support.
Row = tuple[Sequence[Sequence[int]], int]
#: Where Spark is told elsewhere which machines to use.
_CONFIGURED = ("SPARK_HOME", "SPARK_CONF_DIR", "PYSPARK_SUBMIT_ARGS", "SPARK_REMOTE")


def patterns(
    sequences: Sequences, limits: Limits, groups: Sequence[NDArray[np.bool_]], budget: Budget, threads: int | None
) -> Iterator[Pattern]:
    """All patterns, in lexicographic order.

    Raises `UsageError` for what MLlib cannot do, and where pyspark is not installed.
    """
    refuse(sequences, limits, groups, budget)
    _check_installed()
    log = sets_of(sequences, limits)
    if not log.num_rows:
        return iter(())
    longest = limits.max_length or int(np.diff(sequences.offsets).max())
    with _session(threads) as session:
        found = _frequent(session.createDataFrame(log), log.num_rows, limits.minimum_support, longest)
    return iter(in_order(found, len(sequences.items)))


def refuse(sequences: Sequences, limits: Limits, groups: Sequence[NDArray[np.bool_]], budget: Budget) -> None:
    """Raise `UsageError` for what MLlib cannot do."""
    asked = {
        "max-gap": limits.max_gap is not None,
        "limits in seconds": limits.timed,
        "weights": sequences.weights is not None,
        "groups": len(groups) > 0,
        "time-limit and no memory-limit": budget.seconds is not None or budget.megabytes is not None,
    }
    for what, wanted in asked.items():
        if wanted:
            raise UsageError(
                f"The engine 'spark' has no {what}: it knows a minimum support, lengths, item sets, required and "
                "excluded items, closed and maximal patterns and the best. The engine 'auto' has the rest."
            )


def _check_installed() -> None:
    if find_spec("pyspark") is None:
        raise UsageError("The engine 'spark' needs the package pyspark: install journeygraph-service[spark].")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise UsageError("The engine 'spark' needs a Java runtime of version 17 or above; JAVA_HOME says where it is.")


def sets_of(sequences: Sequences, limits: Limits) -> Any:
    """The sequences as an Arrow table of one column, `sequence`: lists of sets of codes; no empty ones.

    >>> from journeygraph.intent.mining.sequences import Sequences
    >>> sets_of(Sequences.of_sets([[["b", "a"], ["c"]], []]), Limits(1)).to_pydict()
    {'sequence': [[[0, 1], [2]]]}
    """
    import pyarrow as pa

    kept = ~np.isin(sequences.codes, list(limits.excluded))
    owner = sequences.sequence_of[kept]
    element = (np.arange(len(sequences.codes)) if sequences.elements is None else sequences.elements)[kept]
    codes = sequences.codes[kept].astype(np.int32)
    new = np.ones(len(codes), dtype=bool)  # the first item of each set
    new[1:] = element[1:] != element[:-1]
    begins = np.append(np.flatnonzero(new), len(codes)).astype(np.int32)
    first = np.ones(len(begins) - 1, dtype=bool)  # the first set of each sequence
    first[1:] = owner[new][1:] != owner[new][:-1]
    starts = np.append(np.flatnonzero(first), len(first)).astype(np.int32)
    sets = pa.ListArray.from_arrays(pa.array(begins), pa.array(codes))
    return pa.table({"sequence": pa.ListArray.from_arrays(pa.array(starts), sets)})


def in_order(found: Sequence[Row], beside: int) -> list[Pattern]:
    """Patterns as codes, in lexicographic order.

    >>> [pattern.codes for pattern in in_order([([[0], [1, 2]], 3), ([[0]], 4)], beside=3)]
    [(0,), (0, 1, 5)]
    """
    coded = [
        (tuple(code + beside * (place > 0) for group in sets for place, code in enumerate(sorted(group))), support)
        for sets, support in found
    ]
    return [Pattern(codes, support) for codes, support in sorted(coded)]


def _frequent(frame: Any, sequences: int, least: int, longest: int) -> list[Row]:
    """MLlib's answer.  It rounds a share up to a count, so half a sequence less is asked for."""
    from pyspark.ml.fpm import PrefixSpan

    share = max(0.0, least - 0.5) / sequences
    if share > 1:
        return []
    answer = PrefixSpan(minSupport=share, maxPatternLength=longest).findFrequentSequentialPatterns(frame)
    table = answer.toArrow()
    return list(zip(table["sequence"].to_pylist(), table["freq"].to_pylist(), strict=True))


@contextmanager
def _session(threads: int | None) -> Iterator[Any]:
    """The active session, or one made for this."""
    from pyspark.sql import SparkSession

    if active := SparkSession.getActiveSession():
        yield active
        return
    builder = SparkSession.builder.appName("journeygraph").config("spark.ui.enabled", "false")
    builder = builder.config("spark.log.level", "ERROR").config("spark.ui.showConsoleProgress", "false")
    if not any(name in os.environ for name in _CONFIGURED):
        builder = builder.master(f"local[{threads or '*'}]").config("spark.driver.host", "127.0.0.1")
    session = builder.getOrCreate()
    try:
        yield session
    finally:
        session.stop()
