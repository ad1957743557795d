"""The linear model in a real Chromium: a dragged line changes cost and squares while it is dragged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from mlcore.depth import linear_data, linear_fit
from mlcore.figures import classifiers, linear
from mlcore.training.data import DataSpec
from pages.rooms.linear.line import START
from tests.pages.browser import DRAW, DRAWN, PLACE, numbers

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)  # a busy machine may take long
FIRST = "document.querySelector('[data-testid=stMain] .mlplot-figure')"
SIDES = """gd => { const {xaxis, yaxis} = gd._fullLayout, {x, y} = gd.data[0];
    return [Math.abs(xaxis.d2p(x[2]) - xaxis.d2p(x[1])), Math.abs(yaxis.d2p(y[1]) - yaxis.d2p(y[0]))];
}"""  # of the first square, in pixels


def opened(page: Page, site: str, link: str, figures: int) -> Any:
    page.goto(f"{site}/linear?lang=en&{link}")
    page.wait_for_function(DRAWN, arg=figures)
    boxes = page.get_by_test_id("stMain").locator(".mlplot-figure")
    boxes.first.evaluate("gd => gd.scrollIntoView({block: 'center'})")
    return boxes


def told(page: Page) -> str:
    return page.get_by_text("MSE =").inner_text()


def linked(page: Page, code: str, value: float) -> None:
    """Wait until the link says a number, to what a pixel is worth, and the page has drawn it."""
    page.wait_for_function(
        """([code, value]) => Math.abs(new URLSearchParams(location.search).get(code) - value) < 0.02
          && document.querySelector('[data-test-script-state=notRunning]')""",
        arg=[code, value],
    )
    page.evaluate(DRAW, 8)


def test_a_dragged_line_changes_cost_and_squares_before_it_is_let_go(page: Page, site: str) -> None:
    line, _ = opened(page, site, "view=line", 2).all()[:2]
    marks, before, squares = numbers(line, linear.HANDLES), told(page), numbers(line, linear.SQUARES)
    x, y = marks[:, 1]
    page.mouse.move(*line.evaluate(PLACE, [x, y]))
    page.mouse.down()
    for height in (y + 0.3, y + 0.6, y + 0.9):
        page.mouse.move(*line.evaluate(PLACE, [x, height]))
    expect(page.get_by_text("MSE =")).not_to_have_text(before)
    page.wait_for_function("() => location.search.includes('lw=')")  # all of this while it is held
    page.wait_for_function(
        "([old]) => document.querySelector('[data-testid=stMain] .mlplot-figure').data[0].y[1] !== old",
        arg=[squares[1, 1]],
    )
    while_held = numbers(line, linear.SQUARES)
    assert np.nanmax(np.abs(while_held - squares)) > 0.05
    page.mouse.up()
    linked(page, "lw", (y + 0.9 - marks[1, 0]) / (x - marks[0, 0]))
    first, second = numbers(line, linear.HANDLES).T
    assert first == pytest.approx(marks[:, 0], abs=0.01)  # the other mark stayed
    assert second == pytest.approx([x, y + 0.9], abs=0.05)
    weight = (second[1] - first[1]) / (second[0] - first[0])
    row = np.array([weight, first[1] - weight * first[0]])
    cost = linear_fit.cost(linear_data.line("iris", DataSpec(), False), row)
    shown = float(told(page).split("C = ")[1].split(" ")[0])
    assert shown == pytest.approx(cost, rel=0.02)
    wide, high = line.evaluate(SIDES)
    assert wide == pytest.approx(high, abs=0.6)  # a square on this screen


def test_a_dragged_point_of_the_landscape_moves_the_line(page: Page, site: str) -> None:
    line, land = opened(page, site, "view=line", 2).all()[:2]
    at, before = numbers(land, START)[:, 0], numbers(line, linear.HANDLES)
    page.mouse.move(*land.evaluate(PLACE, at.tolist()))
    page.mouse.down()
    for share in (0.3, 0.6, 1.0):
        page.mouse.move(*land.evaluate(PLACE, [at[0] + 0.3 * share, at[1] - 0.5 * share]))
    page.wait_for_function(
        f"([k, old]) => {FIRST}.data[k].y[1] !== old",
        arg=[linear.HANDLES, before[1, 1]],
    )  # while it is held
    page.mouse.up()
    linked(page, "lw", at[0] + 0.3)
    x, y = numbers(line, linear.HANDLES)
    assert y == pytest.approx((at[0] + 0.3) * x + at[1] - 0.5, abs=0.06)


def test_the_line_between_classes_is_turned_by_hand(page: Page, site: str) -> None:
    boundary = opened(page, site, "view=logistic", 3).first
    marks, told_before = numbers(boundary, classifiers.HELD), page.get_by_text("By hand:").inner_text()
    x, y = marks[:, 0]
    page.mouse.move(*boundary.evaluate(PLACE, [x, y]))
    page.mouse.down()
    for share in (0.4, 0.8):
        page.mouse.move(*boundary.evaluate(PLACE, [x + share, y]))
    expect(page.get_by_text("By hand:")).not_to_have_text(told_before)
    page.wait_for_function("() => location.search.includes('lc2=')")
    page.mouse.up()
    page.wait_for_timeout(1800)  # longer than a mark waits for Python to agree
    page.wait_for_function(
        f"([k, x, y]) => Math.hypot({FIRST}.data[k].x[0] - x, {FIRST}.data[k].y[0] - y) < 0.03",
        arg=[classifiers.HELD, x + 0.8, y],
    )  # it stays where the hand left it, or comes back there when a busy Python has answered
    there = numbers(boundary, classifiers.HELD)
    assert there[:, 1] == pytest.approx(marks[:, 1], abs=0.03)


def test_a_drawn_example_is_dragged_and_pulls_the_least_squares_line(page: Page, site: str) -> None:
    line = opened(page, site, "lset=chosen&data=drawn_curve", 2).first
    places, least = numbers(line, linear.DOTS), numbers(line, linear.LEAST)
    point = int(places[0].argmax())
    x, y = places[:, point]
    page.mouse.move(*line.evaluate(PLACE, [x, y]))
    page.mouse.down()
    for height in (y - 0.8, y - 1.2, -1.9):
        page.mouse.move(*line.evaluate(PLACE, [x, height]))
    page.wait_for_function("() => location.search.includes('pts=')")
    page.wait_for_function(
        f"([k, old]) => {FIRST}.data[k].y[1] < old - 0.1",
        arg=[linear.LEAST, least[1, 1]],
    )  # while it is held
    page.mouse.up()
    page.wait_for_timeout(1800)  # longer than a mark waits for Python to agree
    there = numbers(line, linear.DOTS)
    assert there[:, point] == pytest.approx([x, -1.9], abs=0.02)
    assert np.delete(there, point, axis=1) == pytest.approx(np.delete(places, point, axis=1))
