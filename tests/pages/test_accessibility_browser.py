"""WCAG 2.2 AA by axe-core over every view in a real Chromium, and what axe cannot see."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import pytest
from playwright.sync_api import Browser, Page

from pages.ui import frame
from pages.ui.text import LANGUAGES, catalog

pytestmark = pytest.mark.browser
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SHADES = ("light", "dark")
LOOKS = [(shade, lang) for lang in LANGUAGES for shade in SHADES]
TABS = {"training": ("layers", "step", "many", "code", "share")}  # of a room whose views share one page

WHOLE = """lang => document.querySelector('[data-test-script-state=notRunning]')
    && document.querySelector('.st-key-footer p') && document.documentElement.lang === lang
    && !document.querySelector('[data-stale=true]')
    && [...document.querySelectorAll('.mlplot-figure')].every(
      gd => !gd.clientWidth || gd._fullData?.length)"""
TOLD = """() => [...document.querySelectorAll('.mlplot-said')].every(
    said => !said.clientWidth || /\\d/.test(said.ariaLabel))"""
SAID = "() => [...document.querySelectorAll('.mlplot-said')].map(said => said.ariaLabel)"
CHECK = """async only => {
  const { violations } = await axe.run(document, { runOnly: only, resultTypes: ['violations'] });
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
    page.wait_for_function(WHOLE, arg=lang)
    page.evaluate(AXE)


def faults(page: Page, rules: list[str] = LEVELS) -> list[str]:
    """What axe finds of level serious or critical."""
    found: list[str] = page.evaluate(CHECK, rules)
    return found


@pytest.fixture(scope="module")
def walker(browser: Browser, site: str) -> Iterator[Page]:
    """One tab for all rooms: it has fetched everything once."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
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
        for lang in LANGUAGES:
            opened(walker, site, room, view, shade, lang)
            found += [(view, shade, lang, fault) for fault in faults(walker)]
            changed(walker, other(shade))
            found += [(view, other(shade), lang, fault) for fault in faults(walker, ["wcag2aa"])]
    assert found == []


def changed(page: Page, shade: str) -> None:
    """The same page by day or by night."""
    page.emulate_media(color_scheme=shade)
    page.wait_for_function(
        """dark => {
          const [r, g, b] = getComputedStyle(document.querySelector('.stApp')).backgroundColor.match(/\\d+/g);
          return (Number(r) + Number(g) + Number(b) < 384) === dark;
        }""",
        arg=shade == "dark",
    )
