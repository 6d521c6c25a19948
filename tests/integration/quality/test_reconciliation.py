"""Files and totals against the graph; what is missing is listed, what differs is explained, stages agree."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from journeygraph.graph import Graph
from journeygraph.privacy.erase import erase
from journeygraph.quality import totals
from journeygraph.quality.dictionary import dictionary
from journeygraph.quality.stages import stages
from journeygraph.quality.totals import Total
from journeygraph.quality.waiting import Which
from journeygraph_loaders import mapping as mappings
from journeygraph_loaders import pipeline
from journeygraph_loaders.cleaning import fitting
from journeygraph_loaders.proving import prove
from journeygraph_loaders.reading import Options
from journeygraph_loaders.replay import replay
from journeygraph_loaders.tracing import trace, waiting
from tests.support import execute

pytestmark = pytest.mark.graph

MAPPING = mappings.parse(
    'source: till\ntimezone: Europe/Berlin\ndecimal: ","\ncolumns: {customer_id: {column: Kunde, prefix: "k-"}, '
    "step: Was, occurred_at: Wann, touchpoint_id: Nr, value: Betrag}"
)
#: 1 and 2 are stored, 3 comes twice, 4 has no time, 5 too many fields, 1 comes again as somebody else's.
TILL = (
    "Nr;Kunde;Was;Wann;Betrag;Filiale\n"
    "1;anna;purchase;2026-01-31T23:30:00+01:00;1.234,50;Mitte\n2;ben;purchase;2026-02-01T00:30:00+01:00;7,5;Mitte\n"
    "3;ben;return;2026-02-01T10:00:00+01:00;-7,5;Mitte\n3;ben;return;2026-02-01T10:00:00+01:00;-7,5;Mitte\n"
    "4;carl;purchase;tomorrow;100;Mitte\n5;dora;purchase;2026-02-02T10:00:00+01:00;9;Mitte;x\n"
    "1;emil;purchase;2026-02-03T10:00:00+01:00;1;Mitte\n"
)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """A till's file, and a packed file of JSON Lines that repeats one of its rows."""
    till, web = tmp_path / "till.csv", tmp_path / "web.gz"
    till.write_text(TILL)
    rows = [
        {"touchpoint_id": "w1", "customer_id": "anna", "step": "view", "occurred_at": "2026-01-30T10:00:00Z"},
        {"touchpoint_id": "2", "customer_id": "k-ben", "step": "purchase", "occurred_at": "2026-01-31T23:30:00Z"},
        {"touchpoint_id": "w2", "anonymous_id": "v", "step": "view", "occurred_at": "2026-01-30T11:00:00Z", "value": 2},
    ]
    web.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    return [till, web]


@pytest.fixture
def loaded(graph: Graph, files: list[Path], tmp_path: Path) -> Graph:
    pipeline.load(graph, [files[0]], home=tmp_path, mapping=MAPPING)
    pipeline.load(graph, [files[1]], home=tmp_path, source="web")
    return graph


def test_each_row_is_found_or_told(loaded: Graph, files: list[Path], tmp_path: Path) -> None:
    (found,) = trace(loaded, [files[0]], Options(MAPPING))
    assert found.counts == {"stored": 3, "duplicate": 1, "quarantined": 3, "missing": 0}
    assert [(row.state, row.line, row.touchpoint_id) for row in found.rows] == [
        ("quarantined", 6, None), ("quarantined", 7, None), ("quarantined", 8, "1"),
    ]  # fmt: skip
    assert "belongs already to another touchpoint" in found.rows[2].reason
    assert sorted((row.file, row.line) for row in waiting(tmp_path)) == [(row.file, row.line) for row in found.rows]
    execute(loaded, "MATCH (t:Touchpoint {touchpoint_id: '3'}) DETACH DELETE t")
    (found,) = trace(loaded, [files[0]], Options(MAPPING))
    assert found.counts == {"stored": 2, "duplicate": 0, "quarantined": 3, "missing": 2}
    assert [(row.line, row.touchpoint_id) for row in found.rows if row.state == "missing"] == [(4, "3"), (5, "3")]


def test_a_migration_is_proved_and_a_lost_touchpoint_disproves_it(loaded: Graph, files: list[Path]) -> None:
    proof = prove(loaded, [files[0]], Options(MAPPING))
    figures = {one.figure: one for one in proof.files[0].figures}
    assert proof.files[0].counted_by == "pandas"
    assert {name: (one.before, one.after, one.duplicate, one.quarantined) for name, one in figures.items()} == {
        "rows": (7, 3, 1, 3),
        "value": (1337.0, 1234.5, -7.5, 110.0),
        "customers": (5, 2, 0, 3),
    }
    assert proof.holds
    web = prove(loaded, [files[1]], Options(source="web")).files[0]
    assert [(one.before, one.after, one.duplicate) for one in web.figures] == [(3, 2, 1), (2, 2, 0), (3, 2, 1)]
    assert (web.holds, web.counted_by) == (True, "pandas")
    execute(loaded, "MATCH (t:Touchpoint {touchpoint_id: '1'}) SET t.value = 1000.0")
    broken = prove(loaded, [files[0]], Options(MAPPING))
    assert (broken.holds, [one.figure for one in broken.files[0].figures if not one.holds]) == (False, ["value"])
    execute(loaded, "MATCH (t:Touchpoint {touchpoint_id: '2'}) DETACH DELETE t")
    lost = prove(loaded, [files[0]], Options(MAPPING)).files[0].figures[0]
    assert (lost.missing, lost.unexplained, lost.holds) == (1, 0, False)


def test_totals_by_day_are_those_of_the_time_zone(loaded: Graph) -> None:
    stated = [Total(source="till", day="2026-01-31", rows=1, value=1234.5, customers=1),
              Total(source="till", day="2026-02-01", rows=2, value=0.0, customers=1)]  # fmt: skip
    assert totals.compare(loaded, stated, timezone="Europe/Berlin").off == 0
    there = totals.compare(loaded, stated, timezone="UTC")
    assert there.off > 0
    assert loaded.run(there.browser_text.rstrip(";"), {})  # type: ignore[arg-type]


def test_stages_agree_whatever_happens(loaded: Graph, files: list[Path], tmp_path: Path) -> None:
    assert stages(loaded, tmp_path).agrees
    pipeline.load(loaded, files, home=tmp_path, mapping=MAPPING)
    (tmp_path / "none.csv").write_text("customer_id,step,occurred_at\nx,view,2026-01-01 10:00\n")
    pipeline.load(loaded, [tmp_path / "none.csv"], home=tmp_path)
    replay(loaded, tmp_path, which=Which(file="none.csv"), timezone="UTC")
    found = stages(loaded, tmp_path)
    assert found.agrees
    assert all(check.agrees for check in found.checks)
    erase(loaded, tmp_path, "k-ben")
    erased = stages(loaded, tmp_path)
    assert erased.agrees
    (told,) = [check for check in erased.checks if not check.agrees]
    assert told.explained == "2 fewer: 2 of erased persons, of the loads that their proofs name"
    erase(loaded, tmp_path, "k-anna", mode="anonymise")
    nobody = stages(loaded, tmp_path)
    assert nobody.agrees
    (told,) = [check for check in nobody.checks if check.explained]
    assert told.left_count - told.right_count == 2
    assert told.note == "1 of them anonymised: still held, of no file any more"
    execute(loaded, "MATCH (t:Touchpoint {touchpoint_id: 'w1'}) DETACH DELETE t")
    lossy = stages(loaded, tmp_path)
    assert not lossy.agrees
    (told,) = [check for check in lossy.checks if check.stage == "validated to stored"]
    assert told.explained is None
    assert "has lost 1 that no proof tells of" in str(told.note)


def test_every_property_is_described_and_leads_to_its_file(loaded: Graph, tmp_path: Path) -> None:
    found = dictionary(loaded, tmp_path)
    by_name = {(one.kind, one.property): one for one in found.entries}
    assert {place for place, one in by_name.items() if one.meaning == "not described"} == set()
    held = {
        (row["label"], row["property"]): row["n"]
        for row in execute(
            loaded, "MATCH (n) UNWIND keys(n) AS property RETURN head(labels(n)) AS label, property, count(*) AS n"
        )
    }
    assert {place: one.filled for place, one in by_name.items() if place in held} == {
        place: count for place, count in held.items() if place[0] not in ("Migration", "WebVisit")
    }
    value, branch = by_name["Touchpoint", "value"], by_name["Touchpoint", "p_filiale"]
    assert (value.filled, value.of, value.types) == (4, 5, ("FLOAT",))
    assert [(one.source, one.file, one.column, one.filled, one.first_line, one.last_line) for one in value.origins] == [
        ("till", "till.csv", "Betrag", 3, 2, 4), ("web", "web.gz", None, 1, 3, 3),
    ]  # fmt: skip
    assert (branch.example, branch.personal) == ("Aaaaa", False)
    assert by_name["Customer", "customer_id"].example is None
    assert "anna" not in found.model_dump_json()


CLEANED = mappings.parse(
    """
source: web
timezone: Europe/Berlin
clean:
  occurred_at: {as: date, order: DMY}
  customer_id: {case: lower}
  value: {trim: "€"}
  land: {as: country, languages: [de]}
  size: {as: category, values: {small: [s]}, otherwise: empty}
"""
)
#: anna is written in two ways; a value has a sign; a country nobody knows; a row comes twice; a time comes twice.
UNTIDY = (
    "customer_id,step,occurred_at,value,land,size\n"
    "Anna,buy,01/02/2026 10:00,20,Deutschland,s\nANNA,buy,02/02/2026 10:00,5.5,DE,huge\n"
    "ben,buy,2026-02-03T10:00+01:00,€7,AT,small\nben,buy,2026-02-03T10:00+01:00,€7,AT,small\n"
    "carl,buy,04/02/2026 10:00,100,Atlantis,small\ndora,buy,25/10/2026 02:30,50,DE,small\n"
)


def test_a_proof_says_which_rule_changed_which_values(graph: Graph, tmp_path: Path) -> None:
    path = tmp_path / "untidy.csv"
    path.write_text(UNTIDY, encoding="utf-8")
    pipeline.load(graph, [path], home=tmp_path, mapping=CLEANED)
    (file,) = prove(graph, [path], Options(CLEANED)).files
    told = {one.figure: one.model_dump(exclude={"figure", "holds", "uncounted"}) for one in file.figures}
    names = ("before", "after", "duplicate", "quarantined", "missing", "cleaned", "unexplained")
    assert {name: tuple(one[key] for key in names) for name, one in told.items()} == {
        "rows": (6, 3, 1, 2, 0, 0, 0),
        # Pandas reads no number in €7, which was cleaned twice: 14 more than before.
        "value": (175.5, 32.5, 7.0, 150.0, 0, -14.0, 0),
        "customers": (5, 2, 0, 2, 0, 1, 0),
    }
    assert (file.counted_by, file.holds) == ("pandas", True)
    assert [(one.field, one.changed, one.of) for one in file.changes] == [
        ("occurred_at", 2, 4), ("customer_id", 2, 4), ("value", 2, 4), ("land", 1, 4), ("size", 2, 4),
    ]  # fmt: skip
    by_field = {one.field: one for one in file.changes}
    assert by_field["land"].rule == "{as: country, languages: [de]}"
    assert [(one.line, one.before, one.after) for one in by_field["customer_id"].examples] == [
        (2, "Anna", "anna"), (3, "ANNA", "anna"),
    ]  # fmt: skip
    assert [(one.before, one.after) for one in by_field["size"].examples] == [("s", "small"), ("huge", None)]
    assert by_field["occurred_at"].examples[0].after == "2026-02-01T09:00:00Z"
    execute(graph, "MATCH (t:Touchpoint {value: 7.0}) SET t.value = 8.0")
    broken = prove(graph, [path], Options(CLEANED)).files[0]
    assert [(one.figure, one.unexplained) for one in broken.figures if not one.holds] == [("value", -1.0)]


def test_a_proof_knows_what_was_filled_in(graph: Graph, tmp_path: Path) -> None:
    path, mapping = tmp_path / "gaps.csv", tmp_path / "gaps.yaml"
    path.write_text(
        "touchpoint_id,customer_id,step,occurred_at,value,age\n1,a,buy,2026-01-01T00:00Z,4,30\n"
        "2,b,buy,2026-01-02T00:00Z,,\n3,c,buy,2026-01-03T00:00Z,8,50\n"
    )
    mapping.write_text("impute: {value: {by: median}, age: {by: median}}\nclean: {age: {as: number}}\n"
                       "statistics: gaps.statistics.json\n")  # fmt: skip
    fitting.fit([path], mapping, replace=True)
    pipeline.load(graph, [path], home=tmp_path, mapping=mapping)
    (file,) = prove(graph, [path], Options(mappings.load(mapping))).files
    value = {one.figure: one for one in file.figures}["value"]
    assert (value.before, value.after, value.cleaned, value.unexplained, file.holds) == (12, 18, -6, 0, True)
    assert [(one.field, one.rule, one.changed, one.of) for one in file.changes] == [
        ("age", "{as: number}", 0, 2), ("value", "impute {by: median}", 1, 1), ("age", "impute {by: median}", 1, 1),
    ]  # fmt: skip
    assert [(one.line, one.before, one.after) for one in file.changes[1].examples] == [(3, None, "6.0")]
