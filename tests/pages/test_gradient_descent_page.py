"""The gradient descent room without a browser: every view in both languages, verdicts, links, refusals."""

from __future__ import annotations

from functools import partial

import pytest

from mlcore.descents import noise_ball, regression
from mlcore.descents.quadratics import Regime, TwoSpec, way
from mlcore.descents.regression import RegressionSpec
from pages.rooms.gradient_descent.one import OFFERS
from pages.rooms.gradient_descent.room import VIEWS, RoomSpec, number
from pages.ui.text import LANGUAGES, catalog
from tests.pages import rooms
from tests.pages.rooms import box, link_of, pictures, said, widget

opened = partial(rooms.opened, "gradient_descent")
FIGURES = {"one": [2, 1], "two": [2, 1], "real": [4], "momentum": [1, 2], "noise": [2, 1], "minibatch": [1]}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(view: str, lang: str) -> None:
    page = opened(view=view, lang=lang)
    assert catalog(lang)[f"gradient_descent.{view}.claim"] in said(page)
    assert not page.warning
    assert not page.error
    assert sorted(len(sent["figures"]) for sent in pictures(page).values()) == sorted(FIGURES[view])


def test_buttons_lead_to_their_regimes_on_every_curvature() -> None:
    page = opened(lam="3.7")
    for button, kind in zip(catalog_of_offers(), Regime, strict=True):
        box(page, "button", button).click().run()
        start = catalog("en")[f"gradient_descent.regime.{kind}"].split("{")[0]
        assert start in said(page)
        assert "lr" in link_of(page)


def catalog_of_offers() -> list[str]:
    return [catalog("en")[f"gradient_descent.offer.{name}"] for name in OFFERS]


def test_the_numbers_of_d2l_are_on_the_page() -> None:
    told = said(opened(lam="2", lr="0.2", steps="10"))
    assert "0.0604662" in told
    sent = pictures(opened(view="two"))
    last = way(TwoSpec()).value[-1]
    assert sent["two"]["frames"]["readout"]["f"][-1] == number(float(last), 5)


def test_a_start_in_the_minimum_is_said() -> None:
    for lang in LANGUAGES:
        assert catalog(lang)["gradient_descent.one.at_rest"] in said(opened(x0="0", lang=lang))


def test_the_slider_has_what_the_link_says_and_goes_from_crawling_to_diverging() -> None:
    page = opened(lr="0.3777", lam="5")
    slider = widget(page, "gradient_descent", "lr")
    assert slider.value == "0.3777"
    rates = [float(value) for value in slider.options]
    assert rates[0] * 5 < 0.05
    assert rates[-1] * 5 > 2
    slider.set_value(slider.options[0]).run()
    assert "**crawls**" in said(page)


@pytest.mark.parametrize("lr", ["0.4", "0.5", "0.6"])
def test_two_curvatures_are_told_apart(lr: str) -> None:
    told = said(opened(view="two", lr="9", plr=lr))
    assert ("**diverges**" in told) == (lr == "0.6")
    assert ("jumps to and fro" in told) == (lr == "0.5")
    assert "**0.47619**" in told
    assert "**0.904762**" in told


@pytest.mark.parametrize("pair", ["bmi", "cells", "line"])
def test_the_solution_of_every_pair_is_least_squares(pair: str) -> None:
    told = said(opened(view="real", pair=pair, rsteps="5"))
    found = regression.fit(RegressionSpec(pair, steps=5))
    assert f"w = **{number(float(found.solution[0]), 6)}**" in told
    assert f"**{number(found.bound)}**" in told


def test_standardizing_and_the_share_change_the_verdict() -> None:
    assert "The same line in **raw** units" in said(opened(view="real", rstd="1"))
    assert "**diverges**" in said(opened(view="real", share="1.1"))


def test_the_best_pair_is_one_press_away() -> None:
    page = opened(view="momentum")
    box(page, "button", "Best η and β").click().run()
    assert link_of(page)["beta"].startswith("0.669421")
    told = said(page)
    for fact in ("0.0330579", "0.6694215", "0.8181818", "0.980198"):
        assert fact in told
    assert "Measured on the wrong side of the boundary: 0." in told
    assert "**not stable**" in said(opened(view="momentum", mlr="0.05", beta="0.5"))


def test_the_variance_is_that_of_the_replicas() -> None:
    spec = RoomSpec().noise
    told = said(opened(view="noise"))
    assert f"**{number(float(noise_ball.moments(noise_ball.cloud(spec)[-1])[1]), 3)}**" in told
    assert f"**{number(float(noise_ball.stationary(spec.lr, spec.curvature, spec.sigma)), 3)}**" in told
    lost = opened(view="noise", qlr="2.5")
    assert "**never settles**" in said(lost)
    assert 0 < pictures(lost)["noise"]["frames"]["start"] < 20  # not when all have left
    assert pictures(opened(view="noise"))["noise"]["frames"]["start"] == spec.steps


@pytest.mark.parametrize(
    "link",
    [{"lr": "-1"}, {"lam": "0"}, {"view": "three"}, {"x0": "1e99"}, {"pair": "<b>"}, {"beta": "1"},
     {"sigma": "nan"}, {"turn": "0.5"}, {"steps": "100000"}],
)  # fmt: skip
def test_nonsense_in_a_link_leaves_defaults_and_says_so(link: dict[str, str]) -> None:
    assert len(opened(**link).warning) == 1


def test_extremes_of_every_field_are_drawn() -> None:
    opened(lr="100", lam="50", x0="-12", steps="300")
    opened(view="two", plr="100", e1="50", e2="50", turn="-90", px="0", py="0", psteps="300")
    opened(view="real", w0="1000000", b0="-1000000", share="1.2", rsteps="500", pair="cells")
    opened(view="momentum", h1="1000", h2="0.01", mlr="1000", beta="0.999", msteps="500")
    opened(view="noise", qlr="100", qlam="50", sigma="10", qx0="-12", qt="200", qr="2000")


def test_a_plain_room_has_a_plain_link() -> None:
    assert link_of(opened()) == {}
