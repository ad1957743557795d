"""Encode and decode in a real Chromium: a table of one's own in every view, the ring by finger and keys."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from pages.ui.text import LANGUAGES, catalog
from tests.pages.browser import DRAW, DRAWN, PLACE, numbers

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)  # a busy machine may take long
SMALL = "n=200&aesteps=100&aeunits=8"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Flats: text, missing values, numbers in very different units; a class and a number to predict."""
    g = random.Random(1)
    lines = ["city,size,rooms,heating,kind,price"]
    for i in range(120):
        size = g.uniform(20, 160)
        known = "" if i % 17 == 0 else f"{size:.1f}"
        heating = "NA" if i % 23 == 0 else g.choice(["gas", "oil"])
        kind = "large" if size > 90 else "small"
        lines.append(
            f"{g.choice(['Seoul', 'Busan'])},{known},{int(size // 25)},{heating},{kind},{size * 9:.0f}"
        )
    path = tmp_path_factory.mktemp("tables") / "flats.csv"
    path.write_text("\n".join(lines), "utf-8")
    return path


def settled(page: Page, figures: int) -> None:
    page.wait_for_function(DRAWN, arg=figures)
    page.evaluate(DRAW, 8)


@pytest.mark.parametrize("target", ["4", "-1"], ids=["a class", "a number"])
def test_a_table_goes_along_into_every_view(page: Page, site: str, table: Path, target: str) -> None:
    page.goto(f"{site}/data?lang=en&data=csv")
    page.locator("input[type=file]").set_input_files(table)
    page.wait_for_function("() => location.search.includes('table=')")
    page.goto(f"{page.url}&target={target}")
    settled(page, 1)
    page.get_by_role("button", name="Contents").click()
    page.get_by_role("link", name=catalog("en")["contents.embedding.title"]).click()
    page.wait_for_function(
        "() => location.pathname.endsWith('/embedding') && location.search.includes('table=')"
    )
    settled(page, 2)
    assert "std=" not in page.url  # standardized, as in the room of data
    figure = page.get_by_test_id("stMain").locator(".mlplot-figure").first
    axes = figure.evaluate("gd => [gd.layout.xaxis.title.text, gd.layout.yaxis.title.text]")
    assert axes == (["size", "price"] if target == "4" else ["size", "rooms"])
    link = page.url
    for view, count in {"plane": 1, "walk": 1, "neighbors": 0, "width": 1}.items():
        page.goto(f"{link}&aesteps=100&aeunits=8&view={view}")
        settled(page, count)
        expect(page.get_by_text(catalog("en")[f"embedding.{view}.claim"].partition("**")[2].partition("**")[0])
               ).to_be_visible()  # fmt: skip
        assert page.get_by_test_id("stException").count() == 0
        assert page.get_by_test_id("stAlert").count() == 0
        assert page.get_by_text("missing").count() >= 1  # what was done to the table
    told = figure.evaluate("gd => Math.max(...gd.data[0].x)")
    assert told <= (9 if target == "4" else 8)  # a code no wider than the features


@pytest.fixture
def phone(browser: Browser, site: str) -> Any:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    found = context.new_page()
    found.set_default_timeout(60_000)
    yield found
    context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_finger_takes_the_ring_and_so_do_typed_numbers(phone: Page, site: str, lang: str) -> None:
    phone.goto(f"{site}/embedding?lang={lang}&view=walk&{SMALL}")
    settled(phone, 2)
    figure = phone.get_by_test_id("stMain").locator(".mlplot-figure").first
    figure.evaluate("gd => gd.scrollIntoView({block: 'center'})")
    phone.evaluate(DRAW, 8)
    last = figure.evaluate("gd => gd.data.length - 1")
    x, y = numbers(figure, last)[:, 0]
    start, end = figure.evaluate(PLACE, [x, y]), figure.evaluate(PLACE, [x, y])
    end = [end[0] + 40, end[1] - 30]
    finger = phone.context.new_cdp_session(phone)

    def touch(kind: str, *points: list[float]) -> None:
        places = [{"x": px, "y": py} for px, py in points]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    touch("touchStart", start)
    for share in (0.25, 0.5, 0.75, 1.0):
        touch("touchMove", [a + share * (b - a) for a, b in zip(start, end, strict=True)])
    touch("touchEnd")
    phone.wait_for_function("() => location.search.includes('aeat=')")
    phone.wait_for_timeout(1800)  # longer than a mark waits for Python to agree
    settled(phone, 2)
    moved = numbers(figure, last)[:, 0]
    assert moved[0] > x
    assert moved[1] > y
    labels = [catalog(lang)["embedding.walk.place"].format(axis=axis) for axis in (1, 2)]
    fields = [phone.get_by_label(label, exact=True) for label in labels]
    shown = [float(field.input_value()) for field in fields]
    assert shown == pytest.approx(moved.tolist(), abs=0.01)
    fields[0].fill("0.5")
    fields[0].press("Enter")
    phone.wait_for_function("() => document.querySelector('[data-test-script-state=notRunning]')")
    phone.wait_for_function(
        """last => { const gd = document.querySelector('[data-testid=stMain] .mlplot-figure');
          return Math.abs(gd.data[last].x[0] - 0.5) < 1e-3; }""",
        arg=last,
    )
    assert numbers(figure, last)[1, 0] == pytest.approx(moved[1], abs=0.01)
    assert phone.evaluate("() => document.documentElement.scrollWidth") <= 390
    assert not np.isnan(numbers(figure, last)).any()
