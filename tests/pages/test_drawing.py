"""The drawing board without a browser: in every room with data, undone, typed, and with broken links."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mlcore.base import points
from mlcore.families.datasets import DATASETS
from pages.ui.text import LANGUAGES, catalog
from tests.pages.rooms import link_of, opened, pictures, rerun, said, widget

pytestmark = pytest.mark.usefixtures("patient")
ROOMS = [  # wherever a data set is chosen
    ("data", {}),
    ("training", {"steps": "20"}),
    ("model", {"view": "network"}),
    ("loss", {"view": "race", "steps": "20"}),
    ("race", {"view": "network", "nseeds": "2", "steps": "20"}),
    ("landscape", {"steps": "20"}),
    ("backpropagation", {"view": "matrices"}),
    ("bias_variance", {"sets": "5"}),
    ("fitting", {"sets": "5"}),
]
PLANE = points.write([(0.1 * k - 1, 0.05 * k * (-1) ** k, k % 2) for k in range(24)])
CURVE = points.write([(0.1 * k - 1, 0.05 * k * (-1) ** k, 0) for k in range(24)])
DRAWN = {"drawn_plane": PLANE, "drawn_curve": CURVE}


def board(at: AppTest) -> list[dict[str, Any]]:
    """The traces of the board."""
    return list(pictures(at)["drawing"]["figures"][0]["data"])


def press(at: AppTest, name: str) -> None:
    next(button for button in at.button if button.key == f"drawing.{name}").click()
    rerun(at)


@pytest.mark.parametrize(("room", "link"), ROOMS, ids=[room for room, _ in ROOMS])
@pytest.mark.parametrize("name", DRAWN)
def test_every_room_takes_what_was_drawn(room: str, link: dict[str, str], name: str) -> None:
    drawn = DRAWN[name]
    if name == "drawn_curve":
        link = link | {"loss": "mse"} if room not in ("loss", "fitting", "bias_variance") else link
    at = opened(room, data=name, pts=drawn, lang="ko", **link)
    assert not at.error
    assert link_of(at)["pts"] == drawn
    assert any(button.key == "drawing.undo" for button in at.button)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_board_shows_the_points_of_the_link(lang: str) -> None:
    at = opened("data", data="drawn_plane", pts=PLANE, lang=lang)
    assert [bool(trace["x"]) for trace in board(at)] == [True, True, False, False]
    assert catalog(lang)["drawing.count"].format(count=24, most=300) in said(at)
    assert at.text_area[0].value.splitlines() == points.listed(points.read(PLANE), True).splitlines()


def test_undo_goes_back_and_an_empty_board_says_what_to_do() -> None:
    at = opened("data", data="drawn_plane", pts=PLANE)
    press(at, "clear")
    assert link_of(at)["pts"] == points.EMPTY
    assert catalog("en")["problems.data.nothing_drawn"] in said(at)
    assert not at.error
    press(at, "undo")
    assert link_of(at)["pts"] == PLANE
    press(at, "undo")  # further back than this session knows: the last point goes
    assert points.read(link_of(at)["pts"]) == points.read(PLANE)[:-1]


def test_points_are_typed_and_nonsense_is_kept_with_a_sentence() -> None:
    at = opened("data", data="drawn_plane", pts=PLANE)
    at.text_area[0].set_value("0, 0, 0\n1, 1, 1\n1, 0.5, 1\n-1, -1")
    rerun(at)
    now = link_of(at)["pts"]
    assert points.read(now) == ((0, 0, 0), (1, 1, 1), (1, 0.5, 1), (-1, -1, 0))
    at.text_area[0].set_value("0, 0, 0\nhere")
    rerun(at)
    assert link_of(at)["pts"] == now
    assert at.text_area[0].value == "0, 0, 0\nhere"
    (told,) = (found.value for found in at.error)
    assert told.startswith("Line 2: 'here' is not two coordinates")
    press(at, "undo")
    assert link_of(at)["pts"] == PLANE
    assert not at.error


def test_one_class_is_too_few_and_the_board_stays() -> None:
    at = opened("training", data="drawn_plane", pts=points.write([(0.1 * k, 0, 1) for k in range(10)]))
    assert catalog("en")["problems.data.one_class"] in said(at)
    assert any(button.key == "drawing.undo" for button in at.button)


def test_a_drawing_comes_back_with_its_set() -> None:
    at = opened("training", data="drawn_plane", pts=PLANE, steps="20")
    widget(at, "training", "data").set_value("moons")
    rerun(at)
    assert "pts" not in link_of(at)
    widget(at, "training", "data").set_value("drawn_curve")
    rerun(at)
    assert "pts" not in link_of(at), "another set has a drawing of its own"
    widget(at, "training", "data").set_value("drawn_plane")
    rerun(at)
    assert link_of(at)["pts"] == PLANE


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "text", ["gA", "gAgA" * 301, "NaN", "....", "<img src=x>", "%00", "1e999,1e999", "A" * 10_000]
)
def test_a_broken_drawing_gets_a_sentence_and_the_example(text: str, lang: str) -> None:
    at = opened("data", data="drawn_plane", pts=text, lang=lang)
    assert len(at.warning) == 1
    assert "300" in at.warning[0].value
    assert "pts" not in link_of(at)
    count = len(points.read(DATASETS["drawn_plane"].example))
    assert catalog(lang)["drawing.count"].format(count=count, most=300) in said(at)


def test_a_full_board_says_so() -> None:
    full = points.write([(0.01 * (k % 100), 0.01 * (k // 100), k % 3) for k in range(300)])
    at = opened("data", data="drawn_plane", pts=full)
    assert "The board is full" in said(at)
    assert link_of(at)["pts"] == full
