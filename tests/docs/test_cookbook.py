"""The cookbook lists every question, as the Cypher files themselves describe it."""

from __future__ import annotations

from tools.cookbook import PAGE, page


def test_the_page_is_what_the_files_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tools.cookbook`"
