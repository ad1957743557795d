"""The room of contrastive learning without a browser: every view, its numbers, other data and its links."""

from __future__ import annotations

import re
from functools import partial

import numpy as np
import pytest

from mlcore.base.experiment import run
from mlcore.components import similarity
from mlcore.embeddings.contrast import Contrast
from mlcore.embeddings.hardness import push
from mlcore.embeddings.pair_losses import Goal, least, polygon
from mlcore.embeddings.pairs import descend, on_circle, place, random_cosines
from mlcore.figures import pairs as figures
from mlcore.script.contrastive import write
from pages.rooms.contrastive import pairs as pair_view
from pages.rooms.contrastive.room import VIEWS, RoomSpec, tenths
from pages.ui.text import LANGUAGES, catalog, number, percent
from tests.pages import rooms
from tests.pages.rooms import link_of, pictures, rerun, said, widget

pytestmark = pytest.mark.usefixtures("patient")
SMALL = {"n": "120", "ctsteps": "20", "ctunits": "8", "ctbatch": "16", "ctseeds": "2"}
opened = partial(rooms.opened, "contrastive", **SMALL)
asked = partial(rooms.asked, RoomSpec, **SMALL)
PICTURES = {
    "pairs": {"circle", "way circle"}, "slide": {"slide", "random"}, "temperature": {"temperature"},
    "learn": {"views", "codes 4"}, "collapse": {"panels", "collapsing"}, "sweep": {"sweep"},
}  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(view: str, lang: str) -> None:
    page = opened(view=view, lang=lang)
    assert catalog(lang)[f"contrastive.{view}.claim"] in said(page)
    assert not page.error
    assert not page.warning
    assert set(pictures(page)) == PICTURES[view]
    assert not re.search(r"{[a-z_]+[:}]", re.split(r"\\(begin|scriptsize)", said(page))[0])  # all filled


@pytest.mark.parametrize("view", ["learn", "collapse", "sweep"])
@pytest.mark.parametrize("data", ["iris", "moons", "drawn_plane"])
def test_trainings_take_other_data(view: str, data: str) -> None:
    page = opened(view=view, data=data, ctdim="3")
    assert not page.error
    assert link_of(page)["data"] == data
    assert "views" not in pictures(page)


def test_a_target_that_is_a_number_is_refused_with_a_sentence() -> None:
    page = opened(view="learn", data="diabetes")
    assert len(page.warning) == 1
    assert "data" not in link_of(page) or link_of(page)["data"] != "diabetes"


# ---------------------------------------------------------------- pairs


def test_the_numbers_of_the_pairs_are_those_of_the_core() -> None:
    page = opened(ctang="0~90~200~20~100~250", cttau="0.5")
    found = place(on_circle((0, 90, 200, 20, 100, 250)), Goal(tau=0.5))
    assert f"Loss **{number(found.loss, 4)}**, bound **{number(found.least, 4)}**" in said(page)
    shown = page.dataframe[0].value
    assert shown["term ℓ"].tolist() == [number(term) for term in found.terms]
    assert shown["view"].tolist() == ["1", "2", "3", "1′", "2′", "3′"]
    way = descend(found.u, Goal(tau=0.5), RoomSpec().pace, RoomSpec().moves)
    assert "**The bound is reached:**" in said(page)
    assert number(float(way.loss[-1]), 6) in said(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_crowded_circle_is_told_and_compared_with_a_polygon(lang: str) -> None:
    told = said(opened(ctn="5", cttau="0.5", lang=lang))
    start = (
        catalog(lang)["contrastive.pairs.crowded"].partition("gap}")[2].partition("**")[2].partition("**")[0]
    )
    assert start in told
    assert str(number(polygon(5, Goal(tau=0.5)), 6)) in told
    assert str(number(least(5, Goal(tau=0.5)), 4)) in told
    assert start not in said(opened(ctspace="sphere", ctn="4", lang=lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_square_is_enough_for_a_small_margin(lang: str) -> None:
    """Four examples on the circle: no simplex fits, and yet the cosine embedding loss comes to its bound."""
    square = {"ctn": "4", "ctang": "0~90~180~270~0~90~180~270"}
    told = said(opened(lang=lang, ctloss="cosine_embedding", ctm="0.1", **square))
    reached = catalog(lang)["contrastive.pairs.end_apart"].partition("**")[2].partition("**")[0]
    assert reached in told.partition("#### ")[2]
    assert catalog(lang)["contrastive.pairs.crowded"].split("**")[5] not in told
    five = said(opened(lang=lang, ctloss="cosine_embedding", ctn="5"))
    assert reached not in five
    assert catalog(lang)["contrastive.pairs.crowded"].split("**")[5] in said(opened(lang=lang, **square))


def test_without_negatives_it_is_said() -> None:
    told = said(opened(ctneg="0"))
    assert "**No negatives:**" in told
    assert "farthest two views" in told
    assert "did not fall" in said(opened(ctpace="2", cttau="0.02"))


def test_angles_are_typed_completed_and_buttons_place_them() -> None:
    page = opened()
    widget(page, "contrastive", "ctang").set_value("0, 120")
    rerun(page)
    spec = asked(ctang=link_of(page)["ctang"])
    assert spec.turns[:2] == (0.0, 120.0)
    assert len(spec.turns) == 6
    assert len(page.dataframe[0].value) == 6
    button = next(one for one in page.button if one.label == catalog("en")["contrastive.pairs.spread"])
    button.click()
    rerun(page)
    assert asked(ctang=link_of(page)["ctang"]).turns == (0, 120, 240, 0, 120, 240)
    assert "gap 0" in said(page).partition("bound")[2]


def test_the_marks_on_the_circle_may_be_moved_and_those_in_space_not() -> None:
    sent = pictures(opened())["circle"]
    assert [handle["trace"] for handle in sent["handles"]] == [figures.MARKS]
    space = pictures(opened(ctspace="sphere"))
    assert space["sphere"]["handles"] == []
    assert {update["attribute"] for update in space["way sphere"]["frames"]["updates"]} == {"x", "y", "z"}


def test_while_a_hand_holds_a_view_the_way_stays() -> None:
    page = opened()
    before = pictures(page)["way circle"]["frames"]
    page.session_state[pair_view.HELD] = True
    widget(page, "contrastive", "ctang").set_value("0, 90, 180, 30, 120, 200")
    held = pictures(rerun(page))
    assert held["way circle"]["frames"] == before
    assert pictures(rerun(page))["way circle"]["frames"] != before  # let go


# ---------------------------------------------------------------- the slide, temperature


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_slide_and_a_kind_word_about_it(lang: str) -> None:
    page = opened(view="slide", lang=lang, cta="1~0", ctb="0~1.5", ctgap="-0.5", ctroom="16")
    assert catalog(lang)["contrastive.slide.simclr"] in [info.value for info in page.info]
    assert "NT-Xent" in page.info[0].value
    found = similarity.likeness((1, 0), (0, 1.5), -0.5)
    told = said(page)
    assert f"**{number(float(found.loss[1]))}**" in told
    assert f"**{number(random_cosines(16).variance, 4)}**" in told
    zero = opened(view="slide", lang=lang, cta="0~0")
    assert catalog(lang)["contrastive.slide.zero"] in said(zero)


def test_the_shares_on_the_page_are_those_of_the_core() -> None:
    page = opened(view="temperature", cttau="0.1", ctpart="15", ctriv="40~-70~160")
    found = push(15.0, (40.0, -70.0, 160.0), 0.1)
    order = np.argsort(-found.cos)
    shown = page.dataframe[0].value
    assert shown["share, formula"].tolist() == [percent(found.shares[j]) for j in order]
    assert shown["share, autograd"].tolist() == [percent(found.measured[j]) for j in order]
    assert f"As if **{number(found.effective)}** of 3 negatives" in said(page)


# ---------------------------------------------------------------- trainings


def test_the_encoder_on_the_page_is_that_of_the_core() -> None:
    page = opened(view="learn", ctdim="2")
    found: Contrast = run(asked(ctdim="2").own)
    shown = page.dataframe[0].value
    assert shown["test accuracy"].tolist() == [tenths(one.test.value) for one in found.probes]
    told = said(page).replace("**", "")
    assert f"{tenths(found.probe('learned_code').test.value)} of the test examples" in told
    assert f"Alignment {number(found.checkpoints[-1].alignment)}" in told
    frames = pictures(page)["codes 2"]["frames"]
    assert frames["steps"] == [one.step for one in found.checkpoints]
    assert frames["readout"]["loss"][-1] == number(found.checkpoints[-1].cost)
    assert frames["cursors"] == [1, 2, 3]


@pytest.mark.parametrize("dimensions", ["2", "3", "8"])
def test_codes_are_drawn_on_the_circle_the_sphere_or_two_axes(dimensions: str) -> None:
    page = opened(view="learn", ctdim=dimensions)
    sent = pictures(page)[f"codes {min(int(dimensions), 4)}"]
    kinds = {trace["type"] for trace in sent["figures"][0]["data"]}
    assert kinds == ({"scatter3d"} if dimensions == "3" else {"scatter"})
    assert ("two axes along which it varies most" in said(page)) == (dimensions == "8")


def test_the_views_follow_the_settings_at_once() -> None:
    still = pictures(opened(view="learn", ctshift="0", ctturn="0", ctnoise="0"))["views"]
    moved = pictures(opened(view="learn", ctshift="2", ctturn="0", ctnoise="0"))["views"]
    assert still["figures"][0]["layout"]["yaxis"]["ticktext"] == ["image", "view 1", "view 2"]
    assert still["figures"][0]["data"][0]["z"] != moved["figures"][0]["data"][0]["z"]


def test_the_script_of_the_run_is_on_the_page() -> None:
    page = opened(view="learn")
    assert write(asked().own).strip() in [code.value for code in page.code]


def test_other_experiments_are_a_press_away() -> None:
    page = opened(view="learn", cttau="0.5")
    press(page, "contrastive.learn.rings")
    own = rooms.asked(RoomSpec, **link_of(page)).own
    assert (own.data.name, own.turn, own.noise, own.dimensions) == ("circles", 180.0, 0.1, 8)
    assert own.tau == RoomSpec().own.tau
    press(page, "contrastive.learn.digits")
    assert rooms.asked(RoomSpec, **link_of(page)).own.data.name == "digits"


def press(page: object, key: str) -> None:
    next(one for one in page.button if one.label == catalog("en")[key]).click()  # type: ignore[attr-defined]
    rerun(page)  # type: ignore[arg-type]


def test_the_collapse_on_the_page_is_that_of_the_core() -> None:
    page = opened(view="collapse")
    found = run(asked().collapse)
    shown = page.dataframe[0].value
    told = [text.partition(" (")[0] for text in shown["uniformity"].tolist()]
    assert told == [number(float(np.median(row))) for row in found.glimpses[-1].uniformity]
    accuracy = [text.partition(" (")[0] for text in shown["probe, test accuracy"].tolist()]
    assert accuracy == [percent(float(np.median(row))) for row in found.accuracy]
    assert len(pictures(page)["panels"]["figures"]) == 4


@pytest.mark.parametrize("over", ["temperature", "batch", "margin"])
def test_the_sweep_on_the_page_is_that_of_the_core(over: str) -> None:
    page = opened(view="sweep", ctover=over)
    found = run(asked(ctover=over).sweep)
    shown = page.dataframe[0].value
    assert shown.iloc[:, 0].tolist() == [number(one.value) for one in found]
    assert shown["probe, mean"].tolist() == [tenths(float(one.accuracy.mean())) for one in found]


def test_a_link_with_nonsense_opens_with_defaults_and_says_so() -> None:
    page = opened(ctang="1~two", cttau="-1", ctloss="triplet", ctn="99")
    assert len(page.warning) == 4
    assert pictures(page)
