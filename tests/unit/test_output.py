"""What a person reads is what was said."""

from __future__ import annotations

from journeygraph_cli import output


def test_names_between_colons_are_no_emoji() -> None:
    for console in (output.stdout, output.stderr):
        with console.capture() as caught:
            console.print("pull:m: took [b]all[/b] of :smile:")
        assert caught.get() == "pull:m: took all of :smile:\n"


def test_nor_in_a_table() -> None:
    with output.stdout.capture() as caught:
        output.table("pull:m:", ["a:m:b"], [["c:m:d"]])
    assert all(text in caught.get() for text in ("pull:m:", "a:m:b", "c:m:d"))
