"""What `journeygraph cleaning` and `quality anomalies` refuse, before any database is asked."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from journeygraph.errors import UsageError
from journeygraph_cli.main import app


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["cleaning", "rules", "--prefer", "shop"], "give --near-duplicates SECONDS as well"),
        (["cleaning", "rules", "--none", "--rate", "60/60"], "--none removes all rules: give it alone."),
        (["cleaning", "rules", "--near-duplicates", "0"], "--near-duplicates 0 is no time: more than 0 seconds"),
        (["quality", "anomalies", "--level", "1"], "--level 1 is no chance: more than 0 and less than 1 is needed."),
    ],
)
def test_refused(arguments: list[str], told: str) -> None:
    found = CliRunner().invoke(app, arguments)
    assert isinstance(found.exception, UsageError)
    assert told in str(found.exception)


@pytest.mark.parametrize("rate", ["60", "1/60", "60/0", "x/1"])
def test_a_rate_that_is_none(rate: str) -> None:
    from journeygraph_cli.cleaning import _rate

    with pytest.raises(UsageError, match="is no rate: one such as 60/60"):
        _rate(rate)
