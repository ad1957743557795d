"""The classification tasks in a real Chromium: digits drawn by mouse and finger, marks dragged, clicks."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from mlcore.base import points
from mlcore.figures import calibration, thresholds
from mlcore.tasks import drawn_digits
from tests.pages.browser import DRAW, PLACE, arrived, numbers

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)  # a busy machine may take long
SMALL = "cimages=400&cch=4-6&csteps=80"
FIGURES = {"images": 4, "threshold": 3, "calibration": 4, "digit": 6}
BOARD, PIXELS = 0, 1  # figures of a drawn digit
SEVEN = [(-0.8, 1.2), (0.8, 1.2), (0.4, 0.3), (0.0, -0.5), (-0.3, -1.4)]
VALUES = "gd => Array.from(gd.data[0].z).flatMap(row => Array.from(row))"


def opened(page: Page, site: str, view: str, more: str = "") -> Locator:
    return arrived(page, f"{site}/classification_tasks?lang=en&{SMALL}&view={view}{more}", FIGURES[view])


def linked(page: Page, code: str, wanted: float | None = None, slack: float = 0.0) -> str:
    """What the link has of this code, once it has something, or what is wanted, and the page is drawn."""
    page.wait_for_function(
        """([code, wanted, slack]) => {
          const text = new URLSearchParams(location.search).get(code);
          return text !== null && (wanted === null || Math.abs(text / wanted - 1) <= slack)
            && document.querySelector('[data-test-script-state=notRunning]'); }""",
        arg=[code, wanted, slack],
    )
    page.evaluate(DRAW, 8)
    return str(page.evaluate("code => new URLSearchParams(location.search).get(code)", code))


def strokes(page: Page, wanted: int) -> drawn_digits.Strokes:
    """The strokes in the link, once there are so many."""
    for _ in range(600):
        text = page.evaluate("() => new URLSearchParams(location.search).get('cpen')")
        if text and len(found := drawn_digits.strokes(points.read(text))) == wanted:
            return found
        page.wait_for_timeout(100)
    raise AssertionError(f"no {wanted} strokes in the link: {text}")


def draw(page: Page, board: Locator, way: list[tuple[float, float]]) -> None:
    places = [board.evaluate(PLACE, list(point)) for point in way]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def test_a_digit_is_drawn_and_answered_at_once(page: Page, site: str) -> None:
    found = opened(page, site, "digit")
    answer = page.get_by_text("Convolution: ").first
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("0 of 1,024 pixels are black")).to_be_visible()
    before = answer.inner_text()
    draw(page, found.nth(BOARD), SEVEN)
    expect(page.get_by_text("313 of 1,024 pixels are black")).to_be_visible()
    (first,) = strokes(page, 1)
    np.testing.assert_allclose(first[0], SEVEN[0], atol=0.03)
    np.testing.assert_allclose(first[-1], SEVEN[-1], atol=0.12)  # less than the pen's space away
    expected = drawn_digits.gray(drawn_digits.fine([first]))
    page.wait_for_function(
        "([wanted, number]) => {"
        " const gd = document.querySelectorAll('[data-testid=stMain] .mlplot-figure')[number];"
        " const own = Array.from(gd.data[0].z).flatMap(row => Array.from(row));"
        " return own.every((v, i) => v === wanted[i]); }",
        arg=[expected.tolist(), PIXELS],
    )
    expect(answer).not_to_have_text(before)
    for k in range(3):  # more strokes, each answered
        draw(page, found.nth(BOARD), [(-0.5 + 0.2 * k, 0.0), (0.5, 0.1 * k)])
        strokes(page, 2 + k)
    page.get_by_role("button", name="Undo").click()
    strokes(page, 3)


def test_two_quick_strokes_are_both_kept(page: Page, site: str) -> None:
    found = opened(page, site, "digit", f"&cpen={points.EMPTY}")
    draw(page, found.nth(BOARD), [(-0.8, -0.3), (0.8, -0.3)])
    draw(page, found.nth(BOARD), [(0.3, 1.3), (0.3, -1.4)])
    first, second = strokes(page, 2)
    assert abs(first[:, 1] + 0.3).max() < 0.05
    assert abs(second[:, 0] - 0.3).max() < 0.05


def test_a_finger_draws_and_the_page_stays(phone: Page, site: str) -> None:
    found = opened(phone, site, "digit", f"&cpen={points.EMPTY}")
    board = found.nth(BOARD)
    board.evaluate("gd => gd.scrollIntoView({block: 'center'})")
    phone.evaluate(DRAW, 8)
    finger = phone.context.new_cdp_session(phone)

    def touch(kind: str, *places: list[float]) -> None:
        spots = [{"x": x, "y": y} for x, y in places]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    top = phone.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTop")
    way = [board.evaluate(PLACE, list(point)) for point in SEVEN]
    touch("touchStart", way[0])
    for start, end in pairwise(way):
        for share in (0.25, 0.5, 0.75, 1.0):
            touch("touchMove", [a + share * (b - a) for a, b in zip(start, end, strict=True)])
    touch("touchEnd")
    (drawn,) = strokes(phone, 1)
    np.testing.assert_allclose(drawn[0], SEVEN[0], atol=0.05)
    assert phone.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTop") == top


def drag(page: Page, figure: Locator, trace: int, end: float, told: Locator) -> None:
    """Move the only mark of a trace along x; the page follows."""
    (x,), (y,) = numbers(figure, trace)
    page.mouse.move(*figure.evaluate(PLACE, [x, y]))
    page.mouse.down()
    for share in (0.3, 0.6, 1.0):
        before = told.inner_text()
        page.mouse.move(*figure.evaluate(PLACE, [x + share * (end - x), y]))
        expect(told).not_to_have_text(before)
    page.mouse.up()


def test_a_threshold_is_dragged(page: Page, site: str) -> None:
    found = opened(page, site, "threshold", "&cafter=20")
    told = page.get_by_text("with the threshold").first
    drag(page, found.first, thresholds.MARK, -3.0, told)
    page.wait_for_timeout(1800)  # longer than a mark waits for Python to agree
    cut = float(linked(page, "ccut", 1 / (1 + np.exp(3.0)), 0.15))
    assert numbers(found.first, thresholds.MARK)[0, 0] == pytest.approx(np.log(cut / (1 - cut)), abs=0.01)


def test_a_temperature_is_dragged(page: Page, site: str) -> None:
    found = opened(page, site, "calibration", "&cnet=mlp")
    slider = page.get_by_test_id("stMain").get_by_role("slider").first
    figure = found.nth(1)
    (x,), (y,) = numbers(figure, calibration.MARK)
    page.mouse.move(*figure.evaluate(PLACE, [x, y]))
    page.mouse.down()
    page.mouse.move(*figure.evaluate(PLACE, [0.5, y]), steps=4)
    page.mouse.up()
    linked(page, "ctemp", 10**0.5, 0.05)
    page.wait_for_timeout(1800)
    assert numbers(figure, calibration.MARK)[0, 0] == pytest.approx(0.5, abs=0.02)
    assert slider.get_attribute("aria-valuetext").startswith("3.1")  # type: ignore[union-attr]


def test_a_click_on_a_cell_shifts_the_images(page: Page, site: str) -> None:
    found = opened(page, site, "images")
    shifts = found.nth(1)
    page.mouse.click(*shifts.evaluate(PLACE, [1, -1]))
    assert (linked(page, "cdx"), linked(page, "cdy")) == ("1", "-1")
    expect(page.get_by_text("On shifted test images")).to_be_visible()
    assert numbers(shifts, 1)[:, 0].tolist() == [1, -1]


def test_every_view_is_drawn_and_fits_a_phone(phone: Page, site: str) -> None:
    for view in FIGURES:
        opened(phone, site, view)
        assert phone.get_by_test_id("stException").count() == 0
        assert phone.evaluate("() => document.documentElement.scrollWidth") <= 390, view


def test_something_is_seen_before_anything_is_trained(page: Page, site: str) -> None:
    """A board to draw on, images to look at: while both networks have hours to go."""
    for view, figures in (("images", 1), ("digit", 3)):
        page.goto(f"{site}/classification_tasks?lang=en&view={view}&csteps=2000&cseeds=4")
        page.wait_for_function(
            "count => { const all = [...document.querySelectorAll('.mlplot-figure')];"
            " return all.filter(gd => gd._fullData?.length).length >= count; }",
            arg=figures,
        )
        stop: Any = page.get_by_role("button", name="Stop and keep")
        expect(stop).to_be_visible()
        stop.click()
