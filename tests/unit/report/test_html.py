"""The page: nothing in it that the data's text could break, nothing that it would have to fetch, readable colours."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from journeygraph import queries
from journeygraph.report import html, tables
from journeygraph.report.collect import with_history
from journeygraph.report.earlier import Earlier
from journeygraph.report.model import Section
from tests.report_samples import HOSTILE, empty_report, report

_VOID = {"meta", "br", "hr", "img", "input", "link"}
#: SVG elements without content, which the page closes at once.
_DRAWN = {"path", "rect", "circle"}


class Page(HTMLParser):
    """Tags that are open, all that there were, and the text of each script."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _DRAWN, f"<{tag}/> closes itself"
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def hostile() -> str:
    """A page whose every name tries to leave its place."""
    return html.render(report(lambda name: name + HOSTILE))


def test_a_table_too_large_for_the_page_lies_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "LARGEST_INSIDE", 10)
    assert "data:text/csv" not in html.render(report())


def test_names_that_look_like_markup_stay_text(hostile: str) -> None:
    page = Page(hostile)
    assert page.open == []
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert "declined" + HOSTILE in "".join(page.text)
    assert not any(name.startswith("on") or name == "style" for _, attributes in page.tags for name in attributes)


@pytest.mark.parametrize("text", [html.render(report()), html.render(empty_report())], ids=["full", "empty"])
def test_every_element_is_closed(text: str) -> None:
    assert Page(text).open == []


def test_ids_are_unique_and_every_link_leads_somewhere() -> None:
    page = Page(html.render(report()))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes and attributes["id"] != "head"]
    assert len(ids) == len(set(ids))
    links = {str(attributes["href"]) for tag, attributes in page.tags if tag == "a" and "download" not in attributes}
    assert links <= {f"#{name}" for name in ids}


def test_the_table_behind_each_picture_is_inside_the_page_as_it_is_beside_it() -> None:
    sample, found = report(lambda name: name + HOSTILE), {}
    earlier = Earlier("before", sample.data_start, sample.data_end, {"findings": []}, "f00", sample.history)
    sample = with_history(sample, earlier)
    for tag, attributes in Page(html.render(sample)).tags:
        if tag == "a" and "download" in attributes:
            start, _, encoded = str(attributes["href"]).partition(",")
            assert start == "data:text/csv;charset=utf-8;base64"
            found[attributes["download"]] = base64.b64decode(encoded).decode()
    beside = tables.files(sample)  # of intent scores there are none here: tests/unit/report/test_intent.py
    drawn = {name for name in tables.BEHIND_PICTURES if not name.startswith("intent_")}
    assert found == {name: beside[name] for name in drawn}


def test_the_page_asks_for_nothing(hostile: str) -> None:
    for tag, attributes in Page(hostile).tags:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "form"}
        assert not {"src", "srcset", "action", "xlink:href"} & set(attributes)
    assert not re.search(r"https?:|url\((?!#head\))|@import", html.render(report()))


def test_its_policy_allows_its_own_style_and_script_only(hostile: str) -> None:
    policy = next(
        str(attributes["content"])
        for tag, attributes in Page(hostile).tags
        if "http-equiv" in attributes and tag == "meta"
    )
    for kind in ("style", "script"):
        found = re.search(f"<{kind}>(.*?)</{kind}>", hostile, re.DOTALL)
        assert found
        digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


def test_every_statement_is_on_the_page_as_it_is_pasted() -> None:
    page = Page(html.render(report()))
    text = "".join(page.text)
    sample = report()
    assert sample.gaps.answer
    for finding in sample.gaps.answer["findings"]:
        assert queries.for_browser(finding["cypher"], finding["parameters"]) in text
    buttons = [attributes for tag, attributes in page.tags if tag == "button"]
    assert len(buttons) == [tag for tag, _ in page.tags].count("pre") > 10


def test_pictures_and_tables_say_what_they_show() -> None:
    page = Page(html.render(report()))
    for tag, attributes in page.tags:
        if tag == "svg":
            assert attributes.get("aria-label") or attributes.get("aria-hidden") == "true"
    tags = [tag for tag, _ in page.tags]
    assert tags.count("table") == tags.count("caption")
    assert tags.count("main") == tags.count("h1") == tags.count("nav") == tags.count("footer") == 1


def test_the_page_of_an_empty_graph_says_so() -> None:
    text = "".join(Page(html.render(empty_report())).text)
    assert "no journeys, so there is nothing to report yet" in text
    assert "nan" not in text.lower().split()


def test_a_page_with_hundreds_of_findings_shows_the_costliest_and_stays_small() -> None:
    sample = report()
    assert sample.gaps.answer
    finding = sample.gaps.answer["findings"][0]
    many = [finding | {"id": f"drop_off-{number}"} for number in range(300)]
    answer = sample.gaps.answer | {"findings": many}
    text = html.render(sample.model_copy(update={"gaps": Section(answer=answer)}))
    assert text.count("<article") == 25
    assert "findings.csv has all 300" in text
    assert len(text) < 1_500_000


def _palettes() -> list[dict[str, str]]:
    style = html._part("report.css")
    light, dark = (
        dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
    )
    return [light, light | dark]


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", _palettes(), ids=["light", "dark"])
def test_contrast_is_that_of_wcag_aa(palette: dict[str, str]) -> None:
    for ground in ("page", "card", "soft", "code"):
        for ink in ("ink", "muted", "accent"):
            assert _contrast(palette[ink], palette[ground]) >= 4.5, (ink, ground)
    for mark in ("blue", "green", "red", "grey"):
        assert _contrast(palette[mark], palette["card"]) >= 3, mark


@pytest.mark.parametrize("palette", _palettes(), ids=["light", "dark"])
def test_shades_differ_in_lightness_and_bear_their_figures(palette: dict[str, str]) -> None:
    """Lightness goes one way from shade to shade: it is what every kind of colour vision sees."""
    shades = [palette[f"h{number}"] for number in range(9)]
    lightness = [_luminance(shade) for shade in shades]
    assert lightness in (sorted(lightness), sorted(lightness, reverse=True))
    assert all(_contrast(one, other) > 1.1 for one, other in pairwise(shades))
    for number, shade in enumerate(shades):
        assert _contrast(palette["deep" if number > 4 else "pale"], shade) >= 4.5, number
