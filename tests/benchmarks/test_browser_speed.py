"""What a person waits for in a browser, where nothing is trained: a moved control, a first visit."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from pages.ui.text import catalog
from tests.pages.browser import ROOT, chromium, free_port, serve

pytestmark = [pytest.mark.bench, pytest.mark.browser]
MOVES, VISITS = 20, 5
WAIT = 60_000  # milliseconds

# From a key that goes down until the next frame after Plotly has drawn: what the eye waits for.
WATCH = """() => {
  window.taken = [];
  document.addEventListener('keydown', event => { window.pressed = event.timeStamp; }, true);
  const gd = [...document.querySelectorAll('.mlplot-figure')].find(gd => gd.clientWidth);
  gd.on('plotly_afterplot', () => requestAnimationFrame(() => requestAnimationFrame(now => {
    if (window.pressed) window.taken.push(now - window.pressed);
    window.pressed = 0;
  })));
}"""

# Milliseconds since the navigation began at which the heading and the first picture stood there.
ARRIVE = """window.arrived = {};
const look = now => {
  if (document.querySelector('h1')?.innerText) window.arrived.heading ??= now;
  const figures = [...document.querySelectorAll('.mlplot-figure')];
  if (figures.some(gd => gd.clientWidth && gd._fullData?.length)) window.arrived.picture ??= now;
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def url(browser: Browser) -> Iterator[str]:
    """A warm server: both pages were asked for once."""
    with serve(ROOT / "app.py", free_port(8660, 8689)) as address, browser.new_context() as context:
        for path, picture in (("training", ".mlplot-player"), ("data", ".mlplot-figure")):
            visit(context.new_page(), f"{address}/{path}?lang=en", picture)
        yield address


def visit(page: Page, address: str, picture: str = ".mlplot-figure") -> dict[str, float]:
    page.set_default_timeout(WAIT)
    page.add_init_script(ARRIVE)
    page.goto(address)
    page.locator(picture).locator("visible=true").first.wait_for()
    page.wait_for_function("window.arrived.picture")
    arrived: dict[str, float] = page.evaluate("window.arrived")
    return arrived


def test_a_moved_control_redraws_the_picture_at_once(browser: Browser, url: str) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        visit(page, f"{url}/data?lang=en")
        slider = page.get_by_test_id("stSlider").filter(has_text=catalog("en")["variants.knob_name.noise"])
        page.evaluate(WATCH)
        for move in range(MOVES):
            slider.get_by_role("slider").press("ArrowRight")
            page.wait_for_function(f"window.taken.length > {move}")
            page.wait_for_timeout(150)
        taken = page.evaluate("window.taken")
    median = statistics.median(taken)
    print(
        f"\nkey to picture: median {median:.0f} ms, {min(taken):.0f} to {max(taken):.0f} ms in {MOVES} moves"
    )
    assert median < 300


@pytest.mark.parametrize("path", ["data", "training"])
def test_a_first_visit_to_a_warm_server_is_quick(browser: Browser, url: str, path: str) -> None:
    arrived = []
    for _ in range(VISITS):
        with browser.new_context() as context:  # nothing cached
            arrived.append(visit(context.new_page(), f"{url}/{path}?lang=en"))
    heading, picture = (
        statistics.median(times[what] for times in arrived) for what in ("heading", "picture")
    )
    print(
        f"\nfirst visit to {path}: heading after {heading / 1000:.2f} s, picture after {picture / 1000:.2f} s"
    )
    assert heading < 3000
    assert picture < 3000
