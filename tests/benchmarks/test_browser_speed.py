"""What a person waits for in a browser, where nothing is trained: a moved control, a first visit."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from pages.ui.text import catalog
from tests.pages.browser import ROOT, chromium, serve

pytestmark = [pytest.mark.bench, pytest.mark.browser]
MOVES, VISITS = 20, 5
WAIT = 60_000  # milliseconds

# From a key that goes down until the frame after the one in which Plotly has drawn begins: what the eye waits
# for. (Plotly draws inside a frame; the pictures beside the first one come with the frames that follow.)
WATCH = """() => {
  window.taken = [];
  document.addEventListener('keydown', event => { window.pressed = event.timeStamp; }, true);
  const gd = [...document.querySelectorAll('.mlplot-figure')].find(gd => gd.clientWidth);
  gd.on('plotly_afterplot', () => requestAnimationFrame(now => {
    if (window.pressed) window.taken.push(now - window.pressed);
    window.pressed = 0;
  }));
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


STANDS = """title => {
  const figures = [...document.querySelectorAll('.mlplot-figure')];
  const gd = figures.find(gd => gd.clientWidth && gd._fullData?.length);
  return document.querySelector('h1')?.innerText === title && gd && performance.now();
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def url(browser: Browser) -> Iterator[str]:
    """A warm server: every page was asked for once."""
    with serve(ROOT / "app.py") as address, browser.new_context() as context:
        for path in ("training", "data", "model", "loss", "optimizer"):
            visit(context.new_page(), f"{address}/{path}?lang=en")
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
        move(page, catalog("en")["variants.knob_name.noise"])


def test_a_moved_learning_rate_redraws_the_paths_at_once(browser: Browser, url: str) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        visit(page, f"{url}/optimizer?lang=en&rule=2", ".mlplot-player")
        page.get_by_text("1 · SGD").click()
        move(page, catalog("en")["control.lr"])


def test_a_dragged_input_redraws_the_graph_at_once(browser: Browser, url: str) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        visit(page, f"{url}/backpropagation?lang=en&expr=network", ".mlplot-player")
        move(page, catalog("en")["backpropagation.drag"].format(input="w2"))


def test_a_typed_expression_redraws_the_graph_at_once(browser: Browser, url: str) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        visit(page, f"{url}/backpropagation?lang=en&expr=own&ex=w*x", ".mlplot-player")
        typed = page.get_by_role("textbox", name=catalog("en")["control.ex"])
        page.evaluate(WATCH)
        for moved in range(MOVES):  # another one each time: nothing of it is kept
            typed.fill(f"(sigmoid(w*x + {moved}*b) - y)^2/2 + tanh(w*{moved + 1})")
            typed.press("Enter")
            page.wait_for_function(f"window.taken.length > {moved}")
            page.wait_for_timeout(150)
        told(page, "a typed expression: Enter to picture")


def move(page: Page, label: str) -> None:
    """Move a slider by the keyboard, MOVES times. Streamlit itself waits 200 ms for another key."""
    slider = page.get_by_test_id("stSlider").filter(has_text=label).first.get_by_role("slider")
    page.evaluate(WATCH)
    for moved in range(MOVES):
        slider.press("ArrowRight" if moved % 10 < 5 else "ArrowLeft")
        page.wait_for_function(f"window.taken.length > {moved}")
        page.wait_for_timeout(150)
    told(page, f"{label}: key to picture")


def told(page: Page, what: str) -> None:
    taken = page.evaluate("window.taken")
    median = statistics.median(taken)
    print(f"\n{what}, median {median:.0f} ms, {min(taken):.0f} to {max(taken):.0f} ms")
    assert median < 300


@pytest.mark.parametrize(
    "code",
    [
        "model",
        "loss",
        "optimizer",
        "bias_variance",
        "fitting",
        "double_descent",
        "landscape",
        "race",
        "gradient_descent",
        "escape",
        "backpropagation",
    ],
)
def test_a_default_view_stands_at_once(browser: Browser, url: str, code: str) -> None:
    """From a press in the contents until the first picture of the room is drawn."""
    taken = []
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        for _ in range(VISITS):
            visit(page, f"{url}/data?lang=en")
            page.wait_for_timeout(500)
            page.get_by_role("button", name=catalog("en")["frame.contents"]).click()
            title = catalog("en")[f"contents.{code}.title"]
            link = page.get_by_test_id("stPopoverBody").get_by_role("link", name=title)
            link.wait_for()
            begun = page.evaluate("performance.now()")
            link.click()
            found = page.wait_for_function(STANDS, arg=title).json_value()
            taken.append(found - begun)
    print(f"\n{code}: contents to picture, median {statistics.median(taken):.0f} ms of {VISITS}")
    assert statistics.median(taken) < 1000


# When the first new picture was drawn since `window.seen` was written.
NEW = """() => {
  const figures = [...document.querySelectorAll('.mlplot-figure')].filter(gd => gd.clientWidth);
  return figures.some(gd => !window.seen.has(gd) && gd._fullData?.length) && performance.now();
}"""
SEEN = """() => {
  window.seen = new Set(document.querySelectorAll('.mlplot-figure'));
  document.addEventListener('pointerdown', event => { window.pressed = event.timeStamp; }, true);
}"""


@pytest.mark.parametrize("view", ["modes", "descent", "kept"])
def test_a_view_of_the_backpropagation_room_stands_at_once(browser: Browser, url: str, view: str) -> None:
    """From a press on its name until its first picture is drawn."""
    taken = []
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        for _ in range(VISITS):
            visit(page, f"{url}/backpropagation?lang=en", ".mlplot-player")
            page.wait_for_timeout(500)
            page.evaluate(SEEN)
            page.get_by_role("radio", name=catalog("en")[f"backpropagation.view.{view}"]).click()
            drawn = page.wait_for_function(NEW).json_value()
            taken.append(drawn - page.evaluate("window.pressed"))
    print(f"\n{view}: name to picture, median {statistics.median(taken):.0f} ms of {VISITS}")
    assert statistics.median(taken) < 1000


@pytest.mark.parametrize("path", ["data", "training"])
def test_a_first_visit_to_a_warm_server_is_quick(browser: Browser, url: str, path: str) -> None:
    """The page stands; the picture needs 5 MB of plotly.js, which a browser keeps for the next visit."""
    first, second = [], []
    for _ in range(VISITS):
        with browser.new_context() as context:  # nothing cached
            page = context.new_page()
            first.append(visit(page, f"{url}/{path}?lang=en"))
            page.wait_for_timeout(1000)
            second.append(visit(page, f"{url}/{path}?lang=en"))
    told = {
        f"{name}, {what}": statistics.median(times[what] for times in visits) / 1000
        for name, visits in (("first", first), ("again", second))
        for what in ("heading", "picture")
    }
    print(f"\nvisit to {path}: " + ", ".join(f"{name} {value:.2f} s" for name, value in told.items()))
    assert told["first, heading"] < 3
    assert told["again, picture"] < 3
