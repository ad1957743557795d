"""Masks in the room of the classification tasks, without a browser: numbers, links, typed masks, undo."""

from __future__ import annotations

from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from mlcore.base import masks as texts
from mlcore.script import masks as script
from mlcore.tasks import mask_gradients
from mlcore.tasks.masks import NAMES, STARTS, Counts, balanced, boundary_f, readings
from mlcore.tasks.segmenter import HALF
from pages.rooms.classification_tasks import mask_losses, mask_paint, mask_settings
from pages.rooms.classification_tasks.mask_settings import MaskRoom
from pages.rooms.classification_tasks.room import RoomSpec
from pages.ui.text import LANGUAGES, catalog, number
from tests.core.mask_cases import SMALL, random_mask, scene, segmented
from tests.pages import rooms
from tests.pages.rooms import link_of, pictures, rerun, said, widget

pytestmark = pytest.mark.usefixtures("patient")
ROOM = "classification_tasks"
TRAINED = {"mscenes": "20", "mchannels": "4", "mupdates": "60", "mtimes": "2"}
opened = partial(rooms.opened, ROOM, **TRAINED)
asked = partial(rooms.asked, RoomSpec, **TRAINED)
VIEWS = ("paint", "mask_losses", "segment")
_, TRUE = scene(0)


def shifted() -> str:
    return texts.write(STARTS["shifted"](TRUE))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(view: str, lang: str) -> None:
    page = opened(view=view, lang=lang)
    assert catalog(lang)[f"{ROOM}.{view}.claim"] in said(page)
    assert not page.error
    assert not page.warning
    assert pictures(page)
    assert not any("{" in found.value for kind in ("markdown", "caption") for found in getattr(page, kind))


# ---------------------------------------------------------------- painting


def test_nothing_painted_has_high_accuracy_and_no_overlap() -> None:
    page = opened(view="paint")
    objects = int(TRUE.sum())
    assert f"{100 * (1 - TRUE.mean()):.1f}% of all pixels are right. IoU: 0." in said(page)
    assert f"The objects are {objects} of 576 pixels" in said(page)
    own, empty = (page.dataframe[0].value[name].tolist() for name in ("your mask", "all background"))
    assert own == empty


def test_measures_and_losses_of_a_mask_are_those_of_the_core() -> None:
    page = opened(view="paint", mmask=shifted(), msure="0.8", mgamma="3")
    mask = STARTS["shifted"](TRUE)
    own = Counts.of(mask, TRUE, (0, 1))
    assert f"IoU {number(float(own.iou))}" in said(page)
    assert f"{own.tp} pixels hit, {own.fn} missed, {own.fp} false alarms" in said(page)
    bars = pictures(page)["measures"]["figures"][0]["data"][2]["text"]
    wanted = [
        own.accuracy,
        own.balanced,
        own.precision,
        own.recall,
        own.dice,
        own.iou,
        boundary_f(mask, TRUE),
    ]
    assert bars == [f"{float(value):.3f}" for value in wanted]
    losses = readings(mask, TRUE, 0.8, balanced(float(TRUE.mean()), 1.0), 3.0)
    assert page.dataframe[0].value["your mask"].tolist() == [number(value) for value in losses.values()]


def test_worse_than_nothing_by_accuracy_is_told() -> None:
    page = opened(view="paint", mmask=texts.write(STARTS["dilated"](TRUE) | random_mask(0, 0.2)))
    assert "no better than painting nothing" in said(page)
    assert "Your mask is the truth" in said(opened(view="paint", mmask=texts.write(TRUE)))


def test_masks_to_begin_with_and_undo() -> None:
    page = opened(view="paint")
    for name in ("truth", "dilated"):
        page.button(key=f"masks.{name}").click()
        rerun(page)
        assert link_of(page)["mmask"] == texts.write(STARTS[name](TRUE))
    page.button(key="masks.undo").click()
    rerun(page)
    assert link_of(page)["mmask"] == texts.write(TRUE)
    page.button(key="masks.nothing").click()
    rerun(page)
    assert "mmask" not in link_of(page)


def area(page: Any) -> Any:
    return page.text_area[0]


def test_a_mask_is_typed_as_lines_and_nonsense_keeps_the_last() -> None:
    page = opened(view="paint")
    mask = random_mask(3)
    area(page).set_value(texts.listed(mask))
    rerun(page)
    assert link_of(page)["mmask"] == texts.write(mask)
    area(page).set_value("#.#")
    rerun(page)
    assert link_of(page)["mmask"] == texts.write(mask)
    assert "These are 1 lines" in said(page).replace("\\", "")


def test_a_link_that_is_no_mask_opens_with_none_and_says_so() -> None:
    page = opened(view="paint", mmask="hello", mcut="2")
    assert len(page.warning) == 2
    assert "Nothing is painted" in said(page)


def test_a_painted_mask_is_answered_soon() -> None:
    """What is computed and drawn after a stroke, without what Streamlit takes for it."""
    times = []
    for seed in range(15):
        mask = random_mask(seed + 100)
        before = perf_counter()
        mask_paint.drawn(texts.write(mask), 0, 0.1, "en")
        mask_paint.told(mask, TRUE)
        mask_paint.table(MaskRoom(), mask, TRUE)
        times.append(perf_counter() - before)
    assert np.median(times) < 0.5  # 0.02 s on an idle machine


# ---------------------------------------------------------------- losses


def test_shares_of_the_gradient_are_those_of_the_core() -> None:
    page = opened(view="mask_losses", msoft="3", mbias="-1", mgamma="1")
    _, true = mask_settings.scene(0, 0.0)
    found = mask_gradients.gradients(true, 3.0, -1.0, balanced(float(true.mean()), 1.0), 1.0)
    told = said(page)
    assert str(mask_losses.told(found, 1.0)).replace("\u2060", "") in told
    assert f"**{100 * found.share[0]:.0f}%** with cross-entropy" in told
    sent = pictures(page)
    assert {key: len(one["figures"]) for key, one in sent.items()} == {"pulls": 6, "shares": 1, "curves": 2}


def test_a_prediction_without_easy_background_is_told() -> None:
    assert "none is easy" in said(opened(view="mask_losses", msoft="6", mbias="4"))


# ---------------------------------------------------------------- networks


def test_the_networks_on_the_page_are_those_of_the_core() -> None:
    page = opened(view="segment", mloss="dice")
    found = segmented()
    assert asked().masks.train == SMALL
    shown = page.dataframe[0].value
    assert shown["test IoU"].tolist() == [number(float(own.mean())) for own in found.last.iou]
    assert shown["accuracy"].tolist() == [number(float(own.mean())) for own in found.last.accuracy]
    sent = pictures(page)
    assert set(sent) == {"segmenting", "thresholds"}
    frames = sent["segmenting"]["frames"]
    assert frames["steps"] == [one.step for one in found.glimpses]
    assert frames["readout"]["IoU, Soft Dice"][-1] == number(float(found.last.iou[NAMES.index("dice"), 0]))
    assert page.code[0].value == script.write(SMALL, "dice").rstrip()


def test_a_threshold_is_moved_without_another_training() -> None:
    page = opened(view="segment", mcut="0.7")
    at = HALF + 10
    shown = page.dataframe[0].value["test IoU"].tolist()
    assert shown == [number(float(own.mean())) for own in segmented().test.iou[..., at]]
    widget(page, ROOM, "mcut").set_value(0.5)
    rerun(page)
    assert page.dataframe[0].value["test IoU"].tolist() == [
        number(float(own.mean())) for own in segmented().last.iou
    ]
    tuned = said(page)
    best = segmented().test.iou[0][np.arange(2), segmented().tuned[0]]
    assert f"**{number(float(best.mean()))}** at the threshold that is best" in tuned
