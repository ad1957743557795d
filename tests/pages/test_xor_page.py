"""The XOR room without a browser: the line, hidden space, many networks and their links."""

from __future__ import annotations

from base64 import b64decode
from functools import partial

import numpy as np
import pytest

from mlcore.base.experiment import run
from mlcore.depth.xor import Reason
from pages.rooms.xor.room import VIEWS, RoomSpec
from pages.ui.text import LANGUAGES, catalog, percent
from tests.pages import rooms
from tests.pages.rooms import buttons, link_of, pictures, rerun, said, widget

pytestmark = pytest.mark.usefixtures("patient")
SMALL = {"xr": "40", "xsteps": "150"}
opened = partial(rooms.opened, "xor", **SMALL)
asked = partial(rooms.asked, RoomSpec, **SMALL)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(view: str, lang: str) -> None:
    page = opened(view=view, lang=lang)
    assert catalog(lang)[f"xor.{view}.claim"] in said(page)
    assert not page.error
    assert len(pictures(page)) == 1
    assert not any("{" in found.value for kind in ("markdown", "caption") for found in getattr(page, kind))


def test_the_line_is_moved_and_its_numbers_follow() -> None:
    page = opened()
    assert "**3 of 4** points right; mean squared error **1**" in said(page)
    widget(page, "xor", "xbias").set_value(-0.4)
    rerun(page)
    assert link_of(page)["xbias"] == "-0.4"
    assert page.dataframe[0].value["ŷ"].tolist() == ["−0.4", "0.6", "0.6", "1.6"]


def test_least_squares_and_a_best_line_are_a_press_away() -> None:
    page = opened()
    buttons(page)[0].click()
    rerun(page)
    assert "mean squared error **0.25**" in said(page)
    assert page.dataframe[0].value["ŷ"].tolist() == ["0.5"] * 4
    buttons(page)[1].click()
    rerun(page)
    assert "**3 of 4** points right" in said(page)


def test_all_that_is_impossible_is_said_with_numbers() -> None:
    page = opened()
    assert "a line makes **14**" in said(page)
    assert "the nearest has **3 of 4** right" in said(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_trained_network_says_how_it_ended(lang: str) -> None:
    for network in range(8):
        page = opened(view="hidden", xfrom="trained", net=str(network), lang=lang)
        frames = pictures(page)["hidden"]["frames"]
        assert len(frames["steps"]) > 20
        last = frames["readout"][catalog(lang)["xor.hidden.right"]][-1]
        told = page.success if last == "4 / 4" else page.warning
        assert len(told) == 1
    assert "TrainSpec" not in said(page)


def test_the_shares_on_the_page_are_those_of_the_networks() -> None:
    page = opened(view="seeds")
    two = run(asked().xor)[1]
    low, high = two.solved.interval
    assert f"**{percent(two.solved.value)}** of the networks solve XOR" in said(page)
    assert f"(95%: {percent(low)} to {percent(high)})" in said(page)
    for reason in Reason:
        assert (f"**{len(two.ended(reason))}**: {reason.value}." in said(page)) == bool(two.ended(reason))


def test_a_network_can_be_opened_in_the_training_room() -> None:
    rooms.led_to_training(asked().xor.one(2, 5))


def test_a_link_with_nonsense_opens_with_defaults_and_says_so() -> None:
    page = opened(xw1="x", xact="everything", xh="99", view="line")
    assert len(page.warning) == 3


def test_activations_are_compared_in_one_picture() -> None:
    page = opened(view="seeds", xall="1", xact="tanh")
    shares = pictures(page)["xor"]["figures"][0]["data"]
    lines = {trace["name"] for trace in shares if trace["mode"] == "lines+markers"}
    assert lines == {"Tanh", "ReLU", "Sigmoid", "GELU"}
    gelu = run(asked(xact="gelu").xor)
    (drawn,) = (trace for trace in shares if trace["name"] == "GELU" and trace["mode"] == "lines+markers")
    sent = np.frombuffer(b64decode(drawn["y"]["bdata"]), np.float32)
    assert sent == pytest.approx([one.solved.value for one in gelu], abs=1e-6)
