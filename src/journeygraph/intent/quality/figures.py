"""What a model is measured by, as an answer."""

from __future__ import annotations

from journeygraph.answers import Answer


class ReliabilityBin(Answer):
    """Cases whose probability lies in one tenth of 0 to 1: how many, their mean probability, and how many came true."""

    cases: int
    predicted: float
    observed: float


class ModelFigures(Answer):
    """How good the probabilities of one model are on data that it has not seen.

    `auc`: area under the ROC curve, `auc_interval` its 95 % interval by drawing customers (rows of a table) anew, None
    where cases are too many for chance to matter; `average_precision`: under the precision-recall curve; `brier`: mean
    squared error; `f1` at `threshold`; `ece`: expected calibration error, ten bins of equal width, which `reliability`
    holds (empty ones left out).  `precision` and `recall` are those of the band `high`: above `high_above` (precision
    is None where nobody is).  `decile_lift`: the share of conversions in each tenth of the cases, the likeliest first,
    over that of all.
    """

    name: str
    auc: float
    average_precision: float
    brier: float
    f1: float
    ece: float
    threshold: float
    high_above: float = 0.7
    precision: float | None = None
    recall: float | None = None
    decile_lift: tuple[float, ...] = ()
    reliability: tuple[ReliabilityBin, ...] = ()
    auc_interval: tuple[float, float] | None = None

    @property
    def beats_chance(self) -> bool:
        """Whether it ranks better than chance: the whole interval of the AUC lies above 0.5."""
        return self.auc > 0.5 if self.auc_interval is None else self.auc_interval[0] > 0.5
