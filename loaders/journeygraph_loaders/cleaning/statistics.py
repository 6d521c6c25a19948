"""The statistics that missing values are filled from: computed once of declared files, frozen in a file.

They are of a sample of rows: those whose ids hash lowest, so that neither order nor split of the rows makes a
difference, and memory is bounded (docs/adr/0007-imputation-is-frozen.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from journeygraph.errors import InputError
from journeygraph_loaders.cleaning.names import text_of
from journeygraph_loaders.cleaning.rules import ImputeRule
from journeygraph_loaders.cleaning.table import holds, numbers, table
from journeygraph_loaders.rows import Row

SAMPLE_ROWS: Final = 100_000
DONORS: Final = 2_000
Scalar = float | int | str | bool


class Statistic(BaseModel):
    """What one field is filled from, and by which rule: a value (of each group), or donors (features, then the field).

    `rows` are the rows of the sample that had a value; features are centred and divided by `scale`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: ImputeRule
    rows: int
    value: Scalar | None = None
    groups: dict[str, Scalar] = Field(default_factory=dict)
    centre: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    donors: tuple[tuple[float | None, ...], ...] = ()


class Statistics(BaseModel):
    """All statistics of a mapping; `rows` is the size of the sample."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = 1
    rows: int
    fields: dict[str, Statistic]


def names_of(rules: Mapping[str, ImputeRule]) -> list[str]:
    """All fields that these rules read; value's currency too, as values in several have nothing in common."""
    names = {name: None for name, rule in rules.items() for name in (name, *rule.neighbours_from, *rule.when)}
    within = [rule.within for rule in rules.values() if rule.within is not None]
    return [*dict.fromkeys([*names, *within, *(["currency"] if "value" in names else [])])]


class Sample:
    """The rows whose ids hash lowest, each id once: the same whatever the order of the rows."""

    def __init__(self, names: Sequence[str], size: int = SAMPLE_ROWS) -> None:
        self._names, self._size = names, size
        self._kept: list[pd.DataFrame] = []
        self._highest = np.iinfo(np.uint64).max

    def add(self, rows: Sequence[Row]) -> None:
        """Look at these rows too."""
        digests = b"".join(blake2b(row.touchpoint_id.encode(), digest_size=8).digest() for row in rows)
        hashes = np.frombuffer(digests, np.uint64)
        low = np.flatnonzero(hashes <= self._highest)
        frame = table([rows[place] for place in low.tolist()], self._names).assign(**{"(hash)": hashes[low]})
        self._kept.append(frame)
        if sum(map(len, self._kept)) > 2 * self._size:
            self._kept = [self.frame()]

    def frame(self) -> pd.DataFrame:
        """The sample, by hash."""
        whole = pd.concat(self._kept, ignore_index=True) if self._kept else table([], [*self._names, "(hash)"])
        found = whole.drop_duplicates("(hash)").sort_values("(hash)").head(self._size).reset_index(drop=True)
        if len(found) == self._size:
            self._highest = found["(hash)"].iloc[-1]
        return found


def fit(batches: Iterable[Sequence[Row]], rules: Mapping[str, ImputeRule], size: int = SAMPLE_ROWS) -> Statistics:
    """The statistics of these rows.

    Raises `InputError` where a field has no values to learn from, or such as have nothing in common.
    """
    asked = {name: rule for name, rule in sorted(rules.items()) if rule.by != "missing"}
    sample = Sample(names_of(asked), size)
    for rows in batches:
        if rows:
            sample.add(rows)
    frame = sample.frame()
    return Statistics(rows=len(frame), fields={name: _fit(name, rule, frame) for name, rule in asked.items()})


def _fit(name: str, rule: ImputeRule, frame: pd.DataFrame) -> Statistic:
    known = frame[holds(frame, rule.when) & ~frame[name].isna().to_numpy(dtype=bool)]
    if known.empty:
        raise InputError(f"No row has a {name}, so there is nothing to fill it from.")
    if rule.by != "mode" and any(isinstance(value, str | bool) for value in known[name]):
        raise InputError(
            f"The {name} is no number ({known[name].iloc[0]!r}), so it has no {rule.by}: `as: number` in `clean:` "
            "makes numbers of text."
        )
    if name == "value" and rule.within != "currency" and len(currencies := set(known["currency"].dropna())) > 1:
        raise InputError(
            f"Values in {' and '.join(sorted(map(str, currencies)))} have no common {rule.by}: say `within: currency`, "
            "or `when: {currency: EUR}`."
        )
    if rule.by == "neighbours":
        return _donors(name, rule, known)
    if rule.within is None:
        return Statistic(rule=rule, rows=len(known), value=_usual(known[name], rule.by))
    grouped = known[~known[rule.within].isna()]
    keys = grouped[rule.within].map(text_of)
    groups = {str(key): _usual(part, rule.by) for key, part in grouped[name].groupby(keys)}
    return Statistic(rule=rule, rows=len(grouped), groups=groups)


def _usual(values: pd.Series, by: str) -> Scalar:
    """Median or mode; of several modes the smallest."""
    from sklearn.impute import SimpleImputer

    if by == "median":
        imputer = SimpleImputer(strategy="median").fit(numbers(values.tolist()).reshape(-1, 1))
        return float(imputer.statistics_[0])
    texts = pd.Series([text_of(value) for value in values], dtype=object)
    mode = SimpleImputer(strategy="most_frequent").fit(texts.to_numpy().reshape(-1, 1)).statistics_[0]
    found: Scalar = next(value for value in values if text_of(value) == mode)  # as it was, number or text
    return found


def _donors(name: str, rule: ImputeRule, known: pd.DataFrame) -> Statistic:
    from sklearn.preprocessing import StandardScaler

    features = np.column_stack([numbers(known[feature].tolist()) for feature in rule.neighbours_from])
    usable = ~np.isnan(features).all(axis=1)
    if not usable.any():
        raise InputError(f"No row that has a {name} has a number in {' or '.join(rule.neighbours_from)}.")
    target = numbers(known[name].tolist())
    scaler = StandardScaler().fit(features[usable])
    donors = np.column_stack([scaler.transform(features), target])[usable][:DONORS]
    rounded = [tuple(None if np.isnan(value) else float(value) for value in donor) for donor in donors]
    centre, scale = (tuple(map(float, np.nan_to_num(part))) for part in (scaler.mean_, scaler.scale_))
    return Statistic(rule=rule, rows=int(usable.sum()), centre=centre, scale=scale, donors=tuple(rounded))


def write(statistics: Statistics, path: Path, *, replace: bool = False) -> None:
    """Freeze statistics in a file.

    Raises `InputError` where there are some already, unless they are to be replaced.
    """
    if path.exists() and not replace:
        raise InputError(
            f"{path} holds frozen statistics already: rows that were stored were filled from them. --replace computes "
            "new ones; to fill stored rows anew, load them into an empty graph."
        )
    path.write_text(statistics.model_dump_json(indent=1, by_alias=True) + "\n", encoding="utf-8")


def read(path: Path, rules: Mapping[str, ImputeRule]) -> Statistics:
    """The frozen statistics for these rules.

    Raises `InputError` where there are none, or those of other rules.
    """
    advice = "`journeygraph cleaning fit PATH... --mapping FILE` computes them once"
    try:
        found = Statistics.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"The mapping fills missing values from {path}, which is not there: {advice}.") from error
    except (OSError, ValidationError) as error:
        raise InputError(f"{path} holds no statistics that can be read ({type(error).__name__}): {advice}.") from error
    for name, rule in rules.items():
        if rule.by != "missing" and (name not in found.fields or found.fields[name].rule != rule):
            raise InputError(
                f"{path} holds no statistics for {name} as the mapping fills it now: {advice}, with --replace."
            )
    return found
