"""A sentence about an unknown name suggests what is near, and nothing else."""

from __future__ import annotations

import pytest

from journeygraph.errors import did_you_mean, did_you_mean_id, did_you_mean_or_list

STEPS = ["view_product", "add_to_cart", "purchase", "store_visit"]


@pytest.mark.parametrize(
    ("typed", "near"), [("purchse", "purchase"), ("Purchase", "purchase"), ("add_cart", "add_to_cart")]
)
def test_a_slip_is_put_right(typed: str, near: str) -> None:
    assert did_you_mean(typed, STEPS) == did_you_mean_or_list(typed, STEPS) == f" Did you mean {near!r}?"


@pytest.mark.parametrize("nonsense", ["nosuchstep", "x", "", "kauf"])
def test_nonsense_is_told_what_there_is(nonsense: str) -> None:
    assert did_you_mean(nonsense, STEPS) == ""
    assert did_you_mean_or_list(nonsense, STEPS) == " There are: add_to_cart, purchase, store_visit, view_product."


def test_ten_names_are_listed_and_the_others_counted() -> None:
    many = [f"step {n:02}" for n in range(12)]
    assert did_you_mean_or_list("qqq", many) == f" There are: {', '.join(many[:10])} and 2 more."
    assert did_you_mean_or_list("qqq", []) == ""


def test_the_nearest_of_many_ids_is_found() -> None:
    ids = [f"C1-{n:06}" for n in range(100_000)]
    assert did_you_mean_id("C1-042000x", ids) == " Did you mean 'C1-042000'?"
    assert did_you_mean_id("NOBODY", ids) == ""
