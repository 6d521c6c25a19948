"""The cookbook's thumbnails: each is shown, stands by itself, and is what the tool draws of the shop."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from tools.cookbook import PAGE
from tools.cookbook_pictures import FOLDER, pictures, read

from tests.support import shared_data

_FILES = sorted(FOLDER.glob("*.svg"))


def test_every_picture_is_on_the_page_and_every_one_there_exists() -> None:
    shown = re.findall(r'<img src="pictures/([^"]+)" width="\d+" alt="([^"]+)">', PAGE.read_text(encoding="utf-8"))
    assert sorted(name for name, _ in shown) == [file.name for file in _FILES]
    assert all(len(text) > 20 for _, text in shown)


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.stem)
def test_a_picture_is_small_and_needs_nothing_else(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text) < 40_000
    root = ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not re.findall(r"<script|href|url\(|@import", text)
    used = {name for names in re.findall(r'class="([^"]+)"', text) for name in names.split()}
    assert "prefers-color-scheme: dark" in text
    assert used <= set(re.findall(r"\.([a-z][\w-]*)", text)) | {"start"}


def test_the_pictures_are_those_of_the_shop() -> None:
    drawn = pictures(read(shared_data("simple_shop") / "simple_shop.csv"))
    assert drawn == {file.name: file.read_text(encoding="utf-8") for file in _FILES}, "run tools.cookbook_pictures"
