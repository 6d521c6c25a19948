"""Which loads lost touchpoints to an erasure or to retention, as the proofs in the home tell."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Erased:
    """Touchpoints that went with a proof: by load, of erased persons and by retention.

    `unplaced` went by proofs that do not say of which load (`proofs` of them): those of former versions.
    """

    persons: Counter[str] = field(default_factory=Counter)
    retention: Counter[str] = field(default_factory=Counter)
    unplaced: int = 0
    proofs: int = 0

    def add(self, statement: dict[str, Any]) -> None:
        """Count a proof's statement.  Whoever became nobody is still in the graph, and no touchpoint went."""
        total = int(statement["removed"].get("touchpoints", 0))
        if statement.get("mode") == "anonymise" or not total:
            return
        placed = Counter({str(load): int(count) for load, count in statement.get("removed_by_load", {}).items()})
        (self.retention if statement.get("mode") == "retention" else self.persons).update(placed)
        if total > placed.total():
            self.unplaced += total - placed.total()
            self.proofs += 1


@dataclass(frozen=True)
class LoadCounts:
    """Touchpoints of the files of one load: stored by it, held now, and anonymised (held, though of no file)."""

    batch_id: str
    stored: int
    held: int
    anonymised: int


@dataclass(frozen=True)
class Balance:
    """All loads together; `note` says what is off, `explained` what makes the counts differ though nothing is."""

    stored: int
    held: int
    agrees: bool
    explained: str | None
    note: str | None


def erased(home: Path) -> Erased:
    """What the proofs of erasure in this home tell; what is no proof is left out."""
    found = Erased()
    for path in sorted((home / "privacy" / "proofs").glob("*.json")):
        try:
            found.add(json.loads(path.read_text(encoding="utf-8"))["statement"])
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            continue
    return found


def balance(loads: Sequence[LoadCounts], gone: Erased) -> Balance:
    """Hold what each load stored against what is held; a proof explains no more than the load it names has lost.

    >>> balance([LoadCounts("b1", 5, 3, 0)], Erased(persons=Counter(b1=2))).explained
    '2 fewer: 2 of erased persons, of the loads that their proofs name'
    >>> balance([LoadCounts("b1", 5, 3, 0)], Erased(persons=Counter(b2=2))).note
    'load b1 has lost 2 that no proof tells of'
    """
    persons = retained = anonymised = 0
    lost: Counter[str] = Counter()
    surplus: Counter[str] = Counter()
    for load in loads:
        left = load.stored - load.held
        surplus[load.batch_id] = max(-left, 0)
        for_nobody = min(max(left, 0), load.anonymised)
        of_persons = min(max(left, 0) - for_nobody, gone.persons[load.batch_id])
        by_retention = min(max(left, 0) - for_nobody - of_persons, gone.retention[load.batch_id])
        lost[load.batch_id] = max(left, 0) - for_nobody - of_persons - by_retention
        anonymised, persons, retained = anonymised + for_nobody, persons + of_persons, retained + by_retention
    stored, held = sum(load.stored for load in loads), sum(load.held for load in loads) + anonymised
    exactly = 0 < lost.total() == gone.unplaced
    fine = not surplus.total() and (exactly or not lost.total())
    return Balance(
        stored=stored, held=held, agrees=fine and stored == held,
        explained=_explained(persons, retained, gone.unplaced if exactly else 0) if fine and stored != held else None,
        note=_anonymised(anonymised) if fine else _off(lost, surplus, gone),
    )  # fmt: skip


def _explained(persons: int, retained: int, unplaced: int) -> str:
    parts = []
    if persons:
        parts.append(f"{persons:,} of erased persons")
    if retained:
        parts.append(f"{retained:,} kept no longer (retention)")
    where = ", of the loads that their proofs name" if parts else ""
    if unplaced:
        where += f"{' and ' if parts else ''}exactly the {unplaced:,} of proofs that name no load"
    return f"{persons + retained + unplaced:,} fewer: {' and '.join(parts)}{where}"


def _anonymised(count: int) -> str | None:
    return f"{count:,} of them anonymised: still held, of no file any more" if count else None


def _off(lost: Counter[str], surplus: Counter[str], gone: Erased) -> str:
    told = [f"load {load} has lost {count:,} that no proof tells of" for load, count in lost.items() if count]
    told += [f"load {load} has {count:,} more than it stored" for load, count in surplus.items() if count]
    if gone.unplaced and lost.total():
        told.append(f"up to {gone.unplaced:,} may have been erased by {gone.proofs:,} proofs that name no load")
    return "; ".join(told)
