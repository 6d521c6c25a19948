"""What is wrong with a blueprint is said with file, line, field, value and what was allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.blueprints import Blueprint, parse, read
from journeygraph.errors import UsageError

GOOD = """\
name: after an order
starts: purchase
until: 14d
stages:
  - stage: post-purchase
    steps:
      - step: follow_up_email
        within: 7d
        channels: [email]
      - one_of:
          - [open_ticket, agent_reply]
          - [{step: call, within: 2d, since: follow_up_email}]
        required: false
      - thank_you
forbidden: [complaint]
"""
#: What is changed, and what the error must say.
WRONG = [
    ("within: 7d", "within: seven", "f.yaml, line 8: stages.0.steps.0.within is 'seven': must be a duration such"),
    ("within: 7d", "within: 7", "line 8: .* is '7': must be a duration"),
    ("within: 7d", "within: 0d", "line 8: .* above zero"),
    ("stages:", "stagess:", "line 5: stagess is no field of a blueprint; allowed there: name, starts, until, stages"),
    ("step: follow", "stop: follow", "line 7: .*stop is no field .* allowed there: step, one_of, required"),
    (
        "since: follow",
        "since: fallow",
        "line 12: .*since is 'fallow_up_email': is no step .* before it; those are: pur",
    ),
    ("until: 14d", "until: 1d", "line 3: until is '1d': is shorter than a time limit"),
    ("starts: purchase", "starts: journeys", "line 3: until is '14d': needs starts to be a step"),
    ("required: false", "required: maybe", "line 13: .*required is 'maybe': Input should be a valid boolean"),
    ("          - [open_ticket, agent_reply]\n", "", "line 11: .*one_of: Tuple should have at least 2 items"),
    ("[open_ticket, agent_reply]", "[]", "line 11: .*one_of.0: Tuple should have at least 1 item"),
    ("[complaint]", "[call]", "line 15: forbidden.0 is 'call': is declared as a step as well"),
    ("- thank_you", "- call", "line 14: .* is 'call': is declared twice"),
    ("- thank_you", "- (end)", "line 14: .* is a name that pictures of paths use"),
    ("- thank_you", "- {step: x, since: call}", "line 14: .*it needs within"),
    ("- thank_you", "- {step: x, one_of: [[y], [z]]}", "line 14: .*must have either step or one_of"),
    ("- thank_you", "- {one_of: [[{one_of: [[x], [y]]}], [z]]}", "line 14: .*not another one_of"),
    ("- thank_you", "- {one_of: [[x], [y]], within: 1d}", "line 14: .*one_of has no time limit"),
    ("name: after an order", "name: [x", "line 2: this is no YAML"),
    ("until: 14d", "name: b", "line 3: name stands there twice"),
    ("name: after an order", "name: &a b\nx: *a", "line 2: .a is an alias"),
    ("name: after an order", "name: !!python/object/apply:os.getcwd []", "this is no YAML"),
    ("name: after an order", "name: 2020-99-99", "f.yaml: this is no YAML that can be read"),
]


def test_a_good_one_is_read(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_text(GOOD, encoding="utf-8")
    rules = read(path).rules
    assert [rule.step for rule in rules.rules] == ["follow_up_email", "open_ticket", "agent_reply", "call", "thank_you"]
    assert rules.rules[2].before == ("follow_up_email", "open_ticket"), "not the steps of the other way"
    assert rules.rules[4].before == ("follow_up_email", "open_ticket", "agent_reply", "call")
    assert rules.branchings[0].name == "open_ticket | call"
    assert rules.rules[0].within_us == 7 * 86_400_000_000


@pytest.mark.parametrize(("given", "instead", "sentence"), WRONG, ids=[instead for _, instead, _ in WRONG])
def test_what_is_wrong_is_a_sentence(given: str, instead: str, sentence: str) -> None:
    assert given in GOOD
    with pytest.raises(UsageError, match=sentence):
        parse(GOOD.replace(given, instead), "f.yaml")


@pytest.mark.parametrize("text", ["", "[]", "a", "[" * 3_000, "\x00", "{" * 900])
def test_what_is_no_blueprint_at_all_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"f\.yaml"):
        parse(text, "f.yaml")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"name: \xff")
    with pytest.raises(UsageError, match="not UTF-8"):
        read(tmp_path / "latin.yaml")
    (tmp_path / "large.yaml").write_text("#" * 1_000_001)
    with pytest.raises(UsageError, match="larger than"):
        read(tmp_path / "large.yaml")


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        assert isinstance(parse(text), Blueprint)
    except UsageError:
        return
