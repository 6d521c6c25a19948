"""DSFinV-K: the receipts of a till, as German law has every till export them (`transactions.csv`, the "Bonkopf").

Documented in "Digitale Schnittstelle der Finanzverwaltung fuer Kassensysteme" (DSFinV-K, Anhang: Bonkopf).  A receipt
is one touchpoint; positions (`lines.csv`) are not read.

- Its id is till, closing and receipt (`Z_KASSE_ID`, `Z_NR`, `BON_ID`); its time `BON_ENDE`, else `BON_START`.
- A receipt that names no customer (`KUNDE_ID`) is its own visitor.  Names and addresses are not taken.
- `BON_TYP` is the step; a receipt with `BON_STORNO` 1 is the step `Storno`.  Training receipts (`AVTraining`) are
  left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from journeygraph_loaders.sources.base import Document, Flat, Sample, Source, present

_MARKS: Final = ("Z_KASSE_ID", "Z_NR", "BON_ID", "BON_TYP", "BON_START", "UMS_BRUTTO")
_KEPT: Final = (
    "Z_KASSE_ID", "Z_NR", "BON_ID", "BON_NR", "BON_TYP", "BON_NAME", "TERMINAL_ID", "UMS_BRUTTO", "KUNDE_ID",
    "KUNDE_TYP", "KUNDE_LAND",
)  # fmt: skip


def recognise(sample: Sample) -> str | None:
    """Why these are till receipts, or None."""
    if sample.has(*_MARKS):
        return "it has the columns BON_ID, BON_TYP, BON_START and UMS_BRUTTO of DSFinV-K's transactions.csv"
    return None


def rows(receipt: Document, _: Document) -> Iterator[Flat]:
    """The touchpoint of a receipt."""
    if receipt.get("BON_TYP") == "AVTraining":
        return
    key = ":".join(str(receipt.get(name) or "") for name in ("Z_KASSE_ID", "Z_NR", "BON_ID"))
    cancelled = str(receipt.get("BON_STORNO")).strip() == "1"
    yield present(
        {
            **{name: receipt.get(name) for name in _KEPT},
            "key": key if receipt.get("BON_ID") else None,
            "visitor": None if receipt.get("KUNDE_ID") else key,
            "step": "Storno" if cancelled else receipt.get("BON_TYP"),
            "happened_at": receipt.get("BON_ENDE") or receipt.get("BON_START"),
        }
    )


SOURCE: Final = Source("dsfinvk", "DSFinV-K till receipts", recognise, rows)
