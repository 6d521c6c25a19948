"""What is kept of rows that cannot be stored, where a privacy policy or an erasure says that less is."""

from __future__ import annotations

from pathlib import Path

from journeygraph.privacy import policy
from journeygraph.privacy.suppression import Suppressions
from journeygraph.quality import waiting
from journeygraph.quality.waiting import Which
from journeygraph_loaders.chunks import BadRow
from journeygraph_loaders.contracts import Contracts
from journeygraph_loaders.quarantine import Quarantine
from tests.unit.loaders.helpers import as_jsonl, read, write

ROW = {"customer_id": "c", "step": "view", "occurred_at": "2026-01-01T00:00:00Z", "email": "ann@x.de", "note": "hi"}


def refused(home: Path, sources: str) -> BadRow:
    """A row that its source's contract discards, under a policy."""
    policy.declare(home, write(home / "policy.yaml", f"sources: {sources}"))
    mapping = "source: shop\ncontract: discard_row"
    for rows in ([ROW], [{**ROW, "shade": "red"}]):
        contracts = Contracts(home)
        file = write(home / "rows.jsonl", as_jsonl(rows))
        _, bad, _ = read(file, mapping=mapping, contracts=contracts, suppressed=Suppressions(home))
        contracts.save()
    [row] = bad
    return row


def test_a_row_that_a_contract_discards_is_kept_as_the_policy_lets_it(tmp_path: Path) -> None:
    row = refused(tmp_path, "{'*': {pseudonymise: [email]}}")
    assert row.whole
    assert {name: row.fields[name] for name in ("customer_id", "note", "shade")} == {
        "customer_id": "c", "note": "hi", "shade": "red",
    }  # fmt: skip
    assert row.fields["email"] not in (None, ROW["email"])
    assert row.value == "red"


def test_what_is_not_on_the_list_is_not_kept_of_it_either(tmp_path: Path) -> None:
    row = refused(tmp_path, "{shop: {keep: [email]}}")
    assert row.whole
    assert {name for name, value in row.fields.items() if value is not None} == {
        "customer_id", "step", "occurred_at", "email",
    }  # fmt: skip
    assert row.value is None


def test_rows_of_which_nothing_is_kept_are_told_apart_by_their_places(tmp_path: Path) -> None:
    def row(file: str, line: int) -> BadRow:
        return BadRow(file, line, None, None, "It is about somebody who was erased.", {}, whole=False)

    for batch in ("b1", "b2"):
        with Quarantine(tmp_path, batch) as quarantine:
            quarantine.add([row("web.csv", 51), row("again.csv", 2), row("again.csv", 3)])
    found = [(entry.file, entry.line, entry.seen) for entry in waiting.entries(tmp_path)]
    assert found == [("web.csv", 51, 2), ("again.csv", 2, 2), ("again.csv", 3, 2)]
    assert len(waiting.entries(tmp_path, Which(file="again*"))) == 2
