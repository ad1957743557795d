"""The room of the regression tasks without a browser: every view, its numbers and its links."""

from __future__ import annotations

from functools import partial
from time import perf_counter

import numpy as np
import pytest

from mlcore.base.experiment import run
from mlcore.figures import boxes as box_figures
from mlcore.tasks import box_descent, equal_error
from mlcore.tasks.boxes import BOX_LOSSES, measure
from mlcore.tasks.depth_maps import MapSpec, compare
from mlcore.tasks.flow import FlowSpec, estimate
from pages.rooms.regression_tasks import boxes as box_view
from pages.rooms.regression_tasks.room import VIEWS, RoomSpec
from pages.ui.text import LANGUAGES, catalog, number
from tests.pages import rooms
from tests.pages.rooms import buttons, link_of, pictures, rerun, said, widget

pytestmark = pytest.mark.usefixtures("patient")
SMALL = {"oscenes": "50", "oupdates": "50", "ohidden": "8", "oreliefs": "50", "ocount": "50", "oneurons": "8"}
opened = partial(rooms.opened, "regression_tasks", **SMALL)
asked = partial(rooms.asked, RoomSpec, **SMALL)
APART = {"obox": "0.5~0.5~2~2", "otrue": "5~5~8~9"}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(view: str, lang: str) -> None:
    page = opened(view=view, lang=lang)
    assert catalog(lang)[f"regression_tasks.{view}.claim"] in said(page)
    assert not page.error
    assert not page.warning
    assert pictures(page)
    assert not any("{" in found.value for kind in ("markdown", "caption") for found in getattr(page, kind))


# ---------------------------------------------------------------- boxes


def test_the_table_is_what_the_losses_say() -> None:
    page = opened(obox="1~2~5~6", otrue="3~3~8~8", oloss="ciou")
    found = measure((1.0, 2.0, 5.0, 6.0), (3.0, 3.0, 8.0, 8.0))
    shown = page.dataframe[0].value
    assert shown["value L"].tolist() == [number(one.value) for one in found.readings]
    assert shown["loss"].tolist() == [variant.title for variant in BOX_LOSSES.variants()]
    assert f"IoU = **{number(found.iou)}**" in said(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_boxes_that_do_not_touch_have_a_flat_iou(lang: str) -> None:
    page = opened(lang=lang, **APART)
    start = catalog(lang)["regression_tasks.boxes.apart"].partition("{giou}")[0].partition("**: ")[2]
    assert start in said(page)
    shown = page.dataframe[0].value.iloc[3].tolist()
    assert shown[1:] == ["1", "0", "0"]


def test_boxes_are_typed_and_nonsense_keeps_the_last() -> None:
    page = opened()
    widget(page, "regression_tasks", "obox").set_value("1, 1, 4, 5")
    rerun(page)
    assert asked(obox=link_of(page)["obox"]).predicted == (1, 1, 4, 5)
    widget(page, "regression_tasks", "obox").set_value("1, 1, four")
    rerun(page)
    assert asked(obox=link_of(page)["obox"]).predicted == (1, 1, 4, 5)
    assert any("4" in found.value and ":red" in found.value for found in page.caption)


def test_typed_numbers_are_put_in_order_and_it_is_said() -> None:
    page = opened(obox="5~6~1~2")
    assert catalog("en")["regression_tasks.boxes.turned"] in said(page)
    turned = said(opened(obox="1~2~5~6"))
    assert measure((1.0, 2.0, 5.0, 6.0), RoomSpec().truth).iou == pytest.approx(
        float(turned.split("IoU = **")[1].split("*")[0]), abs=5e-4
    )


def test_the_marks_of_both_boxes_may_be_moved() -> None:
    sent = pictures(opened())["boxes"]
    assert {handle["trace"] for handle in sent["handles"]} == {box_figures.MARKS, box_figures.TRUE_MARKS}
    assert len(sent["figures"][0]["data"]) == box_figures.MARKS + 1


def test_a_family_of_equal_error_is_played() -> None:
    page = opened(obox="1~2~5~6")
    family = equal_error.family((1.0, 2.0, 5.0, 6.0), RoomSpec().truth)
    assert family is not None
    assert f"goes from {number(family.iou.min())} to {number(family.iou.max())}" in said(page)
    frames = pictures(page)["family"]["frames"]
    assert len(set(frames["readout"]["L2"])) == 1
    assert frames["readout"]["1 − IoU"][-1] == number(float(family.losses["iou"][-1]))


def test_while_a_hand_holds_a_box_its_family_stays() -> None:
    page = opened(obox="1~2~5~6")
    before = pictures(page)["family"]["frames"]
    page.session_state[box_view.HELD] = True
    widget(page, "regression_tasks", "obox").set_value("1, 2, 5, 7")
    held = pictures(rerun(page))
    assert held["family"]["frames"] == before
    assert measure((1, 2, 5, 7), RoomSpec().truth).iou == pytest.approx(
        float(said(page).split("IoU = **")[1].split("*")[0]), abs=5e-4
    )
    assert pictures(rerun(page))["family"]["frames"] != before  # let go


def test_without_an_error_there_is_no_family() -> None:
    page = opened(obox="3~3~8~8", otrue="3~3~8~8")
    assert catalog("en")["regression_tasks.boxes.no_error"] in said(page)
    assert "family" not in pictures(page)


def test_a_dragged_box_is_answered_soon() -> None:
    """What is computed and drawn for one place of the hand, without what Streamlit takes for it."""
    times = []
    for k in range(15):
        before = perf_counter()
        box = (1.0 + 0.1 * k, 2.0, 5.0, 6.0)
        box_view.measured(box, RoomSpec().truth)
        box_view.drawn(box, RoomSpec().truth, "giou", "en")
        box_view.family_scene(box, RoomSpec().truth, "en")
        times.append(perf_counter() - before)
    assert np.median(times) < 0.5  # 0.03 s on an idle machine


# ---------------------------------------------------------------- descents


def test_the_descent_on_the_page_is_that_of_the_core() -> None:
    page = opened(view="descent", **APART)
    found = box_descent.descend((0.5, 0.5, 2.0, 2.0), (5.0, 5.0, 8.0, 9.0), "adam", 0.1, 150)
    assert page.dataframe[0].value["IoU at the end"].tolist() == [number(one) for one in found.iou[-1]]
    assert "IoU never moves" in said(page)


def test_a_start_is_a_press_away_and_boxes_are_shared() -> None:
    page = opened(view="descent")
    buttons(page)[0].click()
    rerun(page)
    link = link_of(page)
    assert asked(**{k: v for k, v in link.items() if k not in SMALL}).predicted == (0.5, 0.5, 2.5, 2.0)
    again = opened(**{**link, "view": "boxes"})
    assert "IoU = **0**" in said(again)


# ---------------------------------------------------------------- a network


def test_the_networks_on_the_page_are_those_of_the_core() -> None:
    page = opened(view="detector")
    found = run(asked().detector)
    shown = page.dataframe[0].value
    assert shown["mean test IoU"].tolist() == [number(float(own.mean())) for own in found.last.iou]
    assert set(pictures(page)) == {"learning", "answers"}


# ---------------------------------------------------------------- flow


def test_the_errors_on_the_page_are_those_of_the_core() -> None:
    page = opened(view="flow", omotion="zoom", oamount="2.5", olevels="2")
    found = estimate(FlowSpec("zoom", 2.5, levels=2))
    assert f"end-point error **{number(found.end_point())}** pixels" in said(page)
    assert f"angular error **{number(found.angular())}°**" in said(page)
    assert set(pictures(page)) == {"frames", "colors", "carried"}
    assert "aperture" not in said(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_failures_of_the_estimate_are_named(lang: str) -> None:
    stripes = said(opened(view="flow", otexture="stripes", omotion="translation", lang=lang))
    assert "aperture problem" in stripes.lower()
    far = {"omotion": "translation", "oamount": "8"}
    start = catalog(lang)["regression_tasks.flow.too_far"].partition("**")[2].partition("**")[0]
    assert start in said(opened(view="flow", lang=lang, **far))
    assert start not in said(opened(view="flow", lang=lang, olevels="3", orounds="3", **far))


# ---------------------------------------------------------------- depth


@pytest.mark.parametrize("lang", LANGUAGES)
def test_rmse_misleads_about_scale(lang: str) -> None:
    page = opened(view="depth", lang=lang)
    own = compare(MapSpec()).measures
    start = catalog(lang)["regression_tasks.depth.misled"].partition("**")[2].partition("**")[0]
    assert start in said(page)
    first = page.dataframe[0].value.iloc[0].tolist()
    assert first[1:] == [number(own[kind]["rmse"]) for kind in ("found", "best", "flat")]
    small = said(opened(view="depth", lang=lang, oscale="1.05"))
    assert start not in small


def test_a_right_prediction_is_told() -> None:
    page = opened(view="depth", oscale="1")
    assert catalog("en")["regression_tasks.depth.right"] in said(page)
    assert set(pictures(page)) == {"depth", "scales"}


def test_the_depths_that_networks_see_are_those_of_the_core() -> None:
    page = opened(view="shading")
    found = run(asked().shading)
    shown = page.dataframe[0].value
    assert shown["SILog"].tolist() == [number(float(own.mean())) for own in found.last.silog]
    assert shown["RMSE (m)"].tolist() == [number(float(own.mean())) for own in found.last.rmse]
    assert set(pictures(page)) == {"shading", "given", "seen"}


def test_one_scale_for_all_worlds_is_told() -> None:
    assert "**All worlds have the same scale here**" in said(opened(view="shading", ospread="1"))


def test_a_link_with_nonsense_opens_with_defaults_and_says_so() -> None:
    page = opened(view="boxes", obox="1~2", oloss="l3", orate="-1")
    assert len(page.warning) == 3
