"""The room of the classification tasks without a browser: every view, its numbers, drawings and links."""

from __future__ import annotations

import io
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest
import torch
from PIL import Image

from mlcore import script
from mlcore.base import pixels, points
from mlcore.base import spec as specs
from mlcore.base.experiment import run
from mlcore.figures import calibration as calibration_figures
from mlcore.figures import thresholds as threshold_figures
from mlcore.files.picture import read
from mlcore.tasks import calibration, drawn_digits, image_pair, own_digit, thresholds
from mlcore.tasks.calibration import Fit
from mlcore.tasks.image_pair import NETWORKS
from mlcore.training.tasks import TrainSpec, prepare
from mlcore.training.training import Run
from pages.rooms.classification_tasks import calibration as calibration_view
from pages.rooms.classification_tasks import digit as digit_view
from pages.rooms.classification_tasks import room
from pages.rooms.classification_tasks import threshold as threshold_view
from pages.rooms.classification_tasks.room import VIEWS, RoomSpec
from pages.ui.text import LANGUAGES, catalog, number
from tests.pages import rooms
from tests.pages.rooms import buttons, link_of, pictures, rerun, said, widget

pytestmark = pytest.mark.usefixtures("patient")
SMALL = {"cimages": "400", "cch": "4-6", "csteps": "80"}
opened = partial(rooms.opened, "classification_tasks", **SMALL)
asked = partial(rooms.asked, RoomSpec, **SMALL)


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    return {name: run(spec) for name, spec in asked().pair.trainings.items()}


def logits(found: Run, dx: int = 0, dy: int = 0, at: int | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    seen = image_pair.unseen(found.spec.data).shifted(dx, dy)
    return image_pair.logits(found, prepare(found.spec), seen.x, at)[0], seen.y


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(view: str, lang: str) -> None:
    page = opened(view=view, lang=lang)
    assert catalog(lang)[f"classification_tasks.{view}.claim"] in said(page)
    assert not page.error
    assert not page.warning
    assert pictures(page)
    assert not any("{" in found.value for kind in ("markdown", "caption") for found in getattr(page, kind))


def test_a_link_with_nonsense_opens_with_defaults_and_says_so() -> None:
    page = opened(view="digit", cpixels="12", cpen="?", ctemp="0", cnet="cnn")
    assert len(page.warning) == 4
    assert pictures(page)["pixels"]


# ---------------------------------------------------------------- images


def test_the_table_is_that_of_the_runs(runs: dict[str, Run]) -> None:
    shown = opened().dataframe[0].value
    score = [found.records.test_score[-1] for found in runs.values()]
    assert shown["test accuracy"].tolist() == [f"{100 * own[0]:.1f}%" for own in score]
    assert shown["seed by seed"].tolist() == [", ".join(f"{100 * one:.1f}%" for one in own) for own in score]
    sizes = [prepare(found.spec).network.size for found in runs.values()]
    assert shown["parameters"].tolist() == [f"{size:,}" for size in sizes]
    assert abs(sizes[0] - sizes[1]) / sizes[0] < 0.02


@pytest.mark.parametrize("shift", [(0, 0), (1, 0), (0, -2)])
def test_shifted_images_are_asked(runs: dict[str, Run], shift: tuple[int, int]) -> None:
    page = opened(cdx=str(shift[0]), cdy=str(shift[1]), cnet="mlp")
    right = {}
    for name in NETWORKS:
        z, y = logits(runs[name], *shift)
        right[name] = (z.argmax(-1) == y).numpy()
    assert f"{100 * right['convolution'].mean():.1f}%" in said(page)
    only = right["convolution"] ^ right["mlp"]
    assert f"{(right['convolution'] & only).sum()} of {only.sum()}" in said(page)
    assert ("**shifted**" in said(page)) == (shift != (0, 0))
    sent = pictures(page)
    counts = rooms_array(sent["confusion"]["figures"][0]["data"][0]["z"])
    assert np.trace(counts.reshape(10, 10)) == right["mlp"].sum()
    mark = sent["pair"]["figures"][1]["data"][1]
    assert (rooms_array(mark["x"])[0], rooms_array(mark["y"])[0]) == shift


def rooms_array(sent: Any) -> np.ndarray:
    """Numbers as they travel."""
    from base64 import b64decode

    if isinstance(sent, dict):
        return np.frombuffer(b64decode(sent["bdata"]), np.dtype(sent["dtype"]))
    return np.array(sent, float)


def test_the_hardest_images_are_those_of_the_largest_loss(runs: dict[str, Run]) -> None:
    z, y = logits(runs["convolution"])
    hard = image_pair.hardest(z, y, 12)
    sent = pictures(opened())["hardest"]["figures"][0]["data"][1]["text"]
    assert [text.partition(":")[0] for text in sent] == [str(one) for one in hard.true]


def test_a_click_chooses_a_shift_and_other_figures_do_not() -> None:
    page = opened()
    sent = pictures(page)["pair"]
    assert sent["clicks"] is True
    widget(page, "classification_tasks", "cdx").set_value(-1)
    assert link_of(rerun(page))["cdx"] == "-1"


def test_the_training_room_and_a_script_are_at_hand() -> None:
    page = opened(cnet="mlp")
    own = asked().pair.trainings["mlp"]
    assert any(script.write(own).strip() == code.value.strip() for code in page.code)
    links = [dict(parse_qsl(element.proto.query_string)) for element in page.get("page_link")]
    led = [specs.from_query(TrainSpec, link)[0] for link in links]
    assert all(training in led for training in asked().pair.trainings.values())


# ---------------------------------------------------------------- threshold


@pytest.mark.parametrize(("digit", "cut"), [(8, 0.5), (1, 0.1), (8, 1.0)])
def test_counts_and_areas_are_those_of_the_core(runs: dict[str, Run], digit: int, cut: float) -> None:
    page = opened(view="threshold", cdigit=str(digit), ccut=str(cut), cafter="20", cnet="mlp")
    found = runs["mlp"]
    at = int(np.abs(found.records.step - 20).argmin())
    own = thresholds.one_against_rest(*logits(found, at=at), digit)
    here = own.at(thresholds.log_odds(cut))
    counts = page.dataframe[0].value
    assert counts[f"called {digit}"].tolist() == [f"TP {here.tp}", f"FP {here.fp}"]
    assert counts["called another digit"].tolist() == [f"FN {here.fn}", f"TN {here.tn}"]
    assert page.dataframe[1].value["here"].tolist()[:2] == [number(here.precision), number(here.recall)]
    assert f"(AUC) **{number(own.auc, 4)}**" in said(page)
    assert f"(AP) **{number(own.average_precision, 4)}**" in said(page)
    if cut == 1:
        assert "Nothing is called positive here" in said(page)


def test_the_best_threshold_is_found_on_images_kept_aside(runs: dict[str, Run]) -> None:
    page = opened(view="threshold", cafter="20")
    buttons(page)[0].click()
    found = runs["convolution"]
    at = int(np.abs(found.records.step - 20).argmin())
    aside = image_pair.held_out(found.spec.data)
    z = image_pair.logits(found, prepare(found.spec), aside.x, at)[0]
    best = thresholds.one_against_rest(z, aside.y, 8).best_f1
    assert float(link_of(rerun(page))["ccut"]) == pytest.approx(thresholds.probability(best), abs=1e-6)


def test_the_threshold_is_dragged_and_curves_are_clicked() -> None:
    sent = pictures(opened(view="threshold"))
    assert [handle["trace"] for handle in sent["scores"]["handles"]] == [threshold_figures.MARK]
    assert sent["curves"]["clicks"] is True


def test_a_click_on_a_curve_is_the_threshold_of_its_nearest_point(runs: dict[str, Run]) -> None:
    own = thresholds.one_against_rest(*logits(runs["mlp"], at=8), 8)
    (false, true), (precision, recall) = own.roc, own.precision_recall
    for k in (3, len(own.thresholds) // 2, len(own.thresholds) - 2):
        here = own.at(threshold_view.nearest(own, True, false[k + 1], true[k + 1]))
        assert (here.fallout, here.recall) == pytest.approx((false[k + 1], true[k + 1]))
        here = own.at(threshold_view.nearest(own, False, recall[k], precision[k]))
        assert (here.recall, here.precision) == pytest.approx((recall[k], precision[k]))


# ---------------------------------------------------------------- calibration


@pytest.mark.parametrize("shift", [0, 1])
def test_the_measures_are_those_of_the_core(runs: dict[str, Run], shift: int) -> None:
    page = opened(view="calibration", cnet="mlp", ctemp="2", cbins="8", cdx=str(shift))
    z, y = logits(runs["mlp"], shift)
    fitted = calibration_view.fit(room.key(runs["mlp"]), runs["mlp"])
    shown = page.dataframe[0].value
    for row, temperature in enumerate((1.0, 2.0, fitted.temperature)):
        p = calibration.probabilities(z, temperature)
        assert shown["T"][row] == number(temperature)
        assert shown["NLL"][row] == number(calibration.nll(z, y, temperature))
        assert shown["Brier"][row] == number(calibration.brier(p, y))
        assert shown["ECE"][row] == number(calibration.reliability(p, y, 8).ece)
    assert len(set(shown["accuracy"])) == 1
    if shift:
        assert "**Too sure:**" in said(page)


def test_the_temperature_is_fitted_to_neither_training_nor_test(runs: dict[str, Run]) -> None:
    found = runs["mlp"]
    aside = image_pair.held_out(found.spec.data)
    assert len(aside.x) == 1797 - 400
    own = calibration.fit(image_pair.logits(found, prepare(found.spec), aside.x)[0], aside.y)
    page = opened(view="calibration", cnet="mlp")
    assert (
        f"on the **1397** images that were neither trained on nor tested is **T = {number(own.temperature)}**"
        in said(page)
    )
    buttons(page)[0].click()
    assert float(link_of(rerun(page))["ctemp"]) == pytest.approx(own.temperature, rel=1e-3)
    handles = pictures(page)["calibration"]["handles"]
    assert [(handle["figure"], handle["trace"]) for handle in handles] == [(1, calibration_figures.MARK)]


@pytest.mark.parametrize("inside", [True, False])
def test_an_end_of_the_range_is_no_fit(runs: dict[str, Run], inside: bool) -> None:
    told = calibration_view.told(asked(cnet="mlp"), runs["mlp"], Fit(0.1, inside))
    assert ("no temperature can be fitted" in told) != inside
    assert ("neither trained on nor tested" in told) == inside


# ---------------------------------------------------------------- a digit


class Drawn:
    """Controls as a callback finds them."""

    def __init__(self, **state: str) -> None:
        self.state = dict(state)

    def write(self, code: str, text: str) -> None:
        self.state[code] = text

    def current(self) -> RoomSpec:
        return specs.from_query(RoomSpec, {k: v for k, v in self.state.items() if v})[0]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    monkeypatch.setattr(digit_view.st, "session_state", kept)
    return kept


def test_the_example_is_asked_until_something_is_drawn(runs: dict[str, Run]) -> None:
    page = opened(view="digit")
    gray = drawn_digits.gray(drawn_digits.fine(drawn_digits.strokes(points.read(drawn_digits.example()))))
    sent = pictures(page)
    np.testing.assert_array_equal(rooms_array(sent["pixels"]["figures"][0]["data"][0]["z"]), gray)
    assert sent["board"]["pen"]["figure"] == 0
    for k, (name, found) in enumerate(runs.items()):
        image = torch.from_numpy(gray).double()
        p = drawn_digits.over_steps(found, prepare(found.spec), image)
        values = rooms_array(sent["softmax"]["frames"]["updates"][k]["values"])
        np.testing.assert_allclose(values.reshape(p.shape), p, atol=1e-6)
        name_ = catalog("en")[f"classification_tasks.network.{name}"]
        assert f"{name_}: **{p[-1].argmax()}**" in said(page)
    assert sent["softmax"]["frames"]["steps"] == found.records.step.tolist()


def test_strokes_and_undo(session: dict[str, Any]) -> None:
    controls: Any = Drawn(cpen=points.EMPTY)
    for k in range(3):
        now = digit_view._drawn(controls.current())
        digit_view._change(
            controls, strokes=points.write(drawn_digits.added(now, [(0.5 * k, 0), (0.5 * k, 1)]))
        )
    assert len(drawn_digits.strokes(points.read(controls.state["cpen"]))) == 3
    digit_view._undo(controls, points.read(controls.state["cpen"]))
    assert len(drawn_digits.strokes(points.read(controls.state["cpen"]))) == 2
    digit_view._sample(controls)
    seen = image_pair.unseen(controls.current().pair.data)
    assert pixels.read(controls.state["cpixels"]) == tuple(seen.x[0].int().tolist())
    assert digit_view._drawn(controls.current()) == ()
    digit_view._undo(controls, ())
    assert len(drawn_digits.strokes(digit_view._drawn(controls.current()))) == 2


def test_a_drawing_that_a_link_brought_loses_its_last_stroke(session: dict[str, Any]) -> None:
    drawn = drawn_digits.added(drawn_digits.added([], [(0, 0), (0, 1)]), [(1, 0), (1, 1)])
    controls: Any = Drawn(cpen=points.write(drawn))
    digit_view._undo(controls, drawn)
    assert points.read(controls.state["cpen"]) == tuple(drawn[:2])


def test_clear_gives_an_empty_board_and_the_link_keeps_it() -> None:
    page = opened(view="digit")
    page.button(key="digit.clear").click()
    rerun(page)
    assert link_of(page)["cpen"] == points.EMPTY
    assert "0 of 1,024 pixels" in said(page)
    assert not page.exception


def test_typed_values_are_asked_instead() -> None:
    page = opened(view="digit")
    image = image_pair.unseen(asked().pair.data).x[5].int().tolist()
    page.text_area[0].set_value(pixels.listed(image))
    rerun(page)
    assert link_of(page)["cpixels"] == pixels.write(image)
    np.testing.assert_array_equal(rooms_array(pictures(page)["pixels"]["figures"][0]["data"][0]["z"]), image)
    assert f"{sum(image)} of 1,024 pixels" in said(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_typed_nonsense_is_said_and_changes_nothing(lang: str) -> None:
    page = opened(view="digit", lang=lang)
    before = link_of(page)
    page.text_area[0].set_value("1 2 3")
    rerun(page)
    assert len(page.error) == 1
    assert link_of(page) == before
    wanted = catalog(lang)["problems.pixels.rows"].format(count=1, side=8)
    assert page.error[0].value == wanted


def test_the_neighbors_are_training_images() -> None:
    data = prepare(asked().pair.trainings["mlp"]).data
    image = tuple(data.x[7].int().tolist())
    page = opened(view="digit", cpixels=pixels.write(image))
    told = pictures(page)["alike"]["figures"][0]["data"][1]["text"]
    assert told[0] == f"<b>{int(data.y[7])}</b>: 0"
    assert len(told) == digit_view.ALIKE


def photo(drawn: drawn_digits.Strokes | None) -> bytes:
    """A digit written on light paper, as PNG; without one, the paper alone."""
    paper = np.full((200, 160), 225, np.uint8)
    if drawn is not None:
        black = drawn_digits.fine(drawn).repeat(4, 0).repeat(4, 1)  # 128 x 128
        paper[36:164, 16:144][black] = 40
    file = io.BytesIO()
    Image.fromarray(paper).save(file, "PNG")
    return file.getvalue()


def test_a_photo_is_asked_by_a_button_and_only_its_numbers_enter_the_link() -> None:
    page = opened(view="digit")
    drawn = drawn_digits.strokes(points.read(drawn_digits.example()))
    page.file_uploader[0].set_value(("two.png", photo(drawn), "image/png"))
    rerun(page)
    assert "cpixels" not in link_of(page)
    wanted = own_digit.digit(read(photo(drawn))).int().tolist()
    np.testing.assert_array_equal(rooms_array(pictures(page)["photo"]["figures"][0]["data"][0]["z"]), wanted)
    page.button(key="digit.photo").click()
    assert link_of(rerun(page))["cpixels"] == pixels.write(wanted)
    by_hand = drawn_digits.gray(drawn_digits.fine(drawn))
    assert np.abs(by_hand - wanted).mean() < 1  # both go the way of the data set


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_photo_without_a_digit_is_refused_in_words(lang: str) -> None:
    page = opened(view="digit", lang=lang)
    page.file_uploader[0].set_value(("paper.png", photo(None), "image/png"))
    rerun(page)
    assert [error.value for error in page.error] == [catalog(lang)["problems.digit.no_ink"]]
    assert "photo" not in pictures(page)
    assert "softmax" in pictures(page)
