"""What a proof claims where rows could not be counted."""

from __future__ import annotations

from journeygraph_loaders.proving import FigureName, ProvedFigure, _by_reader, _figure
from journeygraph_loaders.tracing import FileTrace

NAMES: tuple[FigureName, ...] = ("rows", "value", "customers")
#: One stored row of 20.0, and one in quarantine whose amount and customer nobody read.
FOUND = FileTrace(
    file="till.csv", sha256="", received=2, counts={"stored": 1, "duplicate": 0, "quarantined": 1, "missing": 0},
    value={"stored": 20.0, "duplicate": 0.0, "quarantined": 0.0, "missing": 0.0},
    customers={"stored": 1, "duplicate": 0, "quarantined": 0, "missing": 0}, rows=(), bad_places=(1,),
)  # fmt: skip
AFTER = {"rows": 1, "value": 20.0, "customers": 1}


def figures(before: dict[str, float] | None) -> list[ProvedFigure]:
    """All figures, counted by pandas before, or by the reader."""
    return [_figure(name, before or _by_reader(FOUND), AFTER, FOUND, before) for name in NAMES]


def test_the_reader_claims_no_proof_of_money_that_lies_in_quarantine() -> None:
    assert [(one.uncounted, one.holds) for one in figures(None)] == [(0, True), (1, False), (1, False)]


def test_pandas_counts_each_row() -> None:
    before = {"rows": 2.0, "value": 120.0, "customers": 2.0, "value of bad rows": 100.0, "customers of bad rows": 1.0}
    assert all(one.holds and not one.uncounted for one in figures(before))
