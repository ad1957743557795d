"""The room of universal approximation without a browser: its views, typed targets, links."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from mlcore.base import points
from mlcore.base.experiment import run
from mlcore.depth import approximation as core
from mlcore.depth.approximation_targets import steepness, target
from pages.rooms.approximation.room import VIEWS, RoomSpec
from pages.ui.text import LANGUAGES, catalog, number
from tests.pages import rooms
from tests.pages.rooms import link_of, pictures, rerun, said, widget

pytestmark = pytest.mark.usefixtures("patient")
SMALL = {"asteps": "100", "ar": "2"}
opened = partial(rooms.opened, "approximation", **SMALL)
asked = partial(rooms.asked, RoomSpec, **SMALL)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(view: str, lang: str) -> None:
    page = opened(view=view, lang=lang)
    assert catalog(lang)[f"approximation.{view}.claim"] in said(page)
    assert not page.error
    assert not page.warning
    assert len(pictures(page)) == (2 if view == "plane" else 1)
    assert not any("{" in found.value for kind in ("markdown", "caption") for found in getattr(page, kind))


def test_the_construction_says_its_error_and_its_bound() -> None:
    page = opened(an="16")
    assert "the largest error is **0.0188**; it cannot exceed **0.0193**" in said(page)
    assert "max |f''| = 39.48" in said(page)
    frames = pictures(page)["construct"]["frames"]
    assert frames["steps"] == list(range(17))
    assert frames["readout"]["largest error"][-1] == "0.0188"
    widget(page, "approximation", "an").set_value(32)
    rerun(page)
    assert link_of(page)["an"] == "32"
    assert "**0.00479**" in said(page)


def test_the_pieces_are_counted() -> None:
    page = opened(aex="square", an="9")
    assert "**10** straight pieces" in said(page)
    assert "at most N + 1 = **10**" in said(page)


def test_the_weights_are_those_of_the_construction() -> None:
    page = opened(aex="square", an="4")
    made = core.construct(target("x^2"), 4)
    for column, known in zip("Wcw", made.weights()[:3], strict=True):
        np.testing.assert_allclose(page.dataframe[0].value[column], known, atol=1e-12)


def test_a_target_is_typed() -> None:
    page = opened(aex="own", af="x^3 - x", an="10")
    assert len(page.error) == 0
    known = core.bound(steepness("x^3 - x"), 10, "hats", 8.0) or 0.0
    assert known == pytest.approx(6 / 800)
    assert f"cannot exceed **{number(known)}**" in said(page)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_what_is_no_target_gets_a_sentence_and_the_last_one_stays(view: str, lang: str) -> None:
    codes = {"aex2": "own", "af2": "1/(x - y)"} if view == "plane" else {"aex": "own", "af": "log(x - 0.5)"}
    page = opened(view=view, lang=lang, **codes)
    assert len(page.error) == 1
    place = "x = 0, y = 0" if view == "plane" else "x = 0"
    hole = catalog(lang)["problems.approximation.hole"].format(place=place)
    assert hole in said(page)
    assert pictures(page)


@pytest.mark.parametrize("text", ["<b>x</b>", "__import__('os').system('true')", "x; y", "{x}", "x**x**"])
def test_what_is_no_formula_gets_a_sentence(text: str) -> None:
    page = opened(aex="own", af=text)
    assert len(page.error) == 1
    assert "<b>" not in page.error[0].value


def test_kinks_roots_and_jumps_have_no_bound_and_it_says_so() -> None:
    assert "No bound for straight lines: near x = 0.3" in said(opened(aex="kink"))
    assert "No bound for steps: near x =" in said(opened(aex="root", acon="steps"))
    page = opened(aex="own", af="tanh(1e9*(x - 1/3))")
    assert "Near x = 0.333 this target jumps" in page.warning[0].value


def test_the_table_of_widths_is_what_was_computed() -> None:
    page = opened(view="width", aact="tanh")
    parts = run(asked(aact="tanh").line)
    table = page.dataframe[0].value
    assert table.shape == (4, 6)
    assert table["N = 16"].tolist()[2] == number(float(np.median(parts[4].errors)))
    assert table["N = 256"].tolist()[3] == number(parts[8].solved_error)
    assert table["slope"].tolist()[0] == number(
        core.over_widths(target("sin(2*pi*x)"), steepness("sin(2*pi*x)"), "hats", 8.0).rate or 0, 2
    )
    names = [trace.get("name") for trace in pictures(page)["width"]["figures"][0]["data"]]
    assert "ReLU, written down: bound" in names


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_beyond_the_data_says_what_the_networks_tend_to(activation: str) -> None:
    page = opened(view="beyond", aact=activation, aw="8")
    table = page.dataframe[0].value
    assert len(table) == 2
    assert all(("x" in told) == (activation == "relu") for told in table["far to the right"])
    widget(page, "approximation", "aw").set_value("64")
    rerun(page)
    assert link_of(page)["aw"] == "64"


def test_two_inputs_have_maps_of_the_width_that_is_chosen() -> None:
    page = opened(view="plane", aex2="bump", aw="32")
    part = run(asked(aex2="bump").square)[5]
    difference = pictures(page)["plane"]["figures"][2]["data"][0]
    assert difference["zmax"] == pytest.approx(part.errors[0], rel=1e-5)


@pytest.mark.parametrize("degree", ["2", "9"])
def test_a_polynomial_activation_does_not_improve(degree: str) -> None:
    page = opened(view="theorem", apoly=degree)
    error = [
        float(
            (
                core.polynomial(target("sin(2*pi*x)"), n, int(degree))
                - target("sin(2*pi*x)")(core.points(False))
            )
            .abs()
            .max()
        )
        for n in (16, 256)
    ]
    assert error[0] == pytest.approx(error[1], rel=1e-3)
    assert f"of **{number(error[1], 4)}** with N = 256" in said(page)


def test_a_link_with_nonsense_opens_with_defaults_and_says_so() -> None:
    page = opened(an="0", aact="sine", aex="everything", aw="17", view="beyond")
    assert len(page.warning) == 4


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_takes_a_drawn_target(view: str, lang: str) -> None:
    drawn = points.write([(0.4 * k - 1.6, (-1) ** k * 0.1 * k, 0) for k in range(9)])
    page = opened(view=view, aex="drawn", apts=drawn, lang=lang)
    assert not page.error
    assert link_of(page)["apts"] == drawn
    assert any(button.key == "drawing.undo" for button in page.button) == (view != "plane")


def test_an_empty_drawing_gets_a_sentence_and_the_last_target_stays() -> None:
    page = opened(aex="drawn")
    next(button for button in page.button if button.key == "drawing.clear").click()
    rerun(page)
    assert page.error[0].value.startswith("The curve needs at least two points")
    assert "Shown is the last target that could be taken: drawn by hand" in said(page)
    next(button for button in page.button if button.key == "drawing.undo").click()
    rerun(page)
    assert not page.error


@pytest.mark.parametrize("text", ["gA", "gAgA" * 301, "nan", "drawn:"])
def test_a_broken_drawing_is_said_and_the_example_stands(text: str) -> None:
    page = opened(aex="drawn", apts=text)
    assert "**apts = " in page.warning[0].value
    assert "apts" not in link_of(page)
    assert not page.error
