"""How well each strategy foretells the next item, on sequences that began after all that it learned from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from journeygraph.answers import Answer
from journeygraph.errors import UsageError
from journeygraph.recommend.sequences import Codes, Sequences
from journeygraph.recommend.strategies import BASELINES, learn
from journeygraph.recommend.strategies.base import Strategy, ranking

TEST_SHARE = 0.2
#: The choice among strategies looks at no more cases than these.
_MOST_CHOOSING = 5_000


class StrategyFigures(Answer):
    """Means over all cases, each with one item to foretell.

    `hit_rate`: it is among the first K; `recall` is the same then, `precision` a K-th of it.  `mrr`: 1 / its rank, 0
    beyond K; `ndcg`: 1 / log2(rank + 1), likewise.  `coverage`: share of the training's items that were recommended.
    """

    name: str
    hit_rate: float
    mrr: float
    ndcg: float
    precision: float
    recall: float
    coverage: float


class RecommendEvaluation(Answer):
    """Figures of each strategy, and the one that was best on the last part of the training data (by `mrr`)."""

    split: str
    sessions: int
    train_sessions: int
    cases: int
    unknown_items: int
    k: int
    strategies: list[StrategyFigures]
    chosen: str


def evaluate(
    train: Iterable[Sequence[str]], test: Iterable[Sequence[str]], *, names: Sequence[str] = (), k: int, split: str
) -> RecommendEvaluation:
    """Learn from the first, measure on the second: every position after the first of every test sequence is a case.

    Both are in order of time.  An item that the training never had can't be foretold: such a case is a miss, and such
    an item in a history is passed over.  The baselines are always measured beside `names`.
    """
    learned = Sequences.from_lists(train)
    unseen = [list(sequence) for sequence in test]
    cases = _cases(learned, unseen)
    if not len(learned) or not cases:
        raise UsageError(
            f"There is too little to measure: {len(learned)} sequences to learn from and {len(cases)} cases to "
            "foretell; a case is a position after the first of a test sequence."
        )
    wanted = list(dict.fromkeys([*BASELINES, *names]))
    return RecommendEvaluation(
        split=split,
        sessions=len(unseen),
        train_sessions=len(learned),
        cases=len(cases),
        unknown_items=sum(target < 0 for _, target in cases),
        k=k,
        strategies=[measure(learn(name, learned), cases, k, learned.n_items) for name in wanted],
        chosen=choose(learned, wanted, k),
    )


def temporal_split(lists: Sequence[Sequence[str]]) -> tuple[Sequence[Sequence[str]], Sequence[Sequence[str]]]:
    """The earlier four fifths and the last fifth of sequences in order of time."""
    bound = len(lists) - int(len(lists) * TEST_SHARE)
    return lists[:bound], lists[bound:]


def choose(sequences: Sequences, names: Sequence[str], k: int) -> str:
    """The strategy with the best `mrr` on the last fifth, learned from the rest."""
    bound = len(sequences) - int(len(sequences) * TEST_SHARE)
    later = sequences.take(bound, len(sequences))
    cases = [
        (later.codes[begin:place], int(later.codes[place]))
        for begin, end in zip(later.offsets[:-1], later.offsets[1:], strict=True)
        for place in range(int(begin) + 1, int(end))
    ][:_MOST_CHOOSING]
    if not cases:
        return names[0]
    earlier = sequences.take(0, bound)
    found = [measure(learn(name, earlier), cases, k, earlier.n_items) for name in names]
    return max(found, key=lambda figures: figures.mrr).name


Case = tuple[Codes, int]  # history, and the item to foretell (-1: not known)


def measure(strategy: Strategy, cases: Sequence[Case], k: int, n_items: int) -> StrategyFigures:
    """Figures of one strategy over the cases."""
    known: dict[bytes, Codes] = {}
    recommended = np.zeros(n_items, dtype=np.bool_)
    ranks = np.full(len(cases), np.inf)
    for number, (history, target) in enumerate(cases):
        used = history if strategy.memory is None else history[len(history) - min(strategy.memory, len(history)) :]
        key = used.tobytes()
        if key not in known:
            if len(known) > 100_000:
                known.clear()
            known[key] = ranking(strategy, used, k)[0]
            recommended[known[key]] = True
        place = np.flatnonzero(known[key] == target)
        if len(place):
            ranks[number] = place[0] + 1
    hit_rate = float(np.mean(ranks <= k))
    return StrategyFigures(
        name=strategy.name,
        hit_rate=hit_rate,
        mrr=float(np.mean(1 / ranks)),
        ndcg=float(np.mean(1 / np.log2(ranks + 1))),
        precision=hit_rate / k,
        recall=hit_rate,
        coverage=float(np.mean(recommended)),
    )


def _cases(learned: Sequences, lists: Sequence[Sequence[str]]) -> list[Case]:
    found: list[Case] = []
    for items in lists:
        codes = np.array([learned.index.get(item, -1) for item in items], dtype=np.int64)
        for place in range(1, len(codes)):
            history = codes[:place]
            found.append((history[history >= 0], int(codes[place])))
    return found
