"""Where there is nothing to find: how often patterns, scores and model cards say that there is.

Outcomes that are shuffled, or drawn by lot, go through what a user calls: patterns with their family-wise p-values,
training of a model that chooses, calibrates and measures itself, and the groups of its card.  With `--kept` each run is
kept in a file as soon as it is done, so that a broken-off measurement goes on where it was.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from scipy.stats import binomtest

from benchmarks import page
from journeygraph.intent.quality.figures import ModelFigures
from tests.unit.intent import null_labels, null_scores

Claims = dict[str, bool]


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--trained", type=int, default=200, help="models trained from the beginning")
    parser.add_argument("--cards", type=int, default=200, help="model cards with groups by lot")
    parser.add_argument("--kept", type=Path, help="files of that name hold what was measured so far")
    parser.add_argument("--only", choices=["patterns", "scores", "training", "cards"], default=None)
    given = parser.parse_args()
    wanted = {
        "patterns": (patterns, given.runs),
        "scores": (scores, given.runs),
        "training": (training, given.trained),
        "cards": (cards, given.cards),
    }
    found: dict[str, list[Claims]] = {}
    for name, (measure, runs) in wanted.items():
        if given.only in (None, name):
            found[name] = repeated(measure, runs, given.kept and given.kept.with_suffix(f".{name}.jsonl"))
    if given.only is None:
        page.replace("null_labels", report(found))
    else:
        print(report(found))


def repeated(measure: Callable[[int], Claims], runs: int, kept: Path | None) -> list[Claims]:
    """What each run claimed, by its seed; those that `kept` holds are not run again."""
    if kept is None:
        return [measure(seed) for seed in range(runs)]
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.is_file() else []
    found: list[Claims] = [json.loads(line) for line in lines][:runs]
    with kept.open("a", encoding="utf-8") as file:
        for seed in range(len(found), runs):
            found.append(measure(seed))
            print(json.dumps(found[-1]), file=file, flush=True)
    return found


def patterns(seed: int) -> Claims:
    """Shuffled outcomes of 300 journeys."""
    family_wise, discovered = null_labels.patterns_found(seed)
    return {"any pattern, family-wise p up to 0.05": family_wise, "any pattern, q up to 0.05": discovered}


def scores(seed: int) -> Claims:
    """Scores of one model against purchases by lot."""
    return _claims("scores", null_labels.figures_of_chance(seed))


def training(seed: int) -> Claims:
    """A model trained on a shop with purchases by lot."""
    model = null_labels.score_of_chance(seed)
    return _claims("a trained model", next(one for one in model.figures if one.name == model.chosen))


def _claims(what: str, figures: ModelFigures) -> Claims:
    interval = f"{what}: the interval of the AUC leaves out 0.5"
    return {f"{what}: beats chance": figures.beats_chance, interval: excludes(figures)}


def cards(seed: int) -> Claims:
    """Right scores of 250 customers in 17 groups by lot."""
    return {"any group or span of time of a card is flagged": null_scores.flagged(250, seed)}


def excludes(figures: ModelFigures) -> bool:
    """Whether 0.5 lies outside the interval, on either side."""
    low, high = figures.auc_interval or (0.0, 1.0)
    return not low <= 0.5 <= high


def report(found: dict[str, list[Claims]]) -> str:
    """The table: how often each claim was made, and whether that is more often than in 5 of 100 runs."""
    rows = []
    for runs in found.values():
        for claim in runs[0]:
            made = sum(one[claim] for one in runs)
            more = binomtest(made, len(runs), 0.05, alternative="greater").pvalue
            low, high = binomtest(made, len(runs)).proportion_ci(method="wilson")
            rows.append([claim, f"{made} of {len(runs):,}", f"{made / len(runs):.1%} ({low:.1%} to {high:.1%})"])
            rows[-1].append(f"{more:.2g}")
    return page.table(["claim", "made", "share (95 % interval)", "p of more than 5 %"], rows)


if __name__ == "__main__":
    main()
