"""The room of the linear model without a browser: every view, its numbers, its links, what a hand means."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlcore.base import points
from mlcore.base import spec as specs
from mlcore.depth import linear_data, linear_fit, logistic, margins, perceptron
from mlcore.depth.linear_data import CHOSEN, CURVES, DUOS, ONE, PLANES, SIDES
from mlcore.descents.regression import PAIRS, RegressionSpec
from mlcore.figures import classifiers as class_figures
from mlcore.figures import linear as line_figures
from mlcore.training.data import DataSpec
from pages.rooms.linear import grips, line
from pages.rooms.linear.room import VIEWS, RoomSpec
from pages.ui.plot import Drag
from pages.ui.text import LANGUAGES, catalog, number
from tests.pages import rooms
from tests.pages.rooms import link_of, pictures, rerun, said, widget

pytestmark = pytest.mark.usefixtures("alone")
opened = partial(rooms.opened, "linear")
asked = partial(rooms.asked, RoomSpec)


def pressed(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == catalog("en")[label]).click()
    return rerun(page)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(view: str, lang: str) -> None:
    page = opened(view=view, lang=lang)
    assert catalog(lang)[f"linear.{view}.claim"] in said(page)
    assert not page.error
    assert not page.warning
    assert pictures(page)
    assert not any("{" in found.value for kind in ("markdown", "caption") for found in getattr(page, kind))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "link",
    [*({"lset": name} for name in ONE), *({"lset": CHOSEN, "data": name} for name in CURVES),
     *({"view": "plane", "lduo": name} for name in DUOS),
     *({"view": "logistic", "lcls": name} for name in SIDES),
     *({"view": "perceptron", "lcls": CHOSEN, "data": name} for name in PLANES)],
    ids=str,
)  # fmt: skip
def test_every_data_set_opens(link: dict[str, str], lang: str) -> None:
    page = opened(lang=lang, **link)
    assert not page.error
    assert not page.exception
    usual = ("iris", "setosa", "moons", "bmi_lipid")
    assert link_of(page).items() >= {c: value for c, value in link.items() if value not in usual}.items()


# ---------------------------------------------------------------- a line


def test_the_numbers_of_a_line_are_those_of_its_theory() -> None:
    problem = linear_data.line("iris", DataSpec(), False)
    x, y = problem.x[:, 0].numpy(), problem.y[:, 0].numpy()
    page = opened(lw="0.2", lb="0.3")
    mse = np.square(0.2 * x + 0.3 - y).mean()
    assert f"C = **{number(mse / 2, 5)}**" in said(page)
    assert f"MSE = {number(mse, 5)}" in said(page)
    w, b = np.polyfit(x, y, 1)
    assert f"w = **{number(w, 6)}**, b = **{number(b, 6)}**" in said(page)


def test_the_solution_is_a_press_away_and_the_link_has_it() -> None:
    page = pressed(opened(), "linear.solve")
    problem = linear_data.line("iris", DataSpec(), False)
    best = linear_fit.normal(problem)
    spec = asked(**link_of(page))
    assert spec.line == pytest.approx(tuple(best.theta), rel=1e-9)
    cost = number(best.cost, 5)
    assert f"C = **{cost}** (least {cost})" in said(page)
    again = opened(**link_of(page))
    assert said(again) == said(page)


def test_a_line_is_typed_and_other_data_begin_anew() -> None:
    page = opened()
    widget(page, "linear", "lw").set_value(0.75)
    rerun(page)
    assert link_of(page)["lw"] == "0.75"
    widget(page, "linear", "lset").set_value("bmi")
    rerun(page)
    assert "lw" not in link_of(page)
    assert widget(page, "linear", "lw").value == RoomSpec().weight


def test_the_hand_moves_the_line_through_both_marks() -> None:
    problem, theta = linear_data.line("iris", DataSpec(), False), np.array([0.1, 0.5])
    across, _ = line_figures.reach(problem, theta)
    first, second = line_figures.grips(across, theta)
    w, b = line.moved(problem, theta, Drag(0, line_figures.HANDLES, 1, second[0], 2.0, False))
    assert w * first[0] + b == pytest.approx(first[1])  # the other mark stays
    assert w * second[0] + b == pytest.approx(2.0)
    assert line.moved(problem, theta, Drag(1, line.START, 0, 0.7, -0.4, True)) == (0.7, -0.4)


def test_the_same_landscape_opens_in_the_gradient_descent_room() -> None:
    for pair in ("iris", "bmi"):
        link = {"view": "real", "pair": pair, "rstd": "1"}
        spec, problems = specs.from_query(RegressionSpec, link)
        assert problems == []
        assert (spec.pair, spec.standardize) == (pair, True)
        page = rooms.opened("gradient_descent", **link)
        assert not page.error
    assert {name for name in ONE if name != CHOSEN} <= set(PAIRS)


# ---------------------------------------------------------------- a plane


def test_the_plane_goes_from_where_it_was_put_to_the_solution() -> None:
    page = opened(view="plane", lw1="0.5", lsteps="200")
    frames = pictures(page)["plane"]["frames"]
    assert frames["start"] == 0
    assert [frames["readout"][name][0] for name in ("w₁", "w₂", "b")] == ["0.5", "0.2", "0.5"]
    best = linear_fit.normal(linear_data.plane("bmi_lipid"))
    assert frames["readout"]["w₁"][-1] == number(best.theta[0], 4)
    assert frames["readout"]["cost"][-1] == number(best.cost, 5)
    page = pressed(page, "linear.solve")
    assert asked(**link_of(page)).plane == pytest.approx(tuple(best.theta), abs=1e-9)


def test_slider_and_field_say_the_same() -> None:
    page = opened(view="plane")
    slider = next(found for found in page.slider if found.key.startswith("linear.lw2."))
    slider.set_value(1.5)
    rerun(page)
    field = page.number_input("_lw2_typed")
    assert (field.value, link_of(page)["lw2"]) == (1.5, "1.5")
    field.set_value(-0.7)
    rerun(page)
    slider = next(found for found in page.slider if found.key.startswith("linear.lw2."))
    assert (slider.value, link_of(page)["lw2"]) == (-0.7, "-0.7")


# ---------------------------------------------------------------- classifiers


@pytest.mark.parametrize(("classes", "button"), [("setosa", "put_margin"), ("virginica", "put_best")])
def test_the_line_is_put_where_descent_ended_and_where_it_leads(classes: str, button: str) -> None:
    data = linear_data.sides(classes, DataSpec(), True)
    found = logistic.train(data, (0.0, 0.0, 0.0), 1.0, 2000)
    page = pressed(opened(view="logistic", lcls=classes), "linear.logistic.put_descent")
    assert asked(**link_of(page)).classifier == pytest.approx(tuple(found.theta[-1]), rel=1e-3)
    page = pressed(page, f"linear.logistic.{button}")
    goal = found.best if found.best is not None else found.margin.normal
    assert asked(**link_of(page)).classifier == pytest.approx(tuple(goal), rel=1e-3)
    told = said(page)
    assert ("there is no minimum" in told) == (classes == "setosa")
    assert number(float(found.size[-1])) in told


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_line_that_only_touches_is_said_to_grow_without_end(lang: str) -> None:
    drawn = [(0.0, 0.0, 0), (0.0, 0.0, 1), (1.0, 0.5, 1), (2.0, 1.0, 1), (-1.0, -0.2, 0)]
    page = opened(view="logistic", lcls=CHOSEN, data="drawn_plane", pts=points.write(drawn), lang=lang)
    assert catalog(lang)["linear.logistic.touches"].partition("{")[0] in said(page)
    assert not page.error


def test_a_learning_rate_above_the_bound_is_said() -> None:
    assert not opened(view="logistic").warning
    assert "a step may go too far" in said(opened(view="logistic", leta="10"))


@pytest.mark.parametrize("scaled", ["0", "1"])
@pytest.mark.parametrize("seed", ["0", "7"])
def test_mistakes_and_bound_on_the_page_are_those_of_the_data_on_screen(scaled: str, seed: str) -> None:
    page = opened(view="perceptron", lscale=scaled, lseed=seed)
    z = linear_data.sides("setosa", DataSpec(), scaled == "1").signed
    found = perceptron.learn(z, perceptron.shuffled(len(z), int(seed)), 20)
    known = margins.margin(z)
    assert f"**{found.count} mistakes, at most R²/γ² = {number(known.bound, 6)}**" in said(page)
    assert f"**It stopped after {found.count} mistakes.**" in page.success[0].value
    assert found.count <= known.bound
    frames = pictures(page)["perceptron"]["frames"]
    assert len(frames["steps"]) == found.count + 1
    assert frames["readout"]["mistakes"][-1] == str(found.count)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_data_that_no_line_parts_are_said_to_go_on_for_ever(lang: str) -> None:
    page = opened(view="perceptron", lcls=CHOSEN, data="xor", d_noise="0", lang=lang)
    assert len(page.warning) == 1
    assert catalog(lang)["linear.perceptron.never"].partition("{")[0] in page.warning[0].value
    assert not page.success
    few = opened(view="perceptron", lcls="virginica", lpass="1", lang=lang)
    assert len(few.warning) == 1


def test_too_few_passes_are_no_proof() -> None:
    page = opened(view="perceptron", lpass="1")
    assert "it will stop: allow more passes" in page.warning[0].value


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_would_take_too_long_is_given_up_with_a_sentence(
    lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(perceptron, "MOST", 3)
    page = opened(view="perceptron", lseed="11", lang=lang)
    assert catalog(lang)["linear.perceptron.given_up"].partition("{")[0] in page.warning[0].value


def test_a_hand_turns_the_line_and_keeps_its_steepness_and_the_ring_sets_it() -> None:
    data, theta = linear_data.sides("setosa", DataSpec(), True), np.array([1.0, 0.5, 0.2])
    marks = grips.held(data, theta)
    assert marks[:2] @ theta[:2] + theta[2] == pytest.approx(np.zeros(2), abs=1e-12)
    assert marks[2] @ theta[:2] + theta[2] == pytest.approx(1.0)
    row = np.array(grips.moved(data, theta, Drag(0, class_figures.HELD, 1, 0.9, 0.4, False)))
    assert row[:2] @ [0.9, 0.4] + row[2] == pytest.approx(0, abs=1e-12)
    assert row[:2] @ marks[0] + row[2] == pytest.approx(0, abs=1e-12)  # the other mark stays
    assert np.hypot(*row[:2]) == pytest.approx(np.hypot(*theta[:2]))
    assert row[:2] @ theta[:2] > 0  # the sides keep their classes
    ring = np.array([0.3, 0.2])
    row = np.array(grips.moved(data, theta, Drag(0, class_figures.TIP, 0, *ring, False)))
    assert row[:2] @ ring + row[2] == pytest.approx(1.0)
    assert row[:2] @ marks[:2].mean(0) + row[2] == pytest.approx(0, abs=1e-9)


def test_a_line_without_a_direction_has_no_marks_and_says_so() -> None:
    page = opened(view="logistic", lc1="0", lc2="0")
    assert catalog("en")["linear.logistic.outside"] in said(page)
    assert not page.error


# ---------------------------------------------------------------- bad values


def test_a_link_with_nonsense_opens_with_defaults_and_says_so() -> None:
    page = opened(lw="x", lset="everything", lsteps="9999999", lstd="maybe")
    assert len(page.warning) == 4
    assert pictures(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_data_that_do_not_fit_are_said_and_others_taken(lang: str) -> None:
    page = opened(lset=CHOSEN, data="spirals", lang=lang)
    assert "spirals" in page.warning[0].value
    assert link_of(page)["data"] == CURVES[0]
    usual = opened(data="spirals", lang=lang)  # chosen in another room: no offence
    assert not usual.warning


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "link",
    [{"data": "typed_curve", "fx": "1/(x-x)", "lset": CHOSEN},
     {"data": "typed_plane", "fx": "log(", "lcls": CHOSEN, "view": "logistic"},
     {"data": "typed_plane", "fx": "log(", "lcls": CHOSEN, "view": "perceptron"},
     {"data": "drawn_plane", "pts": ".", "lcls": CHOSEN, "view": "perceptron"}],
    ids=str,
)  # fmt: skip
def test_data_that_cannot_be_get_a_sentence_and_the_last_ones_stay(link: dict[str, str], lang: str) -> None:
    page = opened(lang=lang, **link)
    assert len(page.error) == 1
    assert "1/" not in page.error[0].value
    assert catalog(lang)["linear.last_good"] in said(page)
    assert pictures(page)


# ---------------------------------------------------------------- drawn data


CURVE = points.write([(-1.0, -1.0, 0), (-0.5, -0.4, 0), (0.0, 0.1, 0), (0.5, 0.4, 0), (1.0, 1.2, 0)])


def test_a_drawn_example_is_moved_and_the_line_follows() -> None:
    data = DataSpec("drawn_curve", points=CURVE)
    before = linear_data.line(CHOSEN, data, False)
    moved = replace(data, points=linear_data.redrawn(data, 0, 1.5, -9.0))
    after = linear_data.line(CHOSEN, moved, False)
    assert after.x[1:].tolist() == before.x[1:].tolist()  # the others stay, in training as well
    assert (float(after.x[0]), float(after.y[0])) == (1.5, -points.REACH)
    page = opened(lset=CHOSEN, data="drawn_curve", pts=moved.points)
    best = linear_fit.normal(after).theta
    assert f"w = **{number(best[0], 6)}**" in said(page)
    figure = pictures(page)["line"]["figures"][0]
    assert figure["layout"]["xaxis"]["range"] == figure["layout"]["yaxis"]["range"]  # whatever is moved
    handles = pictures(page)["line"]["handles"]
    assert {"figure": 0, "trace": line_figures.DOTS, "along": "xy"} in handles
    fixed = pictures(opened(lset=CHOSEN, data="line"))["line"]["handles"]
    assert all(handle["trace"] != line_figures.DOTS for handle in fixed)


@pytest.mark.parametrize("order", range(4))
def test_all_drawn_points_are_used_so_that_four_of_them_are_xor(order: int) -> None:
    corners = [(-1, -1, 0), (-1, 1, 1), (1, -1, 1), (1, 1, 0)]
    text = points.write(corners[order:] + corners[:order])
    page = opened(view="perceptron", lcls=CHOSEN, data="drawn_plane", pts=text)
    assert catalog("en")["linear.perceptron.never"].partition("{")[0] in page.warning[0].value
    parted = points.write([*corners[:3], (1, 1, 1)])
    page = opened(view="perceptron", lcls=CHOSEN, data="drawn_plane", pts=parted)
    assert len(page.success) == 1


def test_a_single_drawn_point_has_many_lines_and_the_shortest_is_told() -> None:
    page = opened(lset=CHOSEN, data="drawn_curve", pts=points.write([(1.0, 1.0, 0)]))
    assert "many weights have this cost" in said(page)
    assert "w = **0.5**, b = **0.5**" in said(page)
    assert not page.error


def test_of_more_drawn_classes_the_first_two_are_taken() -> None:
    drawn = [(x, y, cls) for cls, (x, y) in enumerate([(-1, -1), (1, 1), (1, -1)]) for _ in range(5)]
    text = points.write((x + 0.05 * i, y, cls) for i, (x, y, cls) in enumerate(drawn))
    page = opened(view="perceptron", lcls=CHOSEN, data="drawn_plane", pts=text)
    assert catalog("en")["linear.first_two"] in said(page)
    assert len(page.success) == 1


def test_data_of_one_class_are_parted_by_the_bias() -> None:
    page = opened(view="perceptron", lcls=CHOSEN, data="typed_plane", fx="1 + x^2")
    assert len(page.success) == 1
    page = opened(view="logistic", lcls=CHOSEN, data="typed_plane", fx="1 + x^2")
    assert not page.error
