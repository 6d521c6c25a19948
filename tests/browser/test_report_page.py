"""The report as people open it: a file, on a desk and on a phone, with tables that can be taken out of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from journeygraph.report import write
from tests.report_samples import HOSTILE, report

pytestmark = pytest.mark.browser
_PICTURES = ("#step-graph", "#step-matrix", "#waits")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report's files, in which every name tries to leave its place."""
    out = tmp_path_factory.mktemp("report")
    write(report(lambda name: name + HOSTILE), out)
    return out


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (1200, "dark"), (390, "light")])
def test_pictures_fit_and_the_page_asks_nobody(chromium: Browser, folder: Path, width: int, scheme: str) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto((folder / "report.html").as_uri())
    for picture in _PICTURES:
        expect(page.locator(picture)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    smallest = "Math.min(...[...document.querySelectorAll('main svg text')].map(t => t.getBoundingClientRect().height))"
    assert page.evaluate(smallest) >= 9
    assert said == []
    assert asked == [(folder / "report.html").as_uri()]
    page.close()


@pytest.mark.parametrize(
    "name",
    [
        "step_graph.csv",
        "step_matrix.csv",
        "transition_matrix.csv",
        "variants.csv",
        "routes.csv",
        "waits.csv",
        "links.csv",
    ],
)
def test_the_table_behind_a_picture_is_saved_from_the_page(chromium: Browser, folder: Path, name: str) -> None:
    page = chromium.new_page()
    page.goto((folder / "report.html").as_uri())
    with page.expect_download() as saved:
        page.locator(f'a[download="{name}"]').click()
    assert Path(saved.value.path()).read_bytes() == (folder / name).read_bytes()
    page.close()


def test_a_number_on_the_step_graph_leads_to_its_finding(chromium: Browser, folder: Path) -> None:
    page = chromium.new_page()
    page.goto((folder / "report.html").as_uri())
    mark = page.locator("#step-graph svg a").first
    target = str(mark.get_attribute("href"))
    mark.click()
    assert page.url.endswith(target)
    expect(page.locator(f'[id="{target[1:]}"]')).to_be_in_viewport()
    page.close()
