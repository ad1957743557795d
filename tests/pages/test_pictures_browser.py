"""A picture of one's own in a real Chromium: uploaded, seen moving, removed, and seen by nobody else."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from mlcore.figures.flow import SHADES
from mlcore.files.picture import read
from mlcore.tasks.flow import square
from pages.ui.text import catalog
from tests.pages.browser import DRAW, DRAWN

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)  # a busy machine may take long
EN, KO = catalog("en"), catalog("ko")
SHOWN = "gd => Array.from(gd.data[0].z, row => Array.from(row))"  # what a frame shows now


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A JPEG from a camera that was held on its side, by a name that says PNG."""
    small = np.random.default_rng(3).uniform(0, 255, (6, 10)).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path_factory.mktemp("pictures") / "photo.png"
    Image.fromarray(small).resize((1000, 600), Image.Resampling.BICUBIC).save(path, "JPEG", exif=exif)
    return path


def opened(page: Page, site: str, lang: str = "en") -> Any:
    """The flow of one's own picture; the figure with its frames."""
    page.set_default_timeout(60_000)
    page.goto(f"{site}/regression_tasks?lang={lang}&view=flow&otexture=own")
    settled(page)
    return page.get_by_test_id("stMain").locator(".mlplot-figure").first


def settled(page: Page) -> None:
    page.wait_for_function(DRAWN, arg=7)
    page.evaluate(DRAW, 8)


def chosen(page: Page, file: Any, said: str) -> None:
    """Put a file into the field, and wait for what the page says then."""
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text(said).first).to_be_visible()
    settled(page)


def first(page: Page, figure: Any) -> np.ndarray:
    """The first frame, as the player shows it when it is moved to the beginning."""
    page.get_by_test_id("stMain").locator("input[type=range]").first.evaluate(
        "bar => { bar.value = 0; bar.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    page.evaluate(DRAW, 8)
    return np.array(figure.evaluate(SHOWN), float)


def shades(raw: bytes) -> np.ndarray:
    return np.clip(square(read(raw).gray), *SHADES)


def test_a_photo_is_the_first_frame_until_it_is_removed(page: Page, site: str, photo: Path) -> None:
    figure = opened(page, site)
    made = first(page, figure)
    chosen(page, photo, "JPEG, 600 × 1,000 pixels")  # upright
    step = (SHADES[1] - SHADES[0]) / 255  # frames have a byte a pixel
    wanted = shades(photo.read_bytes())
    assert np.abs(first(page, figure) - wanted).max() <= step
    assert np.abs(made - wanted).max() > 1
    assert "otexture=own" in page.url
    stored = page.evaluate("async () => (await fetch('/_stcore/metrics')).text()")
    kept = [line for line in stored.splitlines() if "UploadedFile" in line and not line.startswith("#")]
    assert [line.rsplit(" ", 1)[1] for line in kept] in ([], ["0"]), "the file itself is gone"
    page.get_by_role("button", name=EN["frame.picture.remove"]).click()
    expect(page.get_by_text(EN["frame.picture.none"])).to_be_visible()
    settled(page)
    np.testing.assert_allclose(first(page, figure), made)


def test_a_bad_file_gets_a_sentence_and_the_made_picture_stands(page: Page, site: str, photo: Path) -> None:
    figure = opened(page, site, "ko")
    made = first(page, figure)
    gif = io.BytesIO()
    Image.new("L", (9, 9)).save(gif, "GIF")
    given = {"name": "photo.png", "mimeType": "image/png", "buffer": gif.getvalue()}
    chosen(page, given, KO["problems.picture.format"].format(found="GIF"))
    np.testing.assert_allclose(first(page, figure), made)
    chosen(page, given | {"buffer": b""}, KO["problems.picture.empty"])
    np.testing.assert_allclose(first(page, figure), made)
    chosen(page, photo, "JPEG, 600 × 1,000")
    assert page.get_by_test_id("stAlert").count() == 0
    page.get_by_role("button", name=KO["frame.picture.remove"]).click()
    expect(page.get_by_text(KO["frame.picture.none"])).to_be_visible()
    page.locator("input[type=file]").set_input_files(given | {"name": "words.txt", "mimeType": "text/plain"})
    told = KO["frame.unfit"].format(kinds="PNG, JPEG", mb=4)
    expect(page.get_by_text(told)).to_be_visible()  # the browser did not send it


def test_nobody_else_sees_it(page: Page, browser: Browser, site: str, photo: Path) -> None:
    figure = opened(page, site)
    chosen(page, photo, "JPEG, 600 × 1,000 pixels")
    mine = first(page, figure)
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    try:
        other = context.new_page()
        heard: list[str] = []
        other.on("websocket", lambda socket: socket.on("framereceived", lambda sent: heard.append(str(sent))))
        theirs = opened(other, site)
        expect(other.get_by_text(EN["frame.picture.none"])).to_be_visible()
        assert other.locator("input[type=file]").get_attribute("accept") == "image/png,image/jpeg"
        assert np.abs(first(other, theirs) - mine).max() > 1
        assert heard
        assert not any("1,000" in sent for sent in heard)
        assert other.evaluate("() => document.documentElement.scrollWidth") <= 390
        page.reload()  # a new session, which knows nothing of the old one
        settled(page)
        expect(page.get_by_text(EN["frame.picture.none"])).to_be_visible()
    finally:
        context.close()
