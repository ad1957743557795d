"""Contrastive learning in a real Chromium: views dragged by mouse and finger, a sphere played, a phone."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from mlcore.embeddings.pair_losses import Goal
from mlcore.embeddings.pairs import on_circle, place
from mlcore.figures import pairs
from pages.rooms.contrastive.room import RoomSpec
from pages.ui.text import number
from tests.pages.browser import DRAW, PLACE, arrived, numbers

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)  # a busy machine may take long
LOSS = re.compile("^Loss .*bound")
QUICK = "n=120&ctsteps=20&ctunits=8&ctbatch=16&ctseeds=1"


def opened(page: Page, site: str, link: str, figures: int) -> Locator:
    return arrived(page, f"{site}/contrastive?lang=en&{link}", figures)


def turned(page: Page, which: int, wanted: float, slack: float) -> tuple[float, ...]:
    """The angles that the link has, once that one is as wanted and the page has drawn it."""
    page.wait_for_function(
        """([which, wanted, slack]) => {
          const all = new URLSearchParams(location.search).get('ctang')?.split('~').map(Number);
          return all && Math.abs(all[which] - wanted) <= slack
            && document.querySelector('[data-test-script-state=notRunning]'); }""",
        arg=[which, wanted, slack],
    )
    page.evaluate(DRAW, 8)
    text = page.evaluate("() => new URLSearchParams(location.search).get('ctang')")
    return tuple(float(part) for part in text.split("~"))


def on(degrees: float) -> list[float]:
    return [math.cos(math.radians(degrees)), math.sin(math.radians(degrees))]


def test_a_dragged_view_changes_loss_and_arrows_while_it_is_held(page: Page, site: str) -> None:
    circle = opened(page, site, "view=pairs", 3).first
    loss = page.get_by_text(LOSS)
    before, arrows = loss.inner_text(), numbers(circle, pairs.ARROWS)
    start = RoomSpec().turns[1]
    page.mouse.move(*circle.evaluate(PLACE, on(start)))
    page.mouse.down()
    for step in range(1, 5):
        page.mouse.move(*circle.evaluate(PLACE, on(start + 8 * step)))
        page.evaluate(DRAW, 4)
    expect(loss).not_to_have_text(before)
    page.wait_for_function("() => location.search.includes('ctang=')")  # all of this while it is held
    assert np.nanmax(np.abs(numbers(circle, pairs.ARROWS) - arrows)) > 0.05
    page.mouse.up()
    page.wait_for_timeout(1800)  # longer than a mark waits for Python to agree
    angles = turned(page, 1, start + 32, 1.5)
    assert angles[0] == RoomSpec().turns[0]
    found = place(on_circle(angles), Goal(tau=RoomSpec().own.tau))
    assert f"Loss {number(found.loss, 4)}" in loss.inner_text()
    assert numbers(circle, pairs.MARKS)[:, 1] == pytest.approx(on(angles[1]), abs=1e-3)  # on the circle


def test_a_finger_drags_a_view(phone: Page, site: str) -> None:
    circle = opened(phone, site, "view=pairs", 3).first
    start = RoomSpec().turns[2]
    finger = phone.context.new_cdp_session(phone)

    def touch(kind: str, *points: list[float]) -> None:
        places = [{"x": x, "y": y} for x, y in points]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    top = phone.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTop")
    touch("touchStart", circle.evaluate(PLACE, on(start)))
    for share in (0.25, 0.5, 0.75, 1.0):
        touch("touchMove", circle.evaluate(PLACE, on(start + 30 * share)))
    touch("touchEnd")
    turned(phone, 2, start + 30, 3)
    assert phone.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTop") == top


def test_a_descent_on_the_sphere_is_played(page: Page, site: str) -> None:
    figures = opened(page, site, "view=pairs&ctspace=sphere&ctn=4", 3)
    moving = figures.nth(1)
    marks = "gd => Array.from(gd.data[3].x).concat(Array.from(gd.data[3].z))"
    last = np.array(moving.evaluate(marks), float)
    slider = page.locator("input[type=range]").last
    slider.focus()
    slider.press("Home")
    page.evaluate(DRAW, 8)
    first = np.array(moving.evaluate(marks), float)
    count = 8
    np.testing.assert_allclose(first[:count], RoomSpec(space="sphere", examples=4).places[:, 0], atol=1e-5)
    assert np.abs(first - last).max() > 0.2


def test_a_negative_is_dragged_and_the_temperature_shares_the_push(page: Page, site: str) -> None:
    circle = opened(page, site, "view=temperature", 2).first
    start, before = RoomSpec().rivals[0], page.get_by_text("At τ =").inner_text()
    page.mouse.move(*circle.evaluate(PLACE, on(start)))
    page.mouse.down()
    for step in range(1, 4):
        page.mouse.move(*circle.evaluate(PLACE, on(start - 8 * step)))
        page.evaluate(DRAW, 4)
    page.mouse.up()
    expect(page.get_by_text("At τ =")).not_to_have_text(before)
    page.wait_for_function("() => location.search.includes('ctriv=')")


def test_every_view_is_drawn_and_fits_a_phone(phone: Page, site: str) -> None:
    counts = {"pairs": 3, "slide": 3, "temperature": 2, "learn": 5, "collapse": 6, "sweep": 2}
    for view, count in counts.items():
        opened(phone, site, f"view={view}&{QUICK}", count)
        assert phone.get_by_test_id("stException").count() == 0
        assert phone.evaluate("() => document.documentElement.scrollWidth") <= 390, view
