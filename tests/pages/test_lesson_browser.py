"""Lessons and presentations in a browser: keys, what is covered, and how large things are in a hall."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.pages.browser import DRAWN

pytestmark = pytest.mark.browser

HALL = {"width": 1920, "height": 1080}
SMALL = """() => {
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const { textContent, parentElement: owner } = walk.currentNode, range = document.createRange();
    range.selectNodeContents(walk.currentNode);
    const { top, bottom, width, height } = range.getBoundingClientRect();
    const figure = owner.closest('.mlplot-figure'), style = getComputedStyle(owner);
    if (!textContent.trim() || !width || bottom <= 0 || top >= innerHeight) continue;
    if (owner.closest('style, script, [data-testid=stIconMaterial]')) continue;
    if (style.visibility === 'hidden' || Number(style.opacity) === 0 || height < 3) continue;
    const least = figure ? figure.clientHeight / 50 : innerHeight / 50;
    const size = parseFloat(style.fontSize);
    if (size < least - 0.01) found.push([textContent.trim().slice(0, 40), size, owner.className]);
  }
  return found;
}"""  # texts in sight that are smaller than 1/50 of the screen, or of their picture


def opened(page: Page, site: str, room: str, step: int, figures: int, more: str = "&present=1") -> None:
    page.set_viewport_size(HALL)
    page.goto(f"{site}/{room}?lang=en&lesson=lecture&step={step}{more}")
    page.wait_for_function(DRAWN, arg=figures)


def test_a_hall_reads_every_text_and_sees_the_picture_whole(page: Page, site: str) -> None:
    opened(page, site, "gradient_descent", 34, 2, "&present=1&said=1.5")
    page.wait_for_function("() => document.querySelector('.mlplot-player').offsetHeight > 0")
    page.wait_for_function(f"() => ({SMALL})().length === 0")
    fits = """() => { const box = document
        .querySelector('.mlplot:has(.mlplot-figure)').getBoundingClientRect();
        return box.top >= 0 && box.bottom <= innerHeight && document.querySelector('h1').offsetHeight === 0
          && document.querySelector('[data-testid=stSidebar]').offsetWidth === 0; }"""
    page.wait_for_function(fits)


def test_keys_do_what_a_lecturer_expects(page: Page, site: str) -> None:
    opened(page, site, "gradient_descent", 34, 2, "&present=1&said=1.5")
    page.keyboard.press("b")
    page.wait_for_selector(".mlkeys-black")
    page.keyboard.press("PageDown")  # first of all, the light comes back
    page.wait_for_selector(".mlkeys-black", state="detached")
    assert "step=34" in page.url
    page.keyboard.press("l")
    page.mouse.move(700, 300)
    page.wait_for_function(
        "() => document.querySelector('.mlkeys-dot').style.transform.includes('700px, 300px')"
    )
    page.keyboard.press("l")
    page.wait_for_selector(".mlkeys-dot", state="detached")
    page.keyboard.press("?")
    page.wait_for_selector(".mlkeys-help dt")
    page.keyboard.press("Escape")
    page.wait_for_selector(".mlkeys-help", state="detached")
    assert "present=1" in page.url, "Escape closes the list of keys, and no more"
    page.locator(".mlplot-player input").focus()
    page.keyboard.press("ArrowLeft")  # a frame, not a step
    page.wait_for_function("() => document.querySelector('.mlplot-step').textContent === 'Step 19'")
    page.locator(".mlplot-player input").blur()
    page.keyboard.press("PageDown")
    page.wait_for_url("**/backpropagation?*step=35*")
    page.wait_for_function(DRAWN, arg=1)
    page.keyboard.press("PageUp")
    page.wait_for_url("**/gradient_descent?*step=34*")
    page.wait_for_function(DRAWN, arg=2)
    page.keyboard.press("p")
    page.wait_for_function("() => !location.search.includes('present')")


def test_nothing_of_the_truth_is_there_before_an_answer(page: Page, site: str) -> None:
    page.goto(f"{site}/xor?lang=en&lesson=lecture&step=18")
    page.get_by_role("radio", name="3").wait_for()
    page.wait_for_function("() => document.querySelector('[data-test-script-state=notRunning]')")
    main = page.get_by_test_id("stMain")
    assert main.locator(".mlplot-figure").count() == 0
    assert "one point stays wrong" not in main.inner_text()
    main.get_by_text("3", exact=True).click()
    main.get_by_role("button", name="This is my answer").click()
    main.get_by_text("That is right.").wait_for()
    page.wait_for_function(DRAWN, arg=1)
    page.reload()
    main.get_by_text("That is right.").wait_for()
