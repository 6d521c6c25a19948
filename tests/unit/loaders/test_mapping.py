"""Mappings: what they declare is what the rows become; what is wrong in one is said with its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeygraph.errors import InputError
from journeygraph_loaders import mapping as mappings
from tests.unit.loaders.helpers import read, write

HEADER = "customer_id,step,occurred_at\n"


def test_step_rules_the_first_hit_wins(tmp_path: Path) -> None:
    urls = ["/product/123", "/product/456", "/cart", "/basket?x=1", "/help", "open_ticket"]
    text = "user,url,time\n" + "".join(f"c,{url},2026-01-01T00:00:0{n}Z\n" for n, url in enumerate(urls))
    mapping = """
      columns: {step: url}
      steps:
        - {exact: /product/456, step: view_special, stage: awareness, channel: App}
        - {prefix: /product/, step: view_product}
        - {regex: "^/(cart|basket)", step: cart}
      stages: {cart: purchase}
      channels: {open_ticket: service}
      channel: store
    """
    found, bad, _ = read(write(tmp_path / "x.csv", text), mapping=mapping)
    assert not bad
    assert [(row.step, row.stage, row.channel) for row in found] == [
        ("view_product", "consideration", "store"),
        ("view_special", "awareness", "app"),
        ("cart", "purchase", "store"),
        ("cart", "purchase", "store"),
        ("/help", "consideration", "store"),
        ("open_ticket", "post-purchase", "service"),
    ]
    assert len({row.touchpoint_id for row in found}) == 6


def test_mended_step_rules_change_no_identity(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", HEADER + "c,/a,2026-01-01T00:00:00Z\n")
    before, _, _ = read(path)
    after, _, _ = read(path, mapping="steps: [{prefix: /, step: page}]")
    assert (before[0].step, after[0].step) == ("/a", "page")
    assert before[0].touchpoint_id == after[0].touchpoint_id


def test_constants_templates_lookups_and_values(tmp_path: Path) -> None:
    write(tmp_path / "items.csv", "id,kind\n7.0,shoes\n")
    text = "y,m,n,who,item,size\n2026,2,3,anna,7,1\n2026,2,4,bert,8,2\n"
    mapping = """
      timezone: UTC
      lookups: {items: {file: "items.*", key: id, normalise: integer}}
      columns:
        customer_id: who
        step: {constant: buy}
        occurred_at: {template: "{y}-{m:02}-01", plus_seconds: n}
        product_id: item
        product_category: {lookup: items, key: item, value: kind}
      properties: {size: {column: size, values: {"1": small}}}
      files: {"orders*": {source: till}, "items*": {ignore: looked up}}
    """
    found, bad, said = read(tmp_path / "items.csv", write(tmp_path / "orders.csv", text), mapping=mapping)
    assert not bad
    assert said == [f"{tmp_path / 'items.csv'} is left out: looked up."]
    assert [(row.source, row.product_category, row.properties) for row in found] == [
        ("till", "shoes", {"p_size": "small"}),
        ("till", None, {"p_size": "2"}),
    ]
    assert [row.occurred_at_us // 1_000_000 - 1769904000 for row in found] == [3, 4]


def test_a_prefix_makes_ids_of_their_own(tmp_path: Path) -> None:
    path = write(
        tmp_path / "x.csv", "no,customer_id,step,occurred_at,shelf\n1,c,v,1767225600,7\n,c,v,1767225600,\nNA,c,v,1,\n"
    )
    mapping = """
      null_values: [NA]
      columns: {touchpoint_id: {column: "no", prefix: "till-"}}
      properties: {shelf: {column: shelf, prefix: "s"}}
    """
    found, bad, _ = read(path, mapping=mapping)
    assert not bad
    assert (found[0].touchpoint_id, found[0].properties, found[1].properties) == ("till-1", {"p_shelf": "s7"}, None)
    assert [len(row.touchpoint_id) for row in found[1:]] == [32, 32]


def test_usual_names_are_taken_only_where_the_own_name_is_absent(tmp_path: Path) -> None:
    text = "customer_id,user_id,event_type,event,ts,price,amount\nc,u,view,e,1767225600,1,2\n"
    found, _, said = read(write(tmp_path / "x.csv", text))
    assert (found[0].customer_id, found[0].step, found[0].value) == ("c", "view", None)
    assert found[0].properties == {"p_amount": "2", "p_event": "e", "p_price": "1", "p_user_id": "u"}
    assert said == [f"{tmp_path / 'x.csv'}: took the column 'ts' as occurred_at; a mapping file can say otherwise."]


def test_options_win_over_the_mapping(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", HEADER + "c,view,2026-01-01\n")
    mapping = "{timezone: Asia/Tokyo, source: a, channel: ad}"
    found, _, _ = read(path, mapping=mapping, timezone="UTC", source="b", channel="Email")
    assert (found[0].source, found[0].channel, found[0].occurred_at_us) == ("b", "email", 1767225600000000)
    with pytest.raises(InputError, match="--timezone 'Mars' is not a time zone"):
        read(path, timezone="Mars")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: [", "line 1: this is no YAML"),
        ("steps: &a {x: y}\nstages: *a", r"line 2: \*a is an alias"),
        ("name: a\nname: b", "line 2: name stands there twice"),
        ("- 1", "is not a set of keys"),
        ("colums: {}", "colums is not known; keys are: .*columns"),
        ("columns: {who: x}", "columns: who: not a field of a touchpoint; there are: occurred_at, step"),
        ("timezone: Mars", "'Mars' is not a time zone"),
        ("steps: [{step: a}]", "steps.0: give exactly one of exact, prefix, regex"),
        ("steps: [{step: a, regex: '('}]", r"steps.0.regex: '\(' is not a regular expression"),
        ("columns: {step: {column: a, constant: b}}", "give exactly one of column, constant"),
        ("stages: {a: nowhere}", "stages.a: .*awareness"),
        ("session_idle: soon", "session_idle"),
        ("columns: {value: {column: a, prefix: b}}", "columns: value is no text: it cannot have a prefix"),
        ("files: {'a*': {colums: {}}}", r"files.a\*.colums is not known"),
    ],
)
def test_a_fault_in_a_mapping_names_file_and_key(text: str, sentence: str, tmp_path: Path) -> None:
    path = write(tmp_path / "m.yaml", text)
    with pytest.raises(InputError, match=sentence) as caught:
        mappings.load(path)
    assert str(path) in str(caught.value)


def test_an_unknown_name_says_what_there_is() -> None:
    with pytest.raises(InputError, match=r"completejourney, .*rfm_orders, .*simple_shop"):
        mappings.load("nothing")
    assert mappings.load("simple_shop").goals == ("payment_done",)


def test_a_column_that_the_mapping_reads_but_the_file_lacks(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no column 'gone', which the mapping reads as value; its columns are"):
        read(write(tmp_path / "x.csv", HEADER), mapping="columns: {value: gone}")
