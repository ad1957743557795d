"""The whole app in a real Chromium, on a server of its own: every page, both languages, laptop and phone."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from mlcore.base import points
from mlcore.base import spec as specs
from mlcore.base.experiment import run
from mlcore.training.tasks import TrainSpec
from pages.ui import frame, sections
from pages.ui.text import LANGUAGES, catalog
from tests.pages.browser import DRAW, PLACE, ROOT, at_rest, serve

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)  # a busy machine may take long

LAPTOP, PHONE, PROJECTOR = (1280, 800), (390, 844), (1920, 1080)
ROOMS = [room for _, rooms in frame.CONTENTS for room in rooms]
PAGES = {"cover": "", **{room.code: Path(room.script).stem for room in ROOMS}}
CODES = {page: code for code, page in PAGES.items()}
PROBES = ("/_stcore/health", "/_stcore/host-config")
LONG = {"data": "checkerboard", "n": "5000", "h": "128-128", "steps": "20000", "b": "512"}

SETTLED = """() => document.querySelector('[data-test-script-state=notRunning]')
  && !document.querySelector('[data-testid=stSkeleton]')
  && [...document.querySelectorAll('.mlplot-figure')].every(gd => !gd.clientWidth || gd._fullData?.length)"""
FITTED = """() => [...document.querySelectorAll('.mlplot-figure')].every(
  gd => !gd.clientWidth || gd._fullLayout?.width === gd.clientWidth)"""
PICTURES = """() => JSON.stringify([...document.querySelectorAll('.mlplot-player')].map(player =>
  [...player.parentElement.querySelectorAll('.mlplot-figure')].map(gd => gd.data)),
  (name, value) => ArrayBuffer.isView(value) ? Array.from(value) : value)"""
TYPE_SIZES = """() => [...document.querySelectorAll('.mlplot-figure text')]
  .filter(text => text.textContent.trim() && text.getBoundingClientRect().width)
  .map(text => parseFloat(getComputedStyle(text).fontSize))"""
PROSE_SIZE = """() => parseFloat(getComputedStyle(
  document.querySelector('[data-testid=stMain] [data-testid=stMarkdown] p')).fontSize)"""
TOO_WIDE = """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
  .filter(box => box.scrollWidth > box.clientWidth).map(box => `${box.tagName} ${box.scrollWidth}`)"""
BROKEN = """() => {
  const range = document.createRange(), found = [];
  const app = document.querySelector('.stApp'), other = '[data-collapsed=true], .katex';
  const texts = document.createTreeWalker(app, NodeFilter.SHOW_TEXT);
  for (let text; (text = texts.nextNode());)
    for (const {0: word, index} of text.data.matchAll(/[가-힣]+|[0-9.]+/g)) {
      if (text.parentElement.closest(other)) continue;
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      if (new Set([...range.getClientRects()].map(box => box.top)).size > 1) found.push(word);
    }
  return found;
}"""  # Korean words and numbers that begin on one line and end on another

WALK = "to => { history.pushState({}, '', to); dispatchEvent(new PopStateEvent('popstate')); }"


class Visitor:
    """Somebody looking at the app, with everything that went wrong in the browser."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.errors: list[str] = []
        self.sent = 0  # messages to the server
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._console)
        page.on("websocket", lambda socket: socket.on("framesent", lambda _: self._count()))

    def _console(self, line: ConsoleMessage) -> None:
        where = urlsplit(line.location["url"]).path
        base_path_search = where.endswith(PROBES) and not where.startswith("/_stcore")  # Streamlit's own
        if line.type == "error" and not base_path_search:
            self.errors.append(f"{line.text} {where}")

    def _count(self) -> None:
        self.sent += 1

    def goto(self, page: str, **link: str) -> Visitor:
        self.page.goto(f"{self.url}/{page}?{urlencode(link)}")
        return self

    def open(self, page: str, **link: str) -> Visitor:
        """Open a page and wait until all of it is there."""
        return self.goto(page, **link).seen(page, **link)

    def walk(self, page: str, **link: str) -> Visitor:
        """The same from another room, as the back button does it: to load the app takes far longer."""
        return self.leave(page, **link).seen(page, **link)

    def leave(self, page: str, **link: str) -> Visitor:
        """Set out for a page without waiting for it."""
        self.page.evaluate(WALK, f"/{page}?{urlencode(link)}")
        return self

    def seen(self, page: str, **link: str) -> Visitor:
        """Wait until all of a page is there."""
        name = heading(CODES[page], link.get("lang", "en"))
        self.page.locator("h1").get_by_text(name, exact=True).wait_for()
        self.page.get_by_test_id("stMain").get_by_text(re.compile(footer(link.get("lang", "en")))).wait_for()
        picture = {"": "h1", "training": ".mlplot-player"}.get(page, ".mlplot-figure")
        self.page.locator(picture).locator("visible=true").first.wait_for()
        return self.settle()

    def settle(self) -> Visitor:
        """Wait until the script is through and every figure in sight is drawn."""
        self.page.wait_for_function(SETTLED)
        assert self.page.get_by_test_id("stException").count() == 0
        return self

    def quiet(self) -> int:
        """Wait until no message is on its way to the server: how many there were."""
        before = -1
        while before != self.sent:
            before = self.sent
            self.page.evaluate(DRAW, 30)
        return before

    def until(self, expression: str, *values: Any) -> None:
        self.page.wait_for_function(expression, arg=list(values))

    @property
    def link(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.page.url).query))

    @property
    def verdict(self) -> str:
        return self.page.get_by_test_id("stAlert").first.inner_text()

    @property
    def readout(self) -> list[str]:
        return self.page.locator(".mlplot-readout dd").all_inner_texts()

    @property
    def pictures(self) -> str:
        """What the figures of the player hold."""
        return str(self.page.evaluate(PICTURES))

    def slider(self, label: str) -> Any:
        box = self.page.get_by_test_id("stSlider").filter(has=self.page.get_by_text(label, exact=True))
        return box.get_by_role("slider")

    def move(self, label: str, key: str = "ArrowRight") -> Visitor:
        """Move a slider by the keyboard and wait until the address follows."""
        before = self.page.url
        self.slider(label).press(key)
        self.until("([url]) => location.href !== url", before)
        return self


def footer(language: str) -> str:
    return re.escape(catalog(language)["frame.device"].partition("{")[0])


def heading(code: str, language: str) -> str:
    return catalog(language)["frame.name" if code == "cover" else f"contents.{code}.title"]


@dataclass(frozen=True)
class Site:
    """A running server, what it printed, its very first visitor, a Korean, and what that one saw."""

    url: str
    log: Path
    first: Visitor
    first_title: str
    first_heading: str
    first_errors: list[str]
    built_in_menus: int

    def trainings(self) -> int:
        """How many trainings its workers have carried out."""
        return len(re.findall(r"computed TrainSpec.* in [\d.]+ s", self.log.read_text(errors="replace")))


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    log = tmp_path_factory.mktemp("site") / "log"
    with serve(ROOT / "app.py", log=log) as url:
        with browser.new_context(locale="ko-KR") as context:
            first = Visitor(context.new_page(), url).open("training", lang="ko")
            menus = first.page.get_by_test_id("stSidebarNav").count()
            title = first.page.locator("h1").inner_text()
            yield Site(url, log, first, first.page.title(), title, list(first.errors), menus)
        assert "Traceback" not in log.read_text(errors="replace")


@pytest.fixture(scope="module")
def contexts(browser: Browser, site: Site) -> Iterator[dict[tuple[int, int], BrowserContext]]:
    """A profile for each size of screen, which keeps Streamlit's own files and plotly.js."""
    opened = {}
    for size in (LAPTOP, PHONE):
        phone = {"is_mobile": True, "has_touch": True} if size == PHONE else {}
        opened[size] = browser.new_context(viewport={"width": size[0], "height": size[1]}, **phone)
    yield opened
    for context in opened.values():
        context.close()


@pytest.fixture(scope="module")
def guests() -> dict[tuple[int, int], Visitor]:
    """Who is there, with each size of screen: most tests share a tab, one after the other."""
    return {}


@pytest.fixture
def invite(
    contexts: dict[tuple[int, int], BrowserContext],
    site: Site,
    guests: dict[tuple[int, int], Visitor],
    request: pytest.FixtureRequest,
) -> Iterator[Callable[[tuple[int, int]], Visitor]]:
    """Somebody with such a screen and an untouched record; in a new tab where the test before has failed."""

    def invited(size: tuple[int, int]) -> Visitor:
        if size not in guests:
            guests[size] = Visitor(contexts[size].new_page(), site.url)
        guests[size].errors.clear()
        return guests[size]

    failed = request.session.testsfailed
    yield invited
    if request.session.testsfailed > failed:
        while guests:
            guests.popitem()[1].page.close()


@pytest.fixture
def visitor(invite: Callable[[tuple[int, int]], Visitor]) -> Visitor:
    """Somebody with a laptop who is in the app already, at the cover."""
    found = invite(LAPTOP)
    if found.page.url == "about:blank":
        return found.open("", lang="en")
    found.page.mouse.up()
    found.page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
    return found.walk("", lang="en")


def test_the_first_visitor_of_a_cold_server_gets_the_whole_page(site: Site) -> None:
    """With a deep link, which would show a bare page if the frame hung on app.py."""
    assert site.first_title == f"{heading('training', 'ko')} · {catalog('ko')['frame.name']}"
    assert site.first_heading == heading("training", "ko")
    assert site.built_in_menus == 0
    assert site.first_errors == []


@pytest.mark.parametrize("code", PAGES)
def test_every_page_opens_by_its_link(invite: Callable[[tuple[int, int]], Visitor], code: str) -> None:
    """On a phone, in a session of its own, and then in the other language."""
    guest = invite(PHONE).open(PAGES[code], lang="ko")
    stands(guest, code, "ko", least=12)
    speak(guest, code, "en")
    stands(guest, code, "en", least=12)
    assert guest.errors == []


def test_the_contents_lead_to_every_room(visitor: Visitor) -> None:
    """In one language after the other, within one visit; on a projector there is type for the last row."""
    for i, room in enumerate(ROOMS):
        language, other = ("en", "ko") if i % 2 == 0 else ("ko", "en")
        visitor.page.get_by_role("button", name=catalog(language)["frame.contents"]).click()
        link = visitor.page.get_by_test_id("stPopoverBody").get_by_role(
            "link", name=heading(room.code, language), exact=True
        )
        link.click()
        visitor.page.locator("h1").get_by_text(heading(room.code, language), exact=True).wait_for()
        visitor.page.locator(".mlplot-figure").locator("visible=true").first.wait_for()
        assert visitor.settle().link["lang"] == language
        stands(visitor, room.code, language, least=12)
        resize(visitor, PROJECTOR)
        stands(visitor, room.code, language, least=16)
        speak(visitor, room.code, other)
        stands(visitor, room.code, other, least=16)
        resize(visitor, LAPTOP)
        stands(visitor, room.code, other, least=12)
    assert visitor.errors == []


def resize(guest: Visitor, size: tuple[int, int]) -> None:
    """Change the size of the window and wait until every picture in sight is drawn for it."""
    guest.page.set_viewport_size({"width": size[0], "height": size[1]})
    guest.until(FITTED)
    guest.page.evaluate(DRAW, 3)
    guest.settle()


def speak(guest: Visitor, code: str, language: str) -> None:
    """Change the language of the page."""
    guest.page.get_by_role("radio", name=LANGUAGES[language]).click()
    guest.page.locator("h1").get_by_text(heading(code, language), exact=True).wait_for()
    assert guest.settle().link["lang"] == language


def stands(guest: Visitor, code: str, language: str, least: int) -> None:
    """A page fits the screen, its words their lines; its pictures have type of `least` pixels at least, its
    prose a larger one."""
    assert guest.page.locator("h1").inner_text() == heading(code, language)
    assert guest.page.evaluate(TOO_WIDE) == [], "it scrolls sideways"
    assert guest.page.evaluate(BROKEN) == [], "a word is broken"
    if code != "cover":
        sizes = guest.page.evaluate(TYPE_SIZES)
        assert sizes, "it has a picture"
        assert min(sizes) >= least, "type too small to read"
        assert guest.page.evaluate(PROSE_SIZE) >= least + 2, "prose grows with the pictures"


def test_a_moved_control_changes_picture_and_address(visitor: Visitor) -> None:
    visitor.walk("training", lang="en", seed="11")
    before = visitor.pictures, visitor.readout
    visitor.page.evaluate("window.kept = document.querySelector('.mlplot-figure')")
    visitor.move(catalog("en")["control.lr"])
    visitor.until("([old]) => document.querySelector('.mlplot-readout dd')?.innerText !== old", before[1][0])
    visitor.settle()
    assert visitor.link == {"lang": "en", "seed": "11", "lr": "0.02"}
    assert visitor.pictures != before[0]
    visitor.page.go_back()
    visitor.until("([old]) => document.querySelector('.mlplot-readout dd')?.innerText === old", before[1][0])
    visitor.settle()
    assert (visitor.pictures, visitor.readout) == before
    assert visitor.errors == []


def test_a_click_in_the_zoo_chooses_an_activation(visitor: Visitor) -> None:
    """On the curve of GELU, the sixth panel, at z = 1."""
    visitor.walk("model", lang="en", view="activations")
    zoo = visitor.page.locator(".mlplot-figure").last
    zoo.scroll_into_view_if_needed()
    place = """gd => {
        const {xaxis6: x, yaxis6: y} = gd._fullLayout, box = gd.getBoundingClientRect();
        return [box.left + x._offset + x.c2p(1), box.top + y._offset + y.c2p(0.8413)];
    }"""
    x, y = zoo.evaluate(place)
    visitor.page.mouse.move(x, y)
    visitor.page.mouse.click(x, y)
    visitor.page.wait_for_url("**act=gelu**")
    visitor.page.get_by_text("of the inputs of GELU").wait_for()
    assert visitor.errors == []


@pytest.mark.parametrize(
    ("room", "link", "codes"),
    [
        ("optimizer", {}, "xy"),
        ("gradient_descent", {"view": "two"}, ("px", "py")),
        ("race", {"view": "starts", "side": "21"}, "xy"),
    ],
)
def test_a_click_on_the_surface_places_the_start(
    visitor: Visitor, room: str, link: dict[str, str], codes: tuple[str, str]
) -> None:
    visitor.walk(room, lang="en", **link)
    surface = visitor.page.locator(".mlplot-figure").first
    surface.evaluate("gd => gd.scrollIntoView({block: 'start'})")
    x, y = surface.evaluate(PLACE, [2, -1.5])
    visitor.page.mouse.move(x, y)
    visitor.page.mouse.click(x, y)
    visitor.until(f"() => location.search.includes('&{codes[1]}=')")
    visitor.settle()
    placed = [float(visitor.link[code]) for code in codes]
    assert placed == pytest.approx([2, -1.5], abs=0.04)  # a pixel
    field = visitor.page.get_by_label(catalog("en")[f"control.{codes[0]}"])
    assert float(field.input_value()) == pytest.approx(placed[0])
    start = catalog("en")["figure.path_start"]
    visitor.until(
        """([name, maps]) => {
            const all = [...document.querySelectorAll('.mlplot-figure')].flatMap(gd => gd.data);
            const starts = all.filter(trace => trace.name === name);
            return starts.length === maps && starts.every(trace => Math.abs(trace.x[0] - 2) < 0.1);
        }""",
        start,
        2 if room == "race" else 1,  # a map for each rule
    )
    assert visitor.errors == []


def test_a_click_on_a_cell_sets_a_wall_and_takes_it_away(
    invite: Callable[[tuple[int, int]], Visitor],
) -> None:
    """By mouse, and by a finger on a phone; on a cell that has a value, and on one that has none."""
    for size in (LAPTOP, PHONE):
        guest = invite(size).open("problem_types", lang="en", view="world", tworld="s...-....-...g")
        world = guest.page.locator(".mlplot-figure").first
        for grid in ("s...-..w.-...g", "s...-....-...g"):
            world.evaluate("gd => gd.scrollIntoView({block: 'center'})")
            x, y = world.evaluate(PLACE, [2.2, 1.2])
            if size == PHONE:
                guest.page.touchscreen.tap(x, y)
            else:
                guest.page.mouse.click(x, y)
            wanted = f"tworld={grid}"
            guest.until("([wanted]) => decodeURIComponent(location.search).includes(wanted)", wanted)
            guest.settle()
        assert guest.errors == []


def test_a_click_on_a_method_shows_its_runs(visitor: Visitor) -> None:
    """On the lowest row, simulated annealing, halfway between none and all of the runs."""
    visitor.walk("escape", lang="en", runs="100")
    before = visitor.pictures
    shares = visitor.page.locator(".mlplot-figure").first
    shares.evaluate("gd => gd.scrollIntoView({block: 'start'})")
    x, y = shares.evaluate(PLACE, [0.5, 0])
    visitor.page.mouse.move(x, y)
    visitor.page.mouse.click(x, y)
    visitor.page.wait_for_url("**which=7**")
    visitor.page.get_by_role("radio", name="7 · Simulated annealing", checked=True).wait_for()
    visitor.until(f"([old]) => ({PICTURES})() !== old", before)
    visitor.settle()
    assert visitor.errors == []


OVERLAPS = """() => {
    const texts = [...document.querySelectorAll('.mlplot-figure .textpoint text')]
        .filter(text => text.textContent.replace('\\u200b', '').trim())
        .map(text => ({said: text.textContent, box: text.getBoundingClientRect()}));
    const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
    const pairs = texts.flatMap((a, i) => texts.slice(i + 1).map(b => [a, b]));
    return pairs.filter(([a, b]) => meet(a.box, b.box)).map(([a, b]) => [a.said, b.said]);
}"""  # of the texts of a graph; their boxes reach a little beyond the letters
WIDE = "+".join(f"sin({a}*{b})" for a, b in combinations("uvwxyz", 2)) + "+u^2+v^2+w^2"


def test_a_graph_is_swept_by_the_keyboard_and_no_labels_overlap(visitor: Visitor) -> None:
    """With both sweeps done, and in the middle of the way back; 60 nodes on a projector."""
    visitor.walk("backpropagation", lang="en", expr="fork")
    slider = visitor.page.locator(".mlplot-player input[type=range]")
    slider.press("ArrowLeft")
    line = "← ∂v3/∂x = ∂v3/∂v1 · ∂v1/∂x + ∂v3/∂v2 · ∂v2/∂x = 1 · 3 + 1 · (−0.4161) = 2.584"
    expect(visitor.page.locator(".mlplot-readout dd")).to_have_text(line)
    labels = visitor.page.locator(".mlplot-figure .textpoint")
    expect(labels.get_by_text("−0.4161", exact=True)).to_be_visible()
    for size, example in ((PHONE, "softmax"), (PHONE, "fork"), (LAPTOP, "network"), (PROJECTOR, "chain")):
        visitor.walk("backpropagation", lang="ko", expr=example)
        resize(visitor, size)
        for _ in range(3):
            assert visitor.page.evaluate(OVERLAPS) == [], (size, example)
            slider.press("ArrowLeft")
            visitor.settle()
    visitor.walk("backpropagation", lang="en", expr="own", ex=WIDE)
    resize(visitor, PROJECTOR)
    assert len(visitor.page.evaluate("() => document.querySelector('.mlplot-figure').data[2].x")) > 55
    assert visitor.page.evaluate(OVERLAPS) == []
    assert visitor.errors == []


CIRCLES = """() => [...document.querySelectorAll('.mlplot-figure .scatterlayer .trace:nth-child(3) .point')]
  .map(point => point.getBoundingClientRect())
  .map(({x, y, width}) => [x + width / 2, y + width / 2, width / 2])"""
CHAINS = ("sigmoid(" * 30 + "w*x" + ")" * 30, "+".join("x" * 58), "sin(w*" * 14 + "x" + "+b)" * 14)


@pytest.mark.parametrize("text", CHAINS)
def test_a_long_chain_can_be_read_on_a_projector_and_on_a_phone(visitor: Visitor, text: str) -> None:
    """In lines, one below the other; where they are longer than the screen, the picture moves sideways and
    the page does not."""
    visitor.walk("backpropagation", lang="en", expr="own", ex=text)
    slider = visitor.page.locator(".mlplot-player input[type=range]")
    for size in (PROJECTOR, PHONE):
        resize(visitor, size)
        for _ in range(6):
            assert visitor.page.evaluate(OVERLAPS) == [], size
            slider.press("ArrowLeft")
            visitor.settle()
        assert visitor.page.evaluate(TOO_WIDE) == []
        assert min(visitor.page.evaluate(TYPE_SIZES)) >= 12
        wider = visitor.page.locator(".mlplot-frame").first.evaluate("f => f.scrollWidth / f.clientWidth")
        circles = visitor.page.evaluate(CIRCLES)
        assert len(circles) > 30
        assert all(math.dist(a[:2], b[:2]) > a[2] + b[2] for a, b in combinations(circles, 2)), size
        assert wider < (1.01 if size == PROJECTOR else 2.5)
    assert visitor.errors == []


def test_an_expression_is_typed_and_a_node_clicked(visitor: Visitor) -> None:
    visitor.walk("backpropagation", lang="en", expr="own", ex="w*x")
    typed = visitor.page.get_by_role("textbox", name=catalog("en")["control.ex"])
    typed.fill("tanh(w*x) + b")
    typed.press("Enter")
    visitor.until("() => document.querySelector('.mlplot-figure').data[2].x.length === 6")
    visitor.settle()
    figure = visitor.page.locator(".mlplot-figure").first
    figure.evaluate("gd => gd.scrollIntoView({block: 'center'})")
    place = figure.evaluate("gd => [gd.data[2].x[3], gd.data[2].y[3]]")
    visitor.page.mouse.click(*figure.evaluate(PLACE, place))
    visitor.until("() => location.search.includes('node=3')")
    visitor.page.get_by_text("Paths from v2 to v3: 1.").wait_for()
    assert visitor.errors == []


def test_a_value_is_dragged_on_a_phone_too(invite: Callable[[tuple[int, int]], Visitor]) -> None:
    """By the hand: the slider keeps hold of it over many reruns, and the field beside it says the same."""
    for size in (LAPTOP, PHONE):
        guest = invite(size).open("backpropagation", lang="en", expr="fork", **{"in": "2~7"})
        page = guest.page
        if size == PHONE:
            page.get_by_test_id("stExpandSidebarButton").click()
        thumb = page.get_by_role("slider", name=catalog("en")["backpropagation.drag"].format(input="x"))
        field = page.get_by_role("spinbutton", name="x", exact=True)
        thumb.scroll_into_view_if_needed()
        assert page.evaluate(TOO_WIDE) == []
        box = page.get_by_test_id("stSliderThumbValue").first.locator("..").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        for k in range(1, 9):
            page.mouse.move(x + 4 * k, y)
            page.wait_for_timeout(250)  # longer than Streamlit waits for another move: each one is sent
            guest.settle()
        page.mouse.up()
        guest.until("() => !location.search.includes('in=2')")
        guest.settle()
        x, y = (float(value) for value in guest.link["in"].split("~"))
        assert x > 2.5
        assert y == 7
        assert float(thumb.input_value()) == pytest.approx(x)
        assert float(field.input_value()) == pytest.approx(x, rel=1e-3)
        values = page.evaluate("() => document.querySelector('.mlplot-figure').data[4].text")
        assert values[0] == f"{x:.4g}"
        assert guest.errors == []


def test_recorded_graphs_are_readable_and_a_branch_is_typed(visitor: Visitor) -> None:
    for size, recorder, example in (
        (PROJECTOR, "joint", "network"), (LAPTOP, "jaxpr", "softmax"), (PHONE, "export", "slide"),
    ):  # fmt: skip
        visitor.walk("define_by_run", lang="ko", rec=recorder, expr=example)
        visitor.until("() => document.querySelectorAll('.mlplot-figure').length === 2")
        resize(visitor, size)
        assert visitor.page.evaluate(OVERLAPS) == [], (size, recorder, example)
    resize(visitor, LAPTOP)
    visitor.walk("define_by_run", lang="en", view="control", told="cond")
    alert = visitor.page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("On [−1, −1] it gives [−3, −3] where the function gives [−2, −2].")
    assert visitor.page.evaluate(OVERLAPS) == []
    typed = visitor.page.get_by_role("textbox", name=catalog("en")["control.then"])
    typed.fill("x*x + 4")
    typed.press("Enter")
    expect(alert).to_contain_text("On [−1, −1] it gives [5, 5] where the function gives [−2, −2].")
    assert visitor.link["then"] == "x*x + 4"
    assert visitor.errors == []


def test_a_click_on_the_costs_moves_the_player_there(visitor: Visitor) -> None:
    visitor.walk("double_descent", lang="en", view="curve", csets="3")
    where = visitor.page.locator(".mlplot-step")
    expect(where).to_have_text("p 12")
    costs = visitor.page.locator(".mlplot-figure").nth(1)
    costs.evaluate("gd => gd.scrollIntoView({block: 'center'})")
    visitor.page.mouse.click(*costs.evaluate(PLACE, [200, 0.5]))
    visitor.until("() => location.search.includes('cp=')")
    chosen = visitor.link["cp"]
    assert 150 < int(chosen) < 250
    expect(where).to_have_text(f"p {chosen}")
    assert visitor.errors == []


def test_a_network_in_matrices_lights_the_line_that_ran_and_no_labels_overlap(visitor: Visitor) -> None:
    visitor.walk("backpropagation", lang="en", view="matrices", data="digits", b="1000", n="1797", h="128-9")
    slider = visitor.page.locator(".mlplot-player input[type=range]")
    lit = visitor.page.locator(".mlplot-listing [aria-current=step]")
    for size in (PHONE, LAPTOP, PROJECTOR):
        resize(visitor, size)
        slider.press("End")
        for _ in range(4):
            visitor.settle()
            assert visitor.page.evaluate(OVERLAPS) == [], size
            slider.press("ArrowLeft")
    slider.press("ArrowLeft")
    expect(visitor.page.locator(".mlplot-readout dd")).to_contain_text("← ∂C/∂W₃ = [h₂, 1]ᵀ δ₃")
    expect(lit).to_have_text("        product(h1_T, delta, part)\n")
    slider.press("Home")
    slider.press("ArrowRight")
    expect(visitor.page.locator(".mlplot-readout dd")).to_contain_text(
        "→ z₁ = [x, 1] W₁: [1000, 65] · [65, 128]"
    )
    expect(lit).to_have_text("    z = product(x1, self.first, self.z[0])\n")
    assert visitor.errors == []


def test_a_dragged_prediction_is_costed_while_it_is_held(visitor: Visitor) -> None:
    """The fifth one, which was 9; then all of them are typed."""
    visitor.walk("loss", lang="en", view="points")
    figure = visitor.page.locator(".mlplot-figure").first
    figure.evaluate("gd => gd.scrollIntoView({block: 'center'})")
    (x, start), (_, end) = (figure.evaluate(PLACE, [5, y]) for y in (9, 6))
    mse = visitor.page.get_by_test_id("stMetricValue").first
    before = mse.inner_text()
    visitor.page.mouse.move(x, start)
    visitor.page.mouse.down()
    visitor.page.mouse.move(x, (start + end) / 2)
    visitor.page.mouse.move(x, end)
    visitor.until("() => location.search.includes('ps=2.5~3.5~3~5~6')")
    expect(mse).not_to_have_text(before)  # while it is held
    visitor.page.mouse.up()
    typed = visitor.page.get_by_role("textbox", name=catalog("en")["control.ps"])
    expect(typed).to_have_value(re.compile(r"2\.5, 3\.5, 3, 5, 6(\.0\d)?, 7\.5"))
    typed.fill("1, 1, 1, 1, 1, 1")
    typed.press("Enter")
    visitor.until("() => location.search.includes('ps=1~1~1~1~1~1')")
    visitor.until("() => document.querySelector('.mlplot-figure').data[2].y[4] === 1")
    assert visitor.errors == []


BOARD = ".mlplot-figure.mlplot-pen"


def strokes(guest: Visitor, *ways: tuple[tuple[float, float], ...]) -> None:
    """Draw with the mouse, from place to place of the board, one while Python hears of another."""
    board = guest.page.locator(BOARD)
    board.evaluate("gd => gd.scrollIntoView({block: 'center'})")
    for way in ways:
        places = [board.evaluate(PLACE, list(place)) for place in way]
        guest.page.mouse.move(*places[0])
        guest.page.mouse.down()
        for x, y in places[1:]:
            guest.page.mouse.move(x, y, steps=6)
        guest.page.mouse.up()
    guest.until("() => document.querySelectorAll('.mlplot-ink').length === 0")  # Python has drawn them
    guest.settle()


def drawn(guest: Visitor) -> tuple[points.Point, ...]:
    return points.read(guest.link["pts"])


def test_what_is_drawn_survives_reload_language_and_the_way_into_training(visitor: Visitor) -> None:
    """Two quick strokes, a tap, a moved point, and an eraser; then it is trained on."""
    visitor.walk("data", lang="en", data="drawn_plane")
    page = visitor.page
    page.get_by_role("button", name="Clear").click()
    visitor.until("() => location.search.includes('pts=.')")
    visitor.settle()
    strokes(visitor, ((-1.5, -1.5), (-1.5, 1.5)), ((-0.5, -1.5), (-0.5, 1.5)))
    lines = drawn(visitor)
    assert {round(x, 1) for x, *_ in lines} == {-1.5, -0.5}
    gaps = np.diff([y for x, y, _ in lines if x < -1])
    assert len(lines) > 20
    assert gaps.max() < 3 * gaps.min(), "as far from each other as the pen says"
    page.get_by_text("■ 1", exact=True).click()
    page.wait_for_function(f"() => document.querySelector('{BOARD}')")
    visitor.settle()
    strokes(visitor, ((1.5, -1.0), (1.5, 1.0)), ((1.0, 0.0),))
    assert [cls for *_, cls in drawn(visitor)].count(1) > 10
    assert drawn(visitor)[-1] == (pytest.approx(1.0, abs=0.02), pytest.approx(0.0, abs=0.02), 1)

    page.get_by_text("Move", exact=True).click()
    visitor.until(f"() => !document.querySelector('{BOARD}')")
    board = page.locator(".mlplot-figure").first
    start, end = (board.evaluate(PLACE, place) for place in ([1, 0], [1.2, 0.5]))
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=4)
    page.mouse.up()
    for _ in range(600):  # where it was let go, not only on the way there
        if drawn(visitor)[-1] == (pytest.approx(1.2, abs=0.03), pytest.approx(0.5, abs=0.03), 1):
            break
        page.wait_for_timeout(100)
    else:
        pytest.fail(f"The point ended at {drawn(visitor)[-1]}.")
    visitor.settle()

    count = len(drawn(visitor))
    page.get_by_text("Erase", exact=True).click()
    page.wait_for_function(f"() => document.querySelector('{BOARD}')")
    strokes(visitor, ((0.8, 0.5), (1.8, 0.5)))
    kept = drawn(visitor)
    assert count - 4 <= len(kept) < count
    assert kept[: len(lines)] == lines

    page.reload()
    visitor.seen("data", lang="en")
    assert drawn(visitor) == kept
    page.get_by_text("한국어", exact=True).click()
    visitor.until("() => location.search.includes('lang=ko')")
    visitor.seen("data", lang="ko")
    assert drawn(visitor) == kept
    page.get_by_role("link", name=catalog("ko")["data.train_on_it"]).click()
    visitor.seen("training", lang="ko")
    assert drawn(visitor) == kept
    page.locator(".mlplot-player").wait_for()
    shown = page.evaluate("() => [...document.querySelectorAll('.mlplot-figure')][1].data.map(t => t.type)")
    assert "scatter" in shown
    assert visitor.errors == []


def test_a_finger_draws_on_a_phone_and_the_page_stays(invite: Callable[[tuple[int, int]], Visitor]) -> None:
    guest = invite(PHONE)
    if guest.page.url != "about:blank":
        guest.page.evaluate(
            "localStorage.clear()"
        )  # Streamlit remembers that a test before opened the sidebar
    guest.open("data", lang="en", data="drawn_curve", pts=points.EMPTY)
    page, board = guest.page, guest.page.locator(BOARD)
    assert page.evaluate(TOO_WIDE) == []
    board.evaluate("gd => gd.scrollIntoView({block: 'center'})")
    scrolled = "document.querySelector('[data-testid=stMain]').scrollTop"
    before, finger = page.evaluate(scrolled), page.context.new_cdp_session(page)
    guest.until(FITTED)
    ink, xs = "() => document.querySelectorAll('.mlplot-ink').length", np.linspace(-1.8, 1.8, 19)
    for kind, x in zip(["touchStart"] + ["touchMove"] * 18, xs, strict=True):
        place = board.evaluate(PLACE, [x, x * x / 2 - 1])
        touched = {"type": kind, "touchPoints": [{"x": place[0], "y": place[1]}]}
        finger.send("Input.dispatchTouchEvent", touched)
        guest.page.evaluate(DRAW, 1)
    guest.until(f"{ink} > 10")  # it shows while it is drawn
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    guest.until("() => location.search.length > 80")
    guest.settle()
    found = drawn(guest)
    assert len(found) > 10
    assert all(abs(y - (x * x / 2 - 1)) < 0.1 for x, y, _ in found)
    assert page.evaluate(scrolled) == before
    assert guest.errors == []


def test_points_of_xor_move_until_a_line_parts_them(visitor: Visitor) -> None:
    """By the player, which never asks the server; then a trained network is opened where it was trained."""
    visitor.walk("xor", lang="en", view="hidden")
    page = visitor.page
    right = page.locator(".mlplot-readout dd").first
    expect(right).to_have_text("4 / 4")
    asked = visitor.quiet()
    page.locator(".mlplot-bar input").press("Home")
    expect(right).not_to_have_text("4 / 4")
    page.get_by_label(catalog("en")["frame.play.speed"]).select_option("4")
    page.locator(".mlplot-play").click()
    expect(right).to_have_text("4 / 4")
    assert visitor.quiet() == asked
    visitor.walk("xor", lang="en", view="hidden", xfrom="trained", net="3")
    said = visitor.verdict
    page.get_by_role("link", name=catalog("en")["xor.open"]).click()
    visitor.seen("training", lang="en")
    page.locator(".mlplot-player").wait_for()
    assert visitor.link | {"data": "xor", "h": "2", "seed": "3"} == visitor.link
    accuracy = float(visitor.readout[2])
    assert (accuracy == 1) == said.startswith("All four") or said.startswith("all four")
    assert visitor.errors == []


def test_a_target_is_typed_and_drawn(visitor: Visitor) -> None:
    visitor.walk("approximation", lang="en", aex="own", af="x^2", an="4")
    page = visitor.page
    error = page.locator(".mlplot-readout dd").first
    expect(error).to_have_text("0.0156")  # h^2 / 8 max |f''| = 1/64
    field = page.get_by_role("textbox", name=catalog("en")["control.af"], exact=True)
    field.fill("x^2 +")
    field.press("Enter")
    page.get_by_test_id("stAlert").first.wait_for()
    expect(error).to_have_text("0.0156")  # the last good one
    field.fill("4*x^2")
    field.press("Enter")
    expect(error).to_have_text("0.0625")
    visitor.walk("approximation", lang="en", aex="drawn", apts=points.write([(-2, -1, 0), (2, -1, 0)]))
    expect(error).to_have_text(re.compile("^0$|e-"))  # a constant
    strokes(visitor, ((-0.5, 1.0), (0.5, 1.2)))
    expect(error).not_to_have_text(re.compile("^0$|e-"))
    assert visitor.errors == []


def test_a_sweep_over_depth_shows_its_first_curves_and_stops(visitor: Visitor) -> None:
    visitor.goto("depth", lang="en", dsteps="500", dr="50", dfirst="77")
    page = visitor.page
    page.locator(".mlplot-figure").first.wait_for()  # the first depths, while the deep ones go on
    page.get_by_role("button", name=catalog("en")["training.stop"]).click()
    page.get_by_text(catalog("en")["compare.stopped"]).wait_for()
    visitor.settle()
    drawn = page.evaluate("() => document.querySelector('.mlplot-figure').data.length")
    assert drawn >= 1
    assert visitor.errors == []


def test_codes_are_decoded_where_the_ring_is_dragged(visitor: Visitor) -> None:
    visitor.walk("embedding", lang="en", view="walk", aesteps="100", n="300")
    page = visitor.page
    page.locator(".mlplot-figure").nth(1).wait_for()  # the images
    visitor.settle()
    ring, images = page.locator(".mlplot-figure").nth(0), page.locator(".mlplot-figure").nth(1)
    ring.evaluate("gd => gd.scrollIntoView({block: 'center'})")
    last = "gd => [gd.data.at(-1).x[0], gd.data.at(-1).y[0]]"
    x, y = ring.evaluate(last)
    before = images.evaluate("gd => Array.from(gd.data[0].z[25]).join()")
    start, end = (ring.evaluate(PLACE, place) for place in ([x, y], [x + 0.5, y - 0.5]))
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=4)
    visitor.until("([before]) => Array.from(document.querySelectorAll('.mlplot-figure')[1].data[0].z[25])"
                  ".join() !== before", before)  # fmt: skip
    page.mouse.up()
    visitor.until("""() => { const at = new URLSearchParams(location.search).get("aeat")?.split("~");
      return at && Math.hypot(at[0] - 0.5, at[1] - -0.5) < 0.1; }""")
    visitor.settle()
    assert visitor.errors == []


def turn(page: Page, eye: str) -> dict[str, float]:
    """Drag a scene until it turns (one still being made loses the drag): its eye when it has swung out."""
    start = page.evaluate(eye)
    for _ in range(20):
        page.locator(".mlplot-figure").hover()
        page.mouse.down()
        page.mouse.move(800, 480)
        page.mouse.move(900, 450)
        turned = at_rest(page, eye)  # let go while it swings, it keeps where it was
        page.mouse.up()
        if turned != start:
            break
    return dict(turned)


@pytest.mark.parametrize(
    "link",
    [
        {"page": "optimizer", "view": "relief"},
        {"page": "landscape", "view": "space", "n": "60", "h": "6", "steps": "60", "res": "21"},
    ],
    ids=lambda link: link["page"],
)
def test_the_camera_stays_when_a_setting_changes(visitor: Visitor, link: dict[str, str]) -> None:
    """Turned by hand, then another number of steps; a press on "Above" moves it."""
    visitor.walk(**link, lang="en")
    eye = "() => document.querySelector('.mlplot-figure')._fullLayout.scene._scene.getCamera().eye"
    start = visitor.page.evaluate(eye)
    turned = turn(visitor.page, eye)
    assert abs(turned["x"] - start["x"]) + abs(turned["y"] - start["y"]) > 0.1
    visitor.page.evaluate("window.drawn = document.querySelector('.mlplot-figure').data")
    visitor.move(catalog("en")["control.steps"])
    visitor.until("() => document.querySelector('.mlplot-figure').data !== window.drawn")
    visitor.settle()
    assert visitor.page.evaluate(eye) == pytest.approx(turned, abs=1e-6)
    visitor.page.get_by_text(catalog("en")["optimizer.camera.top"], exact=True).click()
    visitor.page.wait_for_url("**camera=top**")
    visitor.settle()
    visitor.until(f"() => ({eye})().z > 2")
    assert visitor.errors == []


def test_a_box_drawn_on_a_landscape_is_computed_anew(visitor: Visitor) -> None:
    """A box changes the window of the link and brings new values; a double click brings all of it back."""
    visitor.walk("landscape", lang="en", n="60", h="6", steps="60", res="31")
    ground = "document.querySelector('.mlplot-figure').data[0]"
    visitor.until(f"() => {ground}.x.length === 31")
    whole = visitor.page.evaluate(f"() => [{ground}.x[0], {ground}.x[30], {ground}.y[0], {ground}.y[30]]")
    place = """([x, y]) => {
        const gd = document.querySelector('.mlplot-figure'), box = gd.getBoundingClientRect();
        const {xaxis, yaxis} = gd._fullLayout;
        return [box.left + xaxis._offset + x * xaxis._length, box.top + yaxis._offset + y * yaxis._length];
    }"""
    visitor.page.locator(".mlplot-figure").first.evaluate("gd => gd.scrollIntoView({block: 'start'})")
    visitor.page.mouse.move(*visitor.page.evaluate(place, [0.25, 0.25]))
    visitor.page.mouse.down()
    visitor.page.mouse.move(*visitor.page.evaluate(place, [0.65, 0.75]), steps=8)
    visitor.page.mouse.up()
    visitor.until("() => location.search.includes('zoom=')")
    visitor.settle()
    visitor.until(f"([before]) => {ground}.x[0] > before", whole[0])
    seen = visitor.page.evaluate(f"() => [{ground}.x[0], {ground}.x[30], {ground}.y[0], {ground}.y[30]]")
    assert float(visitor.link["zoom"]) == pytest.approx(2, rel=0.05)  # the longer side of the box
    low, high = (whole[0] + share * (whole[1] - whole[0]) for share in (0.2, 0.7))
    assert seen[:2] == pytest.approx([low, high], abs=0.03 * (whole[1] - whole[0]))
    assert visitor.page.evaluate(f"() => {ground}.x.length") == 31
    visitor.page.mouse.dblclick(*visitor.page.evaluate(place, [0.9, 0.1]))
    visitor.until("() => !location.search.includes('zoom=')")
    visitor.settle()
    visitor.until(f"([before]) => Math.abs({ground}.x[0] - before) < 1e-6", whole[0])
    assert visitor.errors == []


def test_a_file_that_is_too_large_gets_a_sentence(visitor: Visitor) -> None:
    """Streamlit stops it in the browser, and the server never hears of it."""
    visitor.leave("data", lang="en", data="csv").page.get_by_text("There is no table yet").wait_for()
    told = visitor.page.get_by_text("This file was not taken")
    assert not told.is_visible()
    large = {"name": "large.csv", "mimeType": "text/csv", "buffer": b"1,2\n" * 1_100_000}
    visitor.page.set_input_files("input[type=file]", large)
    told.wait_for()
    assert visitor.errors == []


def test_a_copied_link_shows_the_same_numbers_elsewhere(visitor: Visitor, site: Site) -> None:
    """In the Korean browser of the first visitor, and by the core alone."""
    visitor.walk("training", lang="en", data="circles", h="8")
    visitor.move(catalog("en")["control.lr"], "ArrowLeft")
    copied = visitor.link
    friend = site.first.open("training", **copied)
    assert friend.link == copied == {"lang": "en", "data": "circles", "h": "8", "lr": "0.005"}
    visitor.settle()
    visitor.until(
        "([old]) => document.querySelector('.mlplot-readout dd')?.innerText === old", friend.readout[0]
    )
    assert friend.readout == visitor.readout
    assert friend.verdict == visitor.verdict
    assert friend.pictures == visitor.pictures
    records = run(specs.from_query(TrainSpec, copied)[0]).records
    assert friend.readout[:2] == [f"{cost[-1, 0]:.4g}" for cost in (records.train_cost, records.test_cost)]


def test_playing_and_scrubbing_never_ask_the_server(visitor: Visitor) -> None:
    visitor.walk("training", lang="en")
    asked, seen = visitor.quiet(), visitor.readout
    assert asked > 0, "the counting works"
    scrubber = visitor.page.locator(".mlplot-bar input")
    for key in ("ArrowLeft", "ArrowLeft", "Home", "ArrowRight"):
        scrubber.press(key)
    visitor.until("([old]) => document.querySelector('.mlplot-readout dd').innerText !== old", seen[0])
    visitor.page.get_by_label(catalog("en")["frame.play.speed"]).select_option("4")
    visitor.page.locator(".mlplot-play").click()
    visitor.until("([old]) => document.querySelector('.mlplot-readout dd').innerText === old", seen[0])
    visitor.page.locator(".mlplot-play").wait_for()
    assert visitor.quiet() == asked
    assert visitor.errors == []


def test_no_line_of_code_is_cut_on_a_laptop(visitor: Visitor) -> None:
    visitor.walk("training", **{sections.CODE: "code"}, lang="en")
    visitor.page.get_by_test_id("stCode").locator("visible=true").first.wait_for()
    wider = """() => [...document.querySelectorAll("[data-testid=stCode] pre")]
        .filter(pre => pre.clientWidth && pre.scrollWidth > pre.clientWidth + 1).map(pre => pre.innerText)"""
    assert visitor.page.evaluate("() => document.querySelectorAll('[data-testid=stCode] pre').length") > 3
    assert visitor.page.evaluate(wider) == []


def test_two_who_ask_the_same_cost_one_training(visitor: Visitor, site: Site) -> None:
    """In two browsers, at the same time."""
    before = site.trainings()
    link = {"lang": "en", "data": "spirals", "h": "32-32", "steps": "2000", "seed": "99"}
    one, other = visitor, site.first.walk("", lang="en")
    other.errors.clear()
    for guest in (one, other):
        guest.leave("training", **link)
    for guest in (one, other):
        guest.page.locator(".mlplot-player").wait_for()
        guest.settle()
    assert one.readout == other.readout
    assert one.errors == other.errors == []
    assert site.trainings() == before + 1


def test_stop_keeps_what_was_computed(visitor: Visitor) -> None:
    visitor.goto("training", lang="en", **LONG)
    visitor.page.locator(".mlplot-figure").first.wait_for()  # the costs so far
    visitor.page.get_by_role("button", name=catalog("en")["training.stop"]).click()
    visitor.page.locator(".mlplot-player").wait_for()
    visitor.settle()
    stopped = visitor.page.get_by_text(re.compile("^" + catalog("en")["training.stopped"].partition("{")[0]))
    assert stopped.count() == 1
    told = stopped.inner_text(), visitor.readout, visitor.pictures
    visitor.page.evaluate(DRAW, 30)  # half a second or more
    assert (stopped.inner_text(), visitor.readout, visitor.pictures) == told
    step = re.findall(r"\d+", told[0])[0]
    assert visitor.page.locator(".mlplot-step").inner_text().endswith(f" {step}")
    assert 0 < int(step) < 20_000
    assert visitor.errors == []


def test_a_wrong_link_is_a_sentence_that_stays(visitor: Visitor) -> None:
    visitor.walk("training", lang="en", lr="fast", data="moon", utm_source="mail")
    warnings = visitor.page.get_by_test_id("stAlertContentWarning")
    assert warnings.count() == 2
    assert visitor.link == {"lang": "en"}
    visitor.move(catalog("en")["control.lr"])
    visitor.settle()
    assert warnings.count() == 0
    assert visitor.errors == []
