"""What the bulk load keeps on disk: parts, duplicates, and columns of properties whose values have several types."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from journeygraph_loaders.bulk.dividing import Divided
from journeygraph_loaders.bulk.duplicates import SeenIds, find_repeated
from journeygraph_loaders.bulk.spill import Spill, part_paths, read
from journeygraph_loaders.bulk.touchpoint_files import layout_of
from journeygraph_loaders.rows import Row


def row(touchpoint_id: str, at: int) -> Row:
    return Row(touchpoint_id, "c", "view", "web", "consideration", at, "shop", "c", *[None] * 12)


@given(st.lists(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 9)), max_size=6), max_size=6))
def test_the_first_row_of_an_id_stays(tmp_path_factory: object, batches: list[list[tuple[str, int]]]) -> None:
    folder = tmp_path_factory.mktemp("ids")  # type: ignore[attr-defined]
    seen, number = SeenIds(folder), 0
    for batch in batches:
        seen.add([row(name, at) for name, at in batch], number)
        number += len(batch)
    seen.close()
    repeated, conflicts, last = find_repeated(folder)
    flat = [pair for batch in batches for pair in batch]
    names = [name for name, _ in flat]
    first = [names.index(name) == place for place, name in enumerate(names)]
    assert repeated.tolist() == [place for place, stays in enumerate(first) if not stays]
    assert conflicts.tolist() == [
        [place, names.index(name)] for place, (name, at) in enumerate(flat) if flat[names.index(name)][1] != at
    ]
    assert last == max((at for (_, at), stays in zip(flat, first, strict=True) if stays), default=None)


WHO = st.sampled_from([None, "ann", "bob"])


@given(st.lists(st.tuples(st.sampled_from("ab"), WHO, WHO), max_size=8))
def test_another_owner_is_another_touchpoint(
    tmp_path_factory: object, rows: list[tuple[str, str | None, str | None]]
) -> None:
    folder = tmp_path_factory.mktemp("ids")  # type: ignore[attr-defined]
    seen = SeenIds(folder)
    seen.add([row(name, 1)._replace(known_customer_id=who, anonymous_id=visitor) for name, who, visitor in rows], 0)
    seen.close()
    expected, first = [], {}
    for place, (name, *owners) in enumerate(rows):
        holder = first.setdefault(name, place)
        pairs = zip(owners, rows[holder][1:], strict=True)
        if any(mine is not None and other is not None and mine != other for mine, other in pairs):
            expected.append([place, holder])
    assert find_repeated(folder).conflicts.tolist() == expected


def test_parts_come_back_in_order(tmp_path: Path) -> None:
    spill = Spill(tmp_path, "rows", 2)
    for number in range(1_200):
        spill.add(number % 2, (number, "x", None, 1.5, {"p_a": True}))
    spill.close()
    back = [record for chunk in read(part_paths(tmp_path, "rows", 1)) for record in chunk]
    assert [record[0] for record in back] == list(range(1, 1_200, 2))
    assert back[0] == (1, "x", None, 1.5, {"p_a": True})
    assert list(read(part_paths(tmp_path, "absent", 0))) == []


def test_a_property_of_several_types_makes_several_kinds_of_files(tmp_path: Path) -> None:
    divided = Divided(tmp_path, 1, 1, property_types={"p_size": {int, str}, "p_device": {str}})
    layout = layout_of(divided)
    assert layout.kind({"p_size": 3}) == "Touchpoint_i"
    assert layout.kind({"p_size": "xl", "p_device": "phone"}) == "Touchpoint_s"
    assert layout.header("Touchpoint_i").endswith("p_device:string,p_product_category:string,p_size:long")
    assert layout.kind({}) in ("Touchpoint_i", "Touchpoint_s")
