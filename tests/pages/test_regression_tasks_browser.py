"""The regression tasks in a real Chromium: boxes dragged by mouse and by finger, and losses that follow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from mlcore.figures import boxes
from mlcore.tasks.boxes import MIDDLE, measure
from pages.rooms.regression_tasks.room import RoomSpec
from pages.ui.text import number
from tests.pages.browser import DRAW, PLACE, arrived, numbers

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)  # a busy machine may take long


def opened(page: Page, site: str, link: str, figures: int) -> Locator:
    return arrived(page, f"{site}/regression_tasks?lang=en&{link}", figures)


def linked(page: Page, code: str, wanted: tuple[float, ...], slack: float) -> tuple[float, ...]:
    """The box that the link has, once it is the one that is wanted and the page has drawn it."""
    page.wait_for_function(
        """([code, wanted, slack]) => {
          const box = new URLSearchParams(location.search).get(code)?.split('~').map(Number);
          return box?.every((side, i) => Math.abs(side - wanted[i]) <= slack)
            && document.querySelector('[data-test-script-state=notRunning]'); }""",
        arg=[code, list(wanted), slack],
    )
    page.evaluate(DRAW, 8)
    text = page.evaluate("code => new URLSearchParams(location.search).get(code)", code)
    return tuple(float(part) for part in text.split("~"))


def told(page: Page) -> Any:
    return page.get_by_text("IoU =").first


def test_a_dragged_corner_changes_losses_and_arrows_while_it_is_held(page: Page, site: str) -> None:
    plane = opened(page, site, "view=boxes", 4).first
    marks, before, arrows = numbers(plane, boxes.MARKS), told(page).inner_text(), numbers(plane, boxes.WAY)
    x, y = marks[:, 2]
    page.mouse.move(*plane.evaluate(PLACE, [x, y]))
    page.mouse.down()
    for step in range(1, 5):
        last = told(page).inner_text()
        page.mouse.move(*plane.evaluate(PLACE, [x + 0.5 * step, y + 0.4 * step]))
        expect(told(page)).not_to_have_text(last)
    expect(told(page)).not_to_have_text(before)
    page.wait_for_function("() => location.search.includes('obox=')")  # all of this while it is held
    assert np.nanmax(np.abs(numbers(plane, boxes.WAY) - arrows)) > 0.05
    page.mouse.up()
    page.wait_for_timeout(1800)  # longer than a mark waits for Python to agree
    box = linked(page, "obox", (*RoomSpec().box[:2], x + 2, y + 1.6), 0.06)
    assert box[:2] == pytest.approx(RoomSpec().box[:2])  # the opposite corner stayed
    assert numbers(plane, boxes.MARKS)[:, 2] == pytest.approx(box[2:], abs=0.01)
    found = measure(box, RoomSpec().truth)  # type: ignore[arg-type]
    assert f"IoU = {number(found.iou)}" in told(page).inner_text()


def test_a_finger_takes_a_whole_box_along(phone: Page, site: str) -> None:
    plane = opened(phone, site, "view=boxes", 4).first
    x, y = numbers(plane, boxes.TRUE_MARKS)[:, MIDDLE]
    before = RoomSpec().truth
    start, end = plane.evaluate(PLACE, [x, y]), plane.evaluate(PLACE, [x, y - 2])
    finger = phone.context.new_cdp_session(phone)

    def touch(kind: str, *points: list[float]) -> None:
        places = [{"x": px, "y": py} for px, py in points]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    top = phone.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTop")
    touch("touchStart", start)
    for share in (0.25, 0.5, 0.75, 1.0):
        touch("touchMove", [a + share * (b - a) for a, b in zip(start, end, strict=True)])
    touch("touchEnd")
    linked(phone, "otrue", (before[0], before[1] - 2, before[2], before[3] - 2), 0.12)
    moved = phone.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTop")
    assert moved == top  # the page did not scroll under the finger
    wide = phone.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= 390


def test_every_view_is_drawn_and_fits_a_phone(phone: Page, site: str) -> None:
    counts = {"boxes": 4, "descent": 2, "detector": 1, "flow": 7, "depth": 4, "shading": 2}
    for view, count in counts.items():
        opened(phone, site, f"view={view}&oupdates=50&oscenes=50&ocount=50&oreliefs=50", count)
        assert phone.get_by_test_id("stException").count() == 0
        assert phone.evaluate("() => document.documentElement.scrollWidth") <= 390, view
