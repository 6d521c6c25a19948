"""What is wrong with a command line is one sentence and exit status 2."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["foo"], "No such command 'foo'"),
        (["funnel"], "Missing argument"),
        (["patterns", "--topp", "5"], "No such option"),
        (["generate", "--customers", "abc"], "--customers"),
        (["gaps", "--min-journeys", "1"], "--min-journeys"),
        (["serve", "--port", "99999"], "--port"),
        (["gaps", "--as-of", "yesterday"], "--as-of 'yesterday'"),
    ],
)
def test_a_wrong_command_line_is_a_sentence(arguments: list[str], sentence: str) -> None:
    command = [sys.executable, "-m", "journeygraph_cli.main", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert "Unexpected" not in done.stderr


def test_no_command_shows_what_there_is() -> None:
    done = subprocess.run([sys.executable, "-m", "journeygraph_cli.main"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Unexpected" not in done.stderr
    assert "report" in done.stdout + done.stderr
