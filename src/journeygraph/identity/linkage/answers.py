"""What resolving a table says."""

from __future__ import annotations

from typing import Literal

from journeygraph.answers import Answer


class Reason(Answer):
    """One aspect of a pair: its grade, and the bits of evidence that this is for (or, negative, against) one person."""

    aspect: str
    grade: str
    bits: float


class TableMerge(Answer):
    """Two clusters of records that became one: the two most alike records between them, with evidence for these."""

    merge_id: str
    record: str
    other: str
    confidence: float
    evidence: list[Reason]


class TableBridge(Answer):
    """Two records that look like one person in clusters that don't; the clusters were kept apart."""

    record: str
    other: str
    probability: float
    cluster_records: int
    other_cluster_records: int
    why: str


class OversizeBlock(Answer):
    """Records that share a value which too many share: each was compared with its nearest neighbours only."""

    key: str
    value: str
    records: int


class Grade(Answer):
    """What the model learnt about a grade: `m` its share among pairs of one person, `u` among pairs of two."""

    aspect: str
    grade: str
    m: float
    u: float
    bits: float


class TableHousehold(Answer):
    """People who live together, each named by one record; the least sure of them does so with this confidence.

    `evidence` is that of the two most alike records of two of them: only what a household shares.
    """

    household_id: str
    people: list[str]
    records: int
    confidence: float
    evidence: list[Reason]


class TableResolution(Answer):
    """Who is one person in a table; `new_records` were compared where others were known already.

    `precision`, `recall` and `f1` are over pairs of records, after clustering; None without a truth.  `merges` and
    `bridges` are the first ones of `merged` and `bridged`; `expected_precision` is what the merges' own confidence
    says.  `warnings`: what of the table makes the answer worse than it could be.  `households` are the first of
    `households_found`, in which `housed` people live; None where not asked for.
    """

    records: int
    clusters: int
    precision: float | None
    recall: float | None
    f1: float | None
    threshold: float
    candidate_pairs: int
    new_records: int | None = None
    match_share: float
    columns: dict[str, str]
    ignored: list[str]
    warnings: list[str]
    merged: int
    largest_cluster: int
    merges: list[TableMerge]
    bridged: int
    bridges: list[TableBridge]
    households_found: int | None = None
    housed: int | None = None
    households: list[TableHousehold] | None = None
    blocked_values: int
    oversize_blocks: list[OversizeBlock]
    model: list[Grade]
    engine: Literal["own", "splink"] = "own"
    seconds: float
    records_per_second: float
