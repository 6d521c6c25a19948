"""Every duty of the law that the page names is fulfilled by commands, and each of these is run by a test."""

from __future__ import annotations

import re

from tests.docs.test_documented_commands import commands
from tests.support import ROOT

PAGE = ROOT / "docs" / "privacy.md"
#: What no page can run, since it stops the managed server, and the test that runs it.
ELSEWHERE = {"journeygraph privacy erase --purge": "tests/integration/test_privacy_purge.py"}
_COMMAND = re.compile(r"`(journeygraph [^`]*)`")


def _verb(command: str) -> str:
    """The words of a command that say what it does, and its options that change that."""
    words = command.split()
    named = [word for word in words if word.islower() and word.isalpha()]
    values = ("analytics", "personalisation", "marketing", "withdrawn", "granted", "anonymise", "email", "store")
    return " ".join([*[word for word in named if word not in values][:4], *(w for w in words if w == "--purge")])


def test_each_duty_has_a_command_that_a_test_runs() -> None:
    duties = PAGE.read_text(encoding="utf-8").split("## GDPR and CCPA")[1]
    rows = [line for line in duties.splitlines() if line.startswith("| ") and "GDPR" not in line]
    assert len(rows) >= 14
    run = {_verb(command) for command in commands(PAGE)}
    for row in rows:
        named = {_verb(command) for command in _COMMAND.findall(row)}
        assert named or "suppression list" in row or "`keep`" in row, row
        for command in named - run:
            test = (ROOT / ELSEWHERE[command]).read_text(encoding="utf-8")
            assert '"erase"' in test
            assert '"--purge"' in test
