"""Customers and campaigns that the pages' commands name are those of the shop that the page generates."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.test_documented_commands import PAGES, commands
from tests.unit.generator.shop_data import simulated

_GENERATE = re.compile(r"journeygraph generate --customers (\d+) --seed (\d+)")
_CUSTOMER, _CAMPAIGN = re.compile(r"\bC\d*-?\d{6}\b"), re.compile(r"campaign=(\w+)")


def _named(page: Path) -> tuple[set[str], set[str]]:
    text = "\n".join(commands(page))
    return set(_CUSTOMER.findall(text)), set(_CAMPAIGN.findall(text))


@pytest.mark.parametrize("page", [page for page in PAGES if any(_named(page))], ids=lambda page: page.stem)
def test_what_commands_name_is_in_the_shop(page: Path) -> None:
    generated = _GENERATE.search("\n".join(commands(page)))
    assert generated, "the page has customers, and no shop that they are in"
    touchpoints = list(simulated(int(generated[1]), int(generated[2]), True).touchpoints)
    customers, campaigns = _named(page)
    assert customers <= {touchpoint.customer_id for touchpoint in touchpoints}
    assert campaigns <= {touchpoint.campaign for touchpoint in touchpoints}
