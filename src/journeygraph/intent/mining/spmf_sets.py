"""SPMF's text format where several items may share an instant: `1 2 -1 3 -1 -2`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from journeygraph.errors import InputError
from journeygraph.intent.mining import spmf
from journeygraph.intent.mining.sequences import Sequences


def read(path: Path) -> Sequences:
    """The sequences of a file, plain or gzip.

    Raises `InputError`, with file, line and what is wrong there.
    """
    found = []
    for number, tokens in spmf.numbered(spmf.text_of(path), path):
        body = tokens[:-1]
        stops = np.flatnonzero(body == -1)
        sizes = np.diff(stops, prepend=-1) - 1
        if (len(body) and body[-1] != -1) or (sizes < 1).any():
            raise InputError(f"{path}, line {number}: a set has one item at least, and is followed by -1.")
        found.append([part[part >= 0].tolist() for part in np.split(body, stops + 1)[:-1]] if len(body) else [])
    return Sequences.of_sets(found)
