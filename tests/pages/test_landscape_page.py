"""The landscape room without a browser: every view in both languages, planes, zooms, links, refusals."""

from __future__ import annotations

from functools import partial
from statistics import median

import pytest

from mlcore.base import spec as specs
from mlcore.landscapes.curvature import EDGE, curvature, verdict
from mlcore.landscapes.landscape import LandscapeSpec, landscape
from mlcore.landscapes.lines import lines
from mlcore.landscapes.planes import PLANES
from pages.rooms.landscape.room import VIEWS, RoomSpec, percent
from pages.ui.components import fold_key
from pages.ui.text import LANGUAGES, catalog, number
from tests.pages import rooms
from tests.pages.rooms import pictures, said

pytestmark = pytest.mark.usefixtures("patient")
SMALL = {"n": "60", "h": "6", "steps": "40", "res": "15", "pairs": "2"}
opened = partial(rooms.opened, "landscape", **SMALL)
asked = partial(rooms.asked, RoomSpec, **SMALL)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(view: str, lang: str) -> None:
    page = opened(view=view, lang=lang)
    assert catalog(lang)[f"landscape.{view}.claim"] in said(page)
    assert not page.warning
    assert not page.error
    assert len(pictures(page)) == 1


@pytest.mark.parametrize("plane", PLANES)
def test_every_plane_says_how_far_it_is_from_the_network(plane: str) -> None:
    page = opened(plane=plane, view="honesty")
    trace = landscape(asked(plane=plane).landscape).trace
    told = said(page)
    for value in (trace.true[0], trace.drawn[0]):
        assert f"**{number(float(value))}**" in told
    assert ("goes through the start" in told) == (plane == "pair")
    assert catalog("en")[f"landscape.plane.{plane}"] in told
    assert ("random walk seen at the same steps" in told) == (plane == "path")


def test_of_two_parameters_the_plane_is_all_there_is() -> None:
    link = {"data": "line", "model": "linear", "loss": "mse"}
    page = opened(**link, view="honesty")
    assert "This model has two parameters" in said(page)
    assert "The largest error" not in said(page)
    assert catalog("en")["landscape.plane.path"] not in said(page)
    refused = opened(**link, plane="filter")
    assert [found.value for found in refused.error] == [catalog("en")["problems.landscape.flat"]]
    assert "Train again" not in [button.label for button in refused.button], "it would be refused again"


@pytest.mark.parametrize("zoom", ["1", "5", "300"])
def test_in_space_one_sees_the_part_that_is_looked_at(zoom: str) -> None:
    """Where the path is outside of it, too."""
    (sent,) = pictures(opened(view="space", zoom=zoom, ma="0.77")).values()
    (figure,) = sent["figures"]
    view = landscape(asked(view="space", zoom=zoom, ma="0.77").landscape)
    for axis, side in (("xaxis", view.a), ("yaxis", view.b)):
        assert figure["layout"]["scene"][axis]["range"] == pytest.approx([side[0], side[-1]])
    assert len(figure["layout"]["scene"]["zaxis"]["tickvals"]) >= 3


@pytest.mark.parametrize("what", ["cost", "score", "gradient"])
def test_quantities_of_a_regression_are_drawn(what: str) -> None:
    page = opened(data="sine", loss="mse", what=what, over="test")
    assert not page.error
    assert pictures(page)


def test_looking_closer_and_back_moves_the_window_in_the_link() -> None:
    page = opened()
    buttons = {button.label: button for button in page.button}
    buttons["Closer"].click().run()
    assert page.query_params["zoom"] == "3"
    {button.label: button for button in page.button}["Closer"].click().run()
    assert page.query_params["zoom"] == "9"
    {button.label: button for button in page.button}["Whole view"].click().run()
    assert not {"zoom", "ma", "mb"} & set(page.query_params)
    assert not page.exception


def test_the_medians_of_the_barriers_are_those_of_the_lines() -> None:
    found = lines(asked().line)
    told = said(opened(view="line"))
    for values in (found.plain, found.matched):
        assert f"**{number(median(found.barrier(values).tolist()))}**" in told


def test_a_linear_model_has_no_units_to_match() -> None:
    assert catalog("en")["landscape.line.convex"] in said(opened(view="line", model="linear"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_divergence_is_a_sentence_in_the_reader_s_language(lang: str) -> None:
    page = opened(lang=lang, data="sine", loss="mse", opt="sgd", lr="100", act="relu", steps="200")
    assert catalog(lang)["problems.landscape.diverged"] in said(page)


@pytest.mark.parametrize(
    "link", [{"plane": "nowhere"}, {"zoom": "0"}, {"ma": "1e99"}, {"res": "9999"}, {"pairs": "0"}]
)
def test_nonsense_in_a_link_leaves_defaults_and_says_so(link: dict[str, str]) -> None:
    assert len(opened(**link).warning) == 1


def test_the_room_opens_with_its_own_default() -> None:
    assert RoomSpec().landscape == LandscapeSpec()
    assert specs.to_query(RoomSpec()) == {}


# ---------------------------------------------------------------- curvature along the run


def test_a_press_shows_a_training_that_goes_to_the_edge() -> None:
    page = opened(view="curvature")
    assert catalog("en")["landscape.curvature.verdict.unbound"].partition("{")[0] in said(page)  # Adam
    rooms.box(page, "button", catalog("en")["landscape.curvature.preset"]).click()
    rooms.rerun(page)
    room = rooms.asked(RoomSpec, **rooms.link_of(page))
    assert (room.train, room.view) == (EDGE, "curvature")
    found = verdict(curvature(room.curvature))
    assert f"**{number(found.median)}**, within 10% of the bound 2/η = 40" in said(page)


@pytest.mark.parametrize(
    ("link", "remark"),
    [
        ({"opt": "momentum"}, "rule"),
        ({"opt": "sgd", "b": "8"}, "batches"),
        ({"opt": "sgd", "b": "8"}, "noise"),
        ({"opt": "nesterov", "sched": "cosine"}, "schedule"),
        ({"l2": "0.1"}, "penalty"),
    ],
)
def test_what_must_be_known_to_read_a_curvature_is_said(link: dict[str, str], remark: str) -> None:
    told = said(opened(view="curvature", looks="8", **link))
    assert catalog("en")[f"landscape.curvature.{remark}"] in told


def test_nothing_is_said_of_a_bound_that_there_is_not() -> None:
    told = said(opened(view="curvature", looks="8", opt="adam", b="8"))
    assert catalog("en")["landscape.curvature.batches"] in told
    assert not [
        name for name in ("rule", "back", "noise") if catalog("en")[f"landscape.curvature.{name}"] in told
    ]


def test_a_divergence_has_a_curvature_until_then() -> None:
    page = opened(view="curvature", data="sine", loss="mse", opt="sgd", lr="100", act="relu", steps="200")
    assert "Diverged at step" in said(page)
    assert catalog("en")["landscape.curvature.back"] not in said(page)
    assert pictures(page)


def test_settings_that_are_folded_are_drawn_when_they_are_opened() -> None:
    page = opened(b="8", zoom="2")
    labels = {found.label for kind in ("slider", "select_slider", "number_input") for found in page.get(kind)}
    folded = {catalog("en")[f"control.{code}"] for code in ("zoom", "ma", "mb", "res", "b")}
    assert not labels & folded
    assert rooms.link_of(page).items() >= {"b": "8", "zoom": "2"}.items()
    for name in ("window", "optimizer"):
        page.session_state[fold_key(name)] = True
    rooms.rerun(page)
    labels = {found.label for kind in ("slider", "select_slider", "number_input") for found in page.get(kind)}
    assert labels >= folded
    assert rooms.link_of(page).items() >= {"b": "8", "zoom": "2"}.items()


@pytest.mark.parametrize(
    ("share", "told"),
    [(0.5, "50.0%"), (0.0123, "1.2%"), (3e-4, "0.03%"), (3.2e-6, "0.0003%"), (1e-12, "0.0001%")],
)
def test_small_shares_are_read_without_powers_of_ten(share: float, told: str) -> None:
    assert percent(share) == told
