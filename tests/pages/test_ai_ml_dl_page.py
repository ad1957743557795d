"""The room on AI, ML and DL without a browser: rules, three ways, doors, links."""

from __future__ import annotations

from functools import partial

import pytest

from mlcore.base.experiment import run
from mlcore.tasks import approaches as core
from pages.rooms.ai_ml_dl.map import ROOMS
from pages.rooms.ai_ml_dl.room import VIEWS, RoomSpec
from pages.ui import frame
from pages.ui.text import LANGUAGES, catalog, percent
from tests.pages import rooms
from tests.pages.rooms import link_of, pictures, rerun, said, widget

pytestmark = pytest.mark.usefixtures("patient")
opened = partial(rooms.opened, "ai_ml_dl")
asked = partial(rooms.asked, RoomSpec)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(view: str, lang: str) -> None:
    page = opened(view=view, lang=lang)
    assert catalog(lang)[f"ai_ml_dl.{view}.claim"] in said(page)
    assert not page.error
    assert not page.warning
    assert len(pictures(page)) == (2 if view == "rule" else 1)
    assert not any("{" in found.value for kind in ("markdown", "caption") for found in getattr(page, kind))


def test_a_rule_is_typed_and_judged() -> None:
    page = opened()
    widget(page, "ai_ml_dl", "airule").set_value("top - bottom - 0.12")
    rerun(page)
    share = core.judge("top - bottom - 0.12", (1, 7)).share(1)
    assert f"right on **{percent(share.value)}** of the test examples" in said(page)
    assert link_of(page) == {"airule": "top - bottom - 0.12"}
    widget(page, "ai_ml_dl", "airule").set_value("top - bottm")
    rerun(page)
    assert "Did you mean bottom?" in page.error[0].value
    assert "Shown is the last rule that could be read: top - bottom - 0.12" in said(page)
    assert f"right on **{percent(share.value)}** of the test examples" in said(page)


def test_a_rule_without_a_mistake_says_so() -> None:
    page = opened(aia="0", aib="1", airule="symmetry*0 + 0.5 - holes")
    ruled = core.judge("symmetry*0 + 0.5 - holes", (0, 1))
    none = ruled.share(1).hits == ruled.share(1).of
    assert (catalog("en")["ai_ml_dl.rule.none"] in said(page)) == none


def test_three_ways_are_compared_and_two_for_all_ten() -> None:
    page = opened(view="effort", aisteps="100")
    table = page.dataframe[0].value
    assert len(table) == 3
    network = run(asked(aisteps="100").pixels)
    assert table.iloc[2, 4] == percent(network.test.value)
    assert table.iloc[2, 2] == f"{network.learned:,}"
    assert len(opened(view="effort", aiall="1").dataframe[0].value) == 2


def test_every_door_of_the_map_leads_into_a_room() -> None:
    page = opened(view="map")
    known = {room.code for _, part in frame.CONTENTS for room in part}
    doors = {link.proto.page for link in page.get("page_link")}
    assert {code for codes in ROOMS.values() for code in codes} <= known & doors


def test_a_link_with_nonsense_opens_with_defaults_and_says_so() -> None:
    page = opened(aia="12", aiunits="nan", airule="x" * 400)
    assert len(page.warning) == 3
    assert link_of(page) == {}
    assert not page.error
