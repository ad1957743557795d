"""The cover in a real Chromium: what is typed is answered at once, and a tile plays where one looks."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from mlcore.store import database
from pages.ui import tiles
from pages.ui.contents import CONTENTS

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)  # a busy machine may take long

MOVING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180" class="thumbnail">'
    '<path class="run" pathLength="1" d="M0 0L9 9"/><g class="frame" style="--k:0"/>'
    '<g class="last" style="--k:1"/></svg>'
)
PLAYS = """names => names.every(
  name => document.querySelector('.st-key-tile_xor ' + name).getAnimations().length > 0)"""
WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module", autouse=True)
def _drawn(tmp_path_factory: pytest.TempPathFactory) -> object:
    """A store in which the pictures lie already: this is about the page, not about drawing them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLCORE_STORE", str(tmp_path_factory.mktemp("store")))
        rooms = [room.code for _, part in CONTENTS for room in part]
        file = database.folder() / f"cover-{tiles.version()}.json"
        file.write_text(json.dumps(dict.fromkeys(rooms, MOVING)))
        yield


def find(page: Page, site: str, typed: str, lang: str = "en") -> None:
    page.goto(f"{site}/?lang={lang}")
    page.locator(".st-key-_search input").press_sequentially(typed)


def test_what_is_typed_is_answered_without_a_key_and_leads_there(page: Page, site: str) -> None:
    find(page, site, "Adam")
    page.locator(".st-key-found_search").get_by_role("link", name="Adam ·").click()
    page.wait_for_url("**/training?**opt=adam**")
    assert "opt=adam" in page.url


def test_on_a_phone_korean_finds_its_room(phone: Page, site: str) -> None:
    find(phone, site, "역전파", "ko")
    link = phone.locator(".st-key-found_search").get_by_role("link").first
    expect(link).to_contain_text("역전파와 연쇄 법칙")
    assert not phone.evaluate(WIDE)
    link.click()
    phone.wait_for_url("**/backpropagation?**")


def test_a_tile_plays_where_one_looks_and_rests_for_who_wants_no_motion(page: Page, site: str) -> None:
    page.goto(f"{site}/?lang=en")
    tile = page.locator(".st-key-tile_xor")
    expect(tile.locator("svg.thumbnail")).to_be_attached()
    tile.get_by_role("link").focus()
    page.wait_for_function(PLAYS, arg=[".run", ".frame", ".last"])
    page.emulate_media(reduced_motion="reduce")
    page.wait_for_function(
        PLAYS.replace("every", "some").replace("=> names", "=> !names"), arg=[".run", ".frame"]
    )


def test_a_tile_is_a_link_as_a_whole(page: Page, site: str) -> None:
    page.goto(f"{site}/?lang=en")
    picture = page.locator(".st-key-tile_xor svg.thumbnail")
    expect(picture).to_be_attached()
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**/xor?**")
