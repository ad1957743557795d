"""Your first class, as the README writes it down: a lecturer and two phones in Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.pages.browser import PLACE, ROOT, serve

pytestmark = pytest.mark.browser
WIDE, NARROW = {"width": 1920, "height": 1080}, {"width": 390, "height": 844}
QUESTION = "What does plain descent do above 2/λ?"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole app, with a store of its own."""
    folder: Path = tmp_path_factory.mktemp("classes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLCORE_STORE", str(folder))
        patch.delenv("MLCORE_DATABASE", raising=False)
        with serve(ROOT / "app.py") as url:
            yield url


@pytest.fixture
def front(browser: Browser) -> Iterator[Page]:
    found = browser.new_page(viewport=WIDE)
    found.set_default_timeout(120_000)
    yield found
    found.close()


@pytest.fixture
def phones(browser: Browser) -> Iterator[list[Page]]:
    contexts = [browser.new_context(viewport=NARROW, has_touch=True, is_mobile=True) for _ in range(2)]
    found = [context.new_page() for context in contexts]
    for page in found:
        page.set_default_timeout(120_000)
    yield found
    for context in contexts:
        context.close()


def scanned(front: Page, path: Path) -> str:
    """What the camera of a phone reads at the front."""
    front.get_by_alt_text(re.compile("QR code")).screenshot(path=path)
    (found,) = zxingcpp.read_barcodes(Image.open(path))
    return str(found.text)


def join(phone: Page, address: str) -> None:
    phone.goto(address)
    phone.locator(".st-key-_join button").tap()
    phone.wait_for_url(re.compile("me="))


def count(front: Page, joined: int, answered: int) -> None:
    values = front.get_by_test_id("stMetricValue")
    expect(values.nth(0)).to_have_text(str(joined), timeout=120_000)
    expect(values.nth(1)).to_have_text(str(answered), timeout=120_000)


def test_your_first_class(front: Page, phones: list[Page], site: str, tmp_path: Path) -> None:
    """A question: from nothing to the revealed distribution."""
    front.goto(f"{site}/classroom?lang=en")
    front.get_by_text("A question", exact=True).click()
    front.get_by_label("What do you ask?").fill(QUESTION)
    options = front.get_by_label("Options, one a line: two to six")
    options.fill("it converges\nit diverges")
    options.press("Control+Enter")
    front.get_by_role("button", name="Open the class").click()
    front.wait_for_url(re.compile("key="))
    address = scanned(front, tmp_path / "qr.png")
    code = address.partition("class=")[2]
    assert address == f"{site}/join?class={code}"
    assert "key" not in address
    join(phones[0], f"{address}&lang=en")
    phones[1].goto(f"{site}/join?lang=en")  # the other one types the code, as people type
    phones[1].get_by_label("Code of the class").fill(f"{code[:3]} {code[3:]}".lower())
    phones[1].get_by_role("button", name="Go to the class").tap()
    phones[1].locator(".st-key-_join button").tap()
    for phone, option in zip(phones, ("it diverges", "it converges"), strict=True):
        expect(phone.get_by_text(QUESTION)).to_be_visible(timeout=120_000)
        phone.get_by_text(option, exact=True).tap()
        phone.get_by_role("button", name="Send", exact=True).tap()
        expect(phone.get_by_text("Sent.", exact=False)).to_be_visible(timeout=120_000)
    count(front, 2, 2)
    assert front.locator(".mlplot-figure").count() == 0, "covered"
    front.get_by_role("button", name="Reveal to the phones").click()
    for page in (front, *phones):
        expect(page.get_by_text(re.compile("Answers: 2"))).to_be_visible(timeout=120_000)
        page.wait_for_function("() => document.querySelector('.mlplot-figure')?._fullData?.length")
    front.get_by_role("button", name="End the class").click()
    front.get_by_role("button", name="End it now").click()
    for phone in phones:
        expect(phone.get_by_text("No class has the code", exact=False)).to_be_visible(timeout=120_000)


def test_a_touch_on_the_surface_becomes_a_path_at_the_front(
    front: Page, phones: list[Page], site: str
) -> None:
    front.goto(f"{site}/classroom?lang=en&do=descent")
    front.get_by_role("button", name="Open the class").click()
    front.wait_for_url(re.compile("key="))
    code = re.search("class=(\\w+)", front.url)
    assert code
    phone = phones[0]
    join(phone, f"{site}/join?lang=en&class={code[1]}")
    surface = phone.locator(".mlplot-figure").first
    phone.wait_for_function("() => document.querySelector('.mlplot-figure')?._fullData?.length")
    x, y = surface.evaluate(PLACE, [2.0, 3.0])
    phone.touchscreen.tap(x, y)
    near = (
        "() => { const at = document.querySelector('.mlplot-figure')?.data?.[2];"
        " return at && Math.abs(at.x[0] - 2) < 0.2 && Math.abs(at.y[0] - 3) < 0.2; }"
    )
    phone.wait_for_function(near)
    phone.get_by_role("button", name="Send", exact=True).tap()
    count(front, 1, 1)
    started = (
        "() => { const at = document.querySelector('.mlplot-figure')?.data?.[3];"
        " return at && Math.abs(at.x[0] - 2) < 0.2 && Math.abs(at.y[0] - 3) < 0.2; }"
    )
    front.wait_for_function(started)
    expect(front.get_by_text(re.compile("of 1 descents"))).to_be_visible(timeout=120_000)
    name = phone.get_by_text("You are the").inner_text()
    phone.reload()
    expect(phone.get_by_text(name)).to_be_visible(timeout=120_000)
    expect(phone.get_by_role("button", name="Send again", exact=False)).to_be_visible(timeout=120_000)
