"""A room inside a page of another origin, as learning platforms show it, by the snippet of the guide."""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.pages.browser import DRAWN, ROOT

pytestmark = pytest.mark.browser
GUIDE = (ROOT / "deploy" / "README.md").read_text("utf-8")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder that is served, and its address: another origin than the laboratory's."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield tmp_path, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def snippet(site: str, theme: str) -> str:
    """What the guide tells to paste, with this laboratory instead of the example's."""
    (found,) = re.findall(r"```html\n(.+?)```", GUIDE, re.S)
    address = re.search(r'src="([^"]+)"', found).group(1)
    assert address.startswith("https://lab.example.edu/data?embed=true")
    assert "embed_options=light_theme" in address
    return found.replace("https://lab.example.edu", site).replace("light_theme", f"{theme}_theme")


@pytest.mark.parametrize(("theme", "dark"), [("light", False), ("dark", True)])
def test_an_embedded_room_draws_moves_and_tells_its_height(
    browser: Browser, site: str, platform: tuple[Path, str], theme: str, dark: bool
) -> None:
    folder, address = platform
    (folder / "course.html").write_text(f"<!doctype html><h1>Week 3</h1>{snippet(site, theme)}", "utf-8")
    context = browser.new_context(viewport={"width": 1100, "height": 700}, color_scheme="light")
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{address}/course.html")
    room = page.frame_locator("iframe")
    expect(room.locator(".mlplot-figure").first).to_be_visible(timeout=120_000)
    (inner,) = (frame for frame in page.frames if frame.parent_frame)
    inner.wait_for_function(DRAWN, arg=1)
    points = "document.querySelector('.mlplot-figure').data.map(trace => Array.from(trace.x ?? [])).join()"
    before = inner.evaluate(points)
    slider = room.get_by_test_id("stSidebar").get_by_role("slider").first
    slider.focus()
    slider.press("ArrowRight")
    inner.wait_for_function(f"before => {points} !== before", arg=before)
    fits = """() => { const own = document.querySelector('iframe');
        return own.style.height && own.clientHeight > 700 ? own.clientHeight : 0; }"""
    page.wait_for_function(fits)
    content = "() => document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight"
    enough = "least => document.querySelector('iframe').clientHeight >= least"
    page.wait_for_function(enough, arg=inner.evaluate(content))
    light = (
        "() => Number(getComputedStyle(document.querySelector('.stApp')).backgroundColor.match(/\\d+/)[0])"
    )
    assert (inner.evaluate(light) < 128) is dark
    context.close()
