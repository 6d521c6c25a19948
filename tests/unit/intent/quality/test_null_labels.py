"""Nothing is claimed of outcomes that nothing leads to: a few runs of `benchmarks.null_labels`."""

from __future__ import annotations

from pathlib import Path

from scipy.stats import binom

from benchmarks import null_labels as benchmark
from tests.unit.intent import null_labels

RUNS = 20


def test_shuffled_outcomes_have_no_pattern() -> None:
    found = [null_labels.patterns_found(seed, customers=60, permutations=99)[0] for seed in range(RUNS)]
    assert sum(found) <= binom.ppf(0.999, RUNS, 0.05)


def test_purchases_by_lot_are_not_foretold() -> None:
    model = null_labels.score_of_chance(1)
    chosen = next(one for one in model.figures if one.name == model.chosen)
    assert chosen.auc_interval is not None
    assert chosen.auc_interval[0] <= 0.5
    assert not chosen.beats_chance


def test_scores_against_purchases_by_lot_are_no_better_than_chance() -> None:
    found = [null_labels.figures_of_chance(seed) for seed in range(30)]
    assert sum(benchmark.excludes(one) for one in found) <= binom.ppf(0.999, 30, 0.05)
    assert 0 < sum(one.auc > 0.5 for one in found) < 30


def test_a_measurement_goes_on_where_it_was(tmp_path: Path) -> None:
    asked: list[int] = []

    def measure(seed: int) -> dict[str, bool]:
        asked.append(seed)
        return {"claimed": seed == 0}

    kept = tmp_path / "kept.jsonl"
    benchmark.repeated(measure, 2, kept)
    again = benchmark.repeated(measure, 3, kept)
    assert asked == [0, 1, 2]
    assert again == [{"claimed": True}, {"claimed": False}, {"claimed": False}]
    assert "| claimed | 1 of 3 | 33.3% " in benchmark.report({"patterns": again})
