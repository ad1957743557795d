"""The depth room without a browser: an answer over depth, layers, saw-teeth, links."""

from __future__ import annotations

from functools import partial

import pytest

from mlcore.base import points
from mlcore.base.experiment import run
from mlcore.depth.depths import DEPTHS, answer
from pages.rooms.depth.room import VIEWS, RoomSpec
from pages.ui.text import LANGUAGES, catalog, number
from tests.pages import rooms
from tests.pages.rooms import link_of, pictures, rerun, said, widget

pytestmark = pytest.mark.usefixtures("patient")
SMALL = {"dn": "40", "dunits": "5", "dsteps": "20", "dr": "10", "dlayers": "8", "dwidth": "10"}
opened = partial(rooms.opened, "depth", **SMALL)
asked = partial(rooms.asked, RoomSpec, **SMALL)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(view: str, lang: str) -> None:
    page = opened(view=view, lang=lang)
    assert catalog(lang)[f"depth.{view}.claim"] in said(page)
    assert not page.error
    assert len(pictures(page)) == (2 if view == "sawtooth" else 1)
    told = (found.value for kind in ("markdown", "caption") for found in getattr(page, kind))
    assert not any("{" in text.replace("^{", "") for text in told)


def test_the_answer_on_the_page_is_that_of_the_trainings() -> None:
    page = opened()
    spec = asked().sweep
    parts = run(spec)
    for kind in spec.kinds:
        found = answer(kind, parts)
        name = catalog("en")[f"figure.kind_{kind}"]
        best = (
            f"**{name}**: lowest training cost at depth **{found.best}** (median {number(found.best_cost)})."
        )
        assert best in said(page)
        learned = f"At depth 64, {found.learned.hits} of 10 networks learn"
        assert learned in said(page)
    surely = sum(answer(kind, parts).worse_from is not None for kind in spec.kinds)
    assert said(page).count("on it is surely higher") == surely
    train, test = pictures(page)["depth"]["figures"]
    assert len(train["data"]) == len(test["data"]) == 1 + 2 * len(spec.kinds)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_equal_work_says_how_many_steps_that_is(lang: str) -> None:
    page = opened(dequal="work", dnorm="without", lang=lang)
    spec = asked(dequal="work", dnorm="without").sweep
    caption = " ".join(found.value for found in page.caption)
    assert all(str(spec.steps_at(depth)) in caption for depth in (DEPTHS[0], DEPTHS[-1]))
    assert catalog(lang)["figure.kind_plain_norm"] not in said(page)


def test_a_network_can_be_opened_in_the_training_room() -> None:
    rooms.led_to_training(asked().sweep.one(64, "residual_norm", 3))


def test_networks_of_another_depth_are_listed() -> None:
    page = opened()
    assert said(page).count("64 hidden layers, in the training room") == 4
    widget(page, "depth", "dlist").set_value("8")
    rerun(page)
    assert said(page).count("8 hidden layers, in the training room") == 4
    assert link_of(page)["dlist"] == "8"


def test_both_experiments_share_what_they_share() -> None:
    spec = asked(dact="tanh", dnorm="with", dinit="xavier", dfirst="7")
    for name in ("activation", "normalization", "init", "seed"):
        assert getattr(spec.sweep, name) == getattr(spec.layers, name)
    page = opened(view="layers", dact="tanh")
    assert link_of(page)["dact"] == "tanh"


def test_a_chain_of_sigmoids_is_bounded_on_the_page() -> None:
    page = opened(view="layers", dact="sigmoid", dlayers="10")
    assert r"$0.25^{10} = 9.5 \cdot 10^{-7}$" in said(page)
    table = page.dataframe[0].value
    assert len(table) == 4


def test_what_the_theory_says_stands_in_the_table() -> None:
    page = opened(view="layers", dact="relu", dlayers="11", dwidth="100", dnets="20")
    table = page.dataframe[0].value
    assert table["h_L² : h_1², theory"].tolist() == ["1", "1.0·10³", "0.5", "6"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pieces_units_and_errors_are_counted_for_every_l(lang: str) -> None:
    for layers in (1, 3, 10):
        page = opened(view="sawtooth", saw=str(layers), lang=lang)
        text = said(page)
        assert str(2**layers) in text
        assert f"2^{{-{2 * layers + 2}}}" in text
        assert f"{2.0 ** (-2 * layers - 2):.10g}" in text
        assert catalog(lang)["depth.sawtooth.unequal"] not in text


def test_a_link_with_nonsense_opens_with_defaults_and_says_so() -> None:
    page = opened(dact="everything", dlist="3", saw="99", view="sawtooth")
    assert len(page.warning) == 3


def test_a_drawing_of_three_classes_is_swept_and_handed_on() -> None:
    drawn = points.write([(0.05 * k - 1, 0.1 * (k % 7), k % 3) for k in range(40)])
    page = opened(ddata="drawn_plane", dpts=drawn)
    assert not page.error
    assert link_of(page)["dpts"] == drawn
    spec = asked(ddata="drawn_plane", dpts=drawn).sweep
    assert spec.ends == (2, 3)
    assert spec.one(4, "plain", 0).data.points == drawn
    page = opened(ddata="drawn_plane", dpts=points.EMPTY)
    assert "Nothing is drawn yet" in said(page)
    assert "dpts" not in link_of(opened(ddata="moons", dpts=drawn))
