"""The pairs of a table by Splink 5 on DuckDB, an optional extra: what doesn't fit into memory goes to disk.

Splink (MIT licence) learns Fellegi and Sunter's model as well; which comparisons and blocking rules it is given follows
from the columns (`plan`).  Its pairs are clustered here as those of the own model are, so that no weak bridge joins two
people.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final, Literal

import numpy as np

from journeygraph.errors import UsageError
from journeygraph.identity.linkage.answers import Reason
from journeygraph.identity.linkage.records import NULL, Column
from journeygraph.identity.linkage.scoring import LEAST_PROBABILITY, Scored

Kind = Literal["name", "day", "email", "number", "text", "same"]
_KINDS: Final[Mapping[str, Kind]] = {
    "first_name": "name", "surname": "name", "dob": "day", "email": "email", "phone": "number", "street": "text",
    "house_number": "same", "city": "text", "postcode": "number", "state": "same", "gender": "same",
}  # fmt: skip
#: Up to so many rows a single name is a key: more pairs, fewer missed.
SMALL: Final = 50_000
_PAIRS_FOR_U: Final = 2_000_000
#: What share of the matches the sure rules find, as a guess to begin with.
_RECALL: Final = 0.7


@dataclass(frozen=True)
class Plan:
    """Columns with what they are; the columns that a pair must share to be compared, to be learnt from, to be sure."""

    compared: tuple[tuple[str, Kind], ...]
    blocked: tuple[tuple[str, ...], ...]
    learnt: tuple[tuple[str, ...], ...]
    sure: tuple[tuple[str, ...], ...]


def plan(columns: Sequence[str], rows: int) -> Plan:
    """What Splink is asked, for columns by kind (`records.fields`).

    Raises `UsageError` where the columns aren't enough to learn from.

    >>> plan(["first_name", "surname", "dob"], 10**6).blocked
    (('dob',), ('first_name', 'surname'))
    """
    there = [name for name in columns if name in _KINDS or name.startswith("id:")]
    alone = [name for name in there if name in ("email", "phone", "dob") or name.startswith("id:")]
    names = [name for name in ("first_name", "surname") if name in there]
    places = [name for name in ("postcode", "city") if name in there][:1]
    blocked: list[tuple[str, ...]] = [(name,) for name in alone]
    if rows <= SMALL:
        blocked += [(name,) for name in (*names, *places)]
    else:
        blocked += [tuple(names)] * (len(names) == 2) + [(name, place) for name in names for place in places]
    learnt = [rule for rule in (tuple(names), *((name,) for name in (*alone, *places))) if rule][:3]
    if len(there) < 3 or len(learnt) < 2:
        raise UsageError(
            f"--engine splink needs three columns at least, among them a name and a date of birth, an address or a "
            f"number; there are: {', '.join(columns)}."
        )
    sure: list[tuple[str, ...]] = [(name,) for name in alone if name not in ("dob", "phone")]
    sure += [(name, "dob") for name in names if "dob" in there] or [(*names, name) for name in (*alone, *places)][:1]
    compared = tuple((name, _KINDS.get(name, "number")) for name in there)
    return Plan(compared, tuple(blocked), tuple(learnt), tuple(sure))


def arrow(fields: Mapping[str, Column], names: Sequence[str]) -> Any:
    """The fields as an Arrow table with the row's number: text as it is normalised, null where there is none."""
    import pyarrow as pa

    made = {"row": pa.array(np.arange(len(next(iter(fields.values())).codes), dtype=np.int64))}
    for name in names:
        column = fields[name]
        taken = pa.array(column.codes, mask=column.codes == NULL)
        made[_column(name)] = pa.array(column.values, pa.string()).take(taken)
    return pa.table(made)


def _column(name: str) -> str:
    """A field's name as a column's in SQL.

    >>> _column("id:soc sec"), _column("dob")
    ('id_soc_sec', 'dob')
    """
    return "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in name)


class Splink:
    """Pairs with their odds, and why; made by learning from the table itself.

    Raises `UsageError` where the extra isn't installed.
    """

    def __init__(self, fields: Mapping[str, Column], rows: int) -> None:
        if find_spec("splink") is None:
            raise UsageError(
                "--engine splink needs the extra of that name: pip install 'journeygraph-service[splink]'. "
                "Without it, --engine own does the same."
            )
        self._plan = plan(list(fields), rows)
        self._linker = _linker(self._plan, arrow(fields, [name for name, _ in self._plan.compared]))
        self._pairs: Any = None

    def score(self) -> Scored:
        """The pairs that are not all but impossible."""
        from splink import block_on

        training = self._linker.training
        training.estimate_probability_two_random_records_match(
            [block_on(*map(_column, rule)) for rule in self._plan.sure], recall=_RECALL
        )
        training.estimate_u_using_random_sampling(max_pairs=_PAIRS_FOR_U, seed=1)
        for rule in self._plan.learnt:
            training.estimate_parameters_using_expectation_maximisation(block_on(*map(_column, rule)))
        self._pairs = self._linker.inference.predict(threshold_match_probability=LEAST_PROBABILITY)
        found = self._ask("SELECT row_l, row_r, match_weight FROM pairs ORDER BY row_l, row_r")
        one, other = (found[name].to_numpy().astype(np.int64) for name in ("row_l", "row_r"))
        odds = np.exp2(np.clip(found["match_weight"].to_numpy().astype(np.float64), -60, 60))
        return Scored(np.minimum(one, other), np.maximum(one, other), odds, len(one))

    @property
    def match_share(self) -> float:
        """The share of all pairs that are one person, as it was learnt."""
        return float(self._linker.misc.save_model_to_json()["probability_two_random_records_match"])

    def reasons(self, pairs: Sequence[tuple[int, int]]) -> list[list[Reason]]:
        """Why pairs of rows are one person, in bits, the strongest evidence first."""
        if not pairs:
            return []
        wanted = ", ".join(f"({min(pair)}, {max(pair)})" for pair in pairs)
        found = self._ask(
            f"SELECT * FROM pairs WHERE (least(row_l, row_r), greatest(row_l, row_r)) IN ({wanted})"  # noqa: S608
        )
        by_pair = {tuple(sorted((int(row["row_l"]), int(row["row_r"])))): row for row in found.to_pylist()}
        return [self._told(by_pair[min(pair), max(pair)]) for pair in pairs]

    def _told(self, row: Mapping[str, Any]) -> list[Reason]:
        said = []
        for name, _ in self._plan.compared:
            grade = int(row[f"gamma_{_column(name)}"])
            bits = round(float(row[f"mw_{_column(name)}"]) + float(row.get(f"mw_tf_adj_{_column(name)}") or 0.0), 2)
            if grade >= 0:
                said.append(Reason(aspect=name, grade=f"level {grade}" if grade else "unlike", bits=bits))
        return sorted(said, key=lambda reason: -reason.bits)

    def _ask(self, sql: str) -> Any:
        named = sql.replace("FROM pairs", f"FROM {self._pairs.physical_name}")
        return self._linker.misc.query_sql(named).as_pyarrow_table()


def _linker(asked: Plan, table: Any) -> Any:
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="row",
        comparisons=[_comparison(_column(name), kind) for name, kind in asked.compared],
        blocking_rules_to_generate_predictions=[block_on(*map(_column, rule)) for rule in asked.blocked],
        retain_intermediate_calculation_columns=True,
    )
    return Linker(DuckDBAPI(connection=":temporary:").register(table), settings, log_level=logging.ERROR)


def _comparison(name: str, kind: Kind) -> Any:
    import splink.comparison_library as library

    if kind == "day":
        return library.DateOfBirthComparison(name, input_is_string=True, datetime_format="%Y%m%d")
    if kind == "email":
        return library.EmailComparison(name)
    if kind == "number":
        return library.LevenshteinAtThresholds(name, [1, 2])
    if kind == "same":
        return library.ExactMatch(name)
    made = library.NameComparison(name) if kind == "name" else library.JaroWinklerAtThresholds(name, [0.92, 0.8])
    return made.configure(term_frequency_adjustments=True)
