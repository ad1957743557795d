"""Pin in two rooms, open the tray, load it anew, open a pin again, and the report without a network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.browser import DRAWN, ROOT, serve

pytestmark = pytest.mark.browser
PLOTTED = "count => document.querySelectorAll('[data-figure] .main-svg').length >= count"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLCORE_DATABASE", raising=False)
        patch.setenv("MLCORE_STORE", str(tmp_path_factory.mktemp("kept")))
        with serve(ROOT / "app.py") as url:
            yield url


def pin(page: Page, note: str) -> None:
    page.wait_for_function(DRAWN, arg=1)
    page.locator(".st-key-pin button").first.click()
    page.get_by_label("Note").fill(note)
    page.get_by_role("button", name="Pin what is on screen").click()
    expect(page.get_by_text(re.compile("Pinned as #")).first).to_be_visible()


def test_from_two_rooms_to_a_report_without_a_network(
    page: Page, browser: Browser, site: str, tmp_path: Path
) -> None:
    page.goto(f"{site}/gradient_descent?lang=en&lr=0.1")
    pin(page, "<b>first</b>")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Contents").click()
    page.get_by_role("link", name="Linear model").first.click()
    page.wait_for_url("**/linear?*")
    pin(page, "second")
    page.get_by_role("link", name="Open the tray").click()
    page.wait_for_url("**/tray?*")
    page.reload()
    page.wait_for_function(DRAWN, arg=2)
    expect(page.get_by_label("Note").first).to_have_value("<b>first</b>")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Report").click()
    waiting.value.save_as(tmp_path / "report.html")
    page.get_by_role("link", name="Open again").first.click()
    page.wait_for_url(re.compile(r"/gradient_descent\?.*lr=0\.1"))

    offline = browser.new_context(offline=True)
    asked: list[str] = []
    report = offline.new_page()
    report.on("request", lambda request: asked.append(request.url))
    report.goto((tmp_path / "report.html").as_uri())
    report.wait_for_function(PLOTTED, arg=2)
    expect(report.get_by_text("<b>first</b>")).to_be_visible()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    offline.close()
