"""Masks in a real Chromium: painted by mouse and by finger, and every view on a phone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from mlcore.base import masks as texts
from mlcore.tasks.masks import Counts
from pages.ui.text import number
from tests.core.mask_cases import scene
from tests.pages.browser import DRAW, PLACE, arrived

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)  # a busy machine may take long
PAINT = "view=paint"
MASK = """count => { const text = new URLSearchParams(location.search).get('mmask') ?? '';
    const signs = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const ones = [...text].map(s => signs.indexOf(s).toString(2)).join('').replaceAll('0', '').length;
    return ones >= count && document.querySelector('[data-test-script-state=notRunning]'); }"""


def opened(page: Page, site: str, link: str, figures: int) -> Locator:
    return arrived(page, f"{site}/classification_tasks?lang=en&{link}", figures)


def painted(page: Page, least: int) -> Any:
    """The mask of the link, once it has so many pixels."""
    page.wait_for_function(MASK, arg=least)
    page.evaluate(DRAW, 8)
    return texts.read(page.evaluate("() => new URLSearchParams(location.search).get('mmask') ?? ''"))


def test_a_stroke_of_the_mouse_is_measured(page: Page, site: str) -> None:
    plane = opened(page, site, PAINT, 3).first
    page.mouse.move(*plane.evaluate(PLACE, [4.5, 8.5]))
    page.mouse.down()
    page.mouse.move(*plane.evaluate(PLACE, [12.5, 8.5]), steps=4)
    page.mouse.up()
    mask = painted(page, 9)
    assert np.argwhere(mask).tolist() == [[8, column] for column in range(4, 13)]
    _, true = scene(0)
    own = Counts.of(mask, true, (0, 1))
    told = f"{own.tp} pixels hit, {own.fn} missed, {own.fp} false alarms"
    expect(page.get_by_text(told)).to_be_visible()
    assert f"IoU {number(float(own.iou))}" in page.get_by_test_id("stMain").inner_text()
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function("() => !location.search.includes('mmask')")


def test_a_finger_paints_with_a_wide_brush_and_the_page_stays(phone: Page, site: str) -> None:
    plane = opened(phone, site, PAINT, 3).first
    phone.get_by_text("3 px").click()
    phone.evaluate(DRAW, 30)
    plane.evaluate("gd => gd.scrollIntoView({block: 'center'})")
    finger = phone.context.new_cdp_session(phone)
    top = phone.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTop")
    start, end = plane.evaluate(PLACE, [6.5, 4.5]), plane.evaluate(PLACE, [6.5, 15.5])

    def touch(kind: str, *points: list[float]) -> None:
        places = [{"x": px, "y": py} for px, py in points]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    touch("touchStart", start)
    for share in (0.25, 0.5, 0.75, 1.0):
        touch("touchMove", [a + share * (b - a) for a, b in zip(start, end, strict=True)])
    touch("touchEnd")
    mask = painted(phone, 30)
    rows, columns = np.nonzero(mask)
    assert set(columns) == {5, 6, 7}
    assert {5, 10, 15} <= set(rows)
    assert phone.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTop") == top


def test_every_view_is_drawn_and_fits_a_phone(phone: Page, site: str) -> None:
    small = "mscenes=20&mupdates=20&mtimes=1&mchannels=2"
    for view, count in {"paint": 3, "mask_losses": 9, "segment": 3}.items():
        opened(phone, site, f"view={view}&{small}", count)
        assert phone.get_by_test_id("stException").count() == 0
        assert phone.evaluate("() => document.documentElement.scrollWidth") <= 390, view
