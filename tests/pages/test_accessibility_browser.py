"""WCAG 2.2 AA by axe-core over every view in a real Chromium, and what axe cannot see."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import pytest
from playwright.sync_api import Browser, Page

from pages.ui import frame
from pages.ui.text import LANGUAGES, catalog
from tests.pages.browser import DRAW

pytestmark = pytest.mark.browser
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SHADES = ("light", "dark")
LOOKS = [(shade, lang) for lang in LANGUAGES for shade in SHADES]
TABS = {"training": ("layers", "step", "many", "code", "share")}  # of a room whose views share one page

WHOLE = """([lang, skip]) => document.querySelector('[data-test-script-state=notRunning]')
    && document.querySelector('.st-key-footer p') && document.documentElement.lang === lang
    && document.querySelector('[data-testid=stSkipToContent]').textContent === skip
    && !document.querySelector('[data-stale=true]')
    && [...document.querySelectorAll('.stBidiComponent')].every(box => box.querySelector('.mlplot, .tile')
      || box.closest('.stElementContainer').className.includes('st-key-_'))
    && [...document.querySelectorAll('.mlplot-figure')].every(
      gd => !gd.clientWidth || gd._fullData?.length)
    && document.getAnimations().every(({ playState }) => playState !== 'running')"""
TOLD = """() => [...document.querySelectorAll('.mlplot-said')].every(
    said => !said.clientWidth || /\\d/.test(said.ariaLabel))"""
SAID = "() => [...document.querySelectorAll('.mlplot-said')].map(said => said.ariaLabel)"
FOCUS = """async () => { // its name, whether anything shows the focus, whether it lies in the room
  const node = document.activeElement;
  const look = () => {
    const rings = [];
    for (let other = node, k = 0; other && k < 4; other = other.parentElement, k++) {
      const { outlineStyle, outlineWidth, boxShadow, borderColor } = getComputedStyle(other);
      rings.push(outlineStyle !== 'none' && parseFloat(outlineWidth) > 0, boxShadow, borderColor);
    }
    return rings.join('|');
  };
  const frame = () => new Promise(requestAnimationFrame);
  for (let k = 0; k < 4; k++) await frame(); // a ring may come with the next run of what draws the control
  const focused = look();
  node.blur();
  for (let k = 0; k < 60 && look() === focused; k++) await frame(); // and leave so
  const seen = look() !== focused;
  node.focus({ preventScroll: true, focusVisible: true });
  return [node.outerHTML.slice(0, 160), seen, document.querySelector('[data-testid=stMain]').contains(node)];
}"""
# Of pictures that Plotly draws, axe sees the element and its sentence; shapes within say nothing to it. What
# counts up while something is computed, and the stop beside it, fade while the next count is on its way.
CHECK = """async only => {
  const still = [".mlplot-figure .main-svg", "[data-testid=stProgress]", "[class*=st-key-_stop_]"];
  const { violations } = await axe.run({ exclude: still }, { runOnly: only, resultTypes: ['violations'] });
  return violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).flatMap(
    ({ id, nodes }) => nodes.map(({ html, failureSummary: why }) => `${id}: ${html.slice(0, 200)} ${why}`));
}"""


def views(room: str) -> list[str]:
    """The views of a room by the names that a link says."""
    named = [key.split(".") for key in catalog("en")]
    found = [key[2] for key in named if len(key) == 3 and key[0] == room and key[1] in ("view", "tab")]
    return found or list(TABS.get(room, ("",)))


ROOMS = [room.code for _, rooms in frame.CONTENTS for room in rooms]


def opened(page: Page, site: str, room: str, view: str, shade: str, lang: str) -> None:
    """The view, whole and at rest."""
    page.emulate_media(color_scheme=shade)
    chosen = f"&view={view}" if view else ""
    page.goto(f"{site}/{room}?lang={lang}{chosen}")
    page.wait_for_function(WHOLE, arg=told(lang))
    page.evaluate(AXE)


def told(lang: str) -> list[str]:
    """What a page says once access.js has seen to it."""
    return [lang, catalog(lang)["frame.skip"]]


def faults(page: Page, rules: list[str] = LEVELS) -> list[str]:
    """What axe finds of level serious or critical."""
    found: list[str] = page.evaluate(CHECK, rules)
    return found


@pytest.fixture(scope="module")
def walker(browser: Browser, site: str) -> Iterator[Page]:
    """One tab for all rooms: it has fetched everything once, and colors that fade are where they fade to."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000}, reduced_motion="reduce")
    page.set_default_timeout(120_000)
    yield page
    page.close()


def other(shade: str) -> str:
    return SHADES[SHADES.index(shade) - 1]


@pytest.mark.parametrize("room", ["", *ROOMS])
def test_no_view_shuts_anybody_out(walker: Page, site: str, room: str) -> None:
    """Each view in one look, in turn; the first of a room in all of them."""
    turn, found = ROOMS.index(room) if room else 0, []
    for k, view in enumerate(views(room)):
        shade, lang = LOOKS[(turn + k) % len(LOOKS)]
        opened(walker, site, room, view, shade, lang)
        walker.wait_for_function(TOLD)
        found += [(view, shade, lang, fault) for fault in faults(walker)]
        if k:
            continue
        found += [(view, other(shade), lang, fault) for fault in turned(walker, shade)]
        lang = next(one for one in LANGUAGES if one != lang)
        opened(walker, site, room, view, shade, lang)
        found += [(view, shade, lang, fault) for fault in faults(walker)]
        found += [(view, other(shade), lang, fault) for fault in turned(walker, shade)]
    assert found == []


def turned(page: Page, shade: str) -> list[str]:
    """What axe finds of level AA once the page of this shade has turned to the other: colors, above all."""
    page.emulate_media(color_scheme=other(shade))
    page.wait_for_function(
        """dark => {
          const [r, g, b] = getComputedStyle(document.querySelector('.stApp')).backgroundColor.match(/\\d+/g);
          return (Number(r) + Number(g) + Number(b) < 384) === dark
            && document.getAnimations().every(({ playState }) => playState !== 'running');
        }""",
        arg=shade == "light",
    )
    page.evaluate(DRAW, 4)
    return faults(page, ["wcag2aa"])


def test_the_page_says_its_language_and_lets_keys_past_the_sidebar(walker: Page, site: str) -> None:
    opened(walker, site, "linear", "", "light", "en")
    walker.keyboard.press("Tab")
    assert walker.evaluate("() => document.activeElement.textContent") == catalog("en")["frame.skip"]
    walker.keyboard.press("Enter")
    walker.wait_for_function("() => document.activeElement.closest('[data-testid=stMain]')")
    walker.get_by_role("radio", name="한국어").press("Enter")
    walker.wait_for_function(WHOLE, arg=told("ko"))
    assert "lang=ko" in walker.url


def test_a_player_obeys_keys_and_its_pictures_say_what_they_show_at_each_step(
    walker: Page, site: str
) -> None:
    opened(walker, site, "gradient_descent", "one", "light", "en")
    walker.wait_for_function(TOLD)
    bar = walker.locator(".mlplot-player input")
    bar.focus()
    walker.keyboard.press("Home")
    walker.wait_for_function("() => document.querySelector('.mlplot-said').ariaLabel.includes('(10, 50)')")
    start = walker.evaluate(SAID)
    assert bar.get_attribute("aria-valuetext").startswith("Step 0,")  # with what is read beside the player
    walker.keyboard.press("ArrowRight")
    walker.wait_for_function(
        "before => document.querySelector('.mlplot-said').ariaLabel !== before", arg=start[0]
    )
    assert bar.get_attribute("aria-valuetext").startswith("Step 1,")
    assert walker.evaluate(SAID)[2] == start[2], "what does not move says the same"


def test_what_the_legend_puts_away_is_not_told(walker: Page, site: str) -> None:
    opened(walker, site, "gradient_descent", "one", "light", "en")
    walker.wait_for_function(TOLD)
    drawn = "() => document.querySelectorAll('.mlplot-figure')[1]"
    name = walker.evaluate(f"({drawn})().data[0].name")
    assert f"{name}: from" in walker.evaluate(SAID)[1]
    walker.evaluate(f"() => Plotly.restyle(({drawn})(), {{visible: 'legendonly'}}, [0])")
    walker.wait_for_function(
        "name => !document.querySelectorAll('.mlplot-said')[1].ariaLabel.includes(`${name}: from`)", arg=name
    )


def test_nothing_moves_by_itself_for_who_wants_less_motion(browser: Browser, site: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 1000}, reduced_motion="reduce")
    page.set_default_timeout(120_000)
    try:
        opened(page, site, "gradient_descent", "one", "light", "en")
        slow = page.evaluate(
            """() => [...document.querySelectorAll('*')].filter(node => {
              const { animationDuration, transitionDuration, scrollBehavior } = getComputedStyle(node);
              const times = `${animationDuration},${transitionDuration}`.split(',').map(parseFloat);
              return Math.max(...times) > 0.01 || scrollBehavior === 'smooth';
            }).map(node => node.outerHTML.slice(0, 120))"""
        )
        assert slow == []
        page.wait_for_selector(".mlplot-step")
        step = page.locator(".mlplot-step").first.text_content()
        page.evaluate(DRAW, 60)
        assert page.locator(".mlplot-step").first.text_content() == step, "no player starts by itself"
    finally:
        page.close()


def test_what_keys_reach_is_seen_to_have_the_focus(walker: Page, site: str) -> None:
    opened(walker, site, "gradient_descent", "one", "light", "en")
    walker.locator("[data-testid=stMain] h1").evaluate("title => { title.tabIndex = -1; title.focus(); }")
    unseen, inside = [], 0
    for _ in range(60):
        walker.keyboard.press("Tab")
        name, seen, within = walker.evaluate(FOCUS)
        inside += within
        if within and not seen:
            unseen.append(name)
    assert inside > 20, "keys walk through the room"
    assert unseen == []
