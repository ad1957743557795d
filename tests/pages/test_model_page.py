"""The model room without a browser: every section in both languages, with the numbers of the core."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray

from mlcore.base import spec as specs
from mlcore.base.experiment import run
from mlcore.components import signal as signals
from mlcore.components import untrained
from mlcore.components.saturation import saturated
from mlcore.components.signal import SignalSpec
from mlcore.components.symmetry import shuffle
from mlcore.components.untrained import PriorSpec
from mlcore.engine.engine import Engine
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.models import ModelSpec
from mlcore.training.data import DataSpec, load
from pages.rooms.model import activations, side_by_side
from pages.rooms.model.room import VIEWS, RoomSpec
from pages.ui import text
from pages.ui.plot import Click
from pages.ui.text import percent
from tests.pages import rooms
from tests.pages.rooms import link_of, rerun, said, widget

visit = partial(rooms.opened, "model")
SHOWN = [view for view in VIEWS if view != "compare"]


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("language", text.LANGUAGES)
@pytest.mark.parametrize("view", SHOWN)
def test_every_section_opens_in_both_languages(view: str, language: str) -> None:
    at = visit(view=view, lang=language)
    assert at.title[0].value == text.catalog(language)["contents.model.title"]
    assert text.catalog(language)[f"model.{view}.claim"] in [found.value for found in at.markdown]
    assert at.get("bidi_component"), "a picture"
    assert at.code, "the code that ran"


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(("link", "data", "model"), [
    ({}, "moons", ModelSpec()),
    ({"data": "digits", "h": "32-16-8"}, "digits", ModelSpec(widths=(32, 16, 8))),
    ({"data": "diabetes", "model": "linear"}, "diabetes", ModelSpec("linear")),
    ({"data": "sine", "model": "polynomial", "deg": "7"}, "sine", ModelSpec("polynomial", degree=7)),
])  # fmt: skip
def test_the_count_is_that_of_the_network(link: dict[str, str], data: str, model: ModelSpec) -> None:
    at, found = visit(**link), load(DataSpec(data))
    total = model.size(found.x.shape[1], max(1, found.classes))
    assert f"&= {total:,}".replace(",", "{,}") in at.latex[0].value
    column = at.dataframe[0].value.iloc[:, 3]
    assert sum(int(cell.split(" = ")[1].replace(",", "")) for cell in column) == total


@pytest.mark.usefixtures("alone")
def test_a_polynomial_too_wide_to_draw_gets_a_sentence() -> None:
    assert visit(data="digits", model="polynomial", deg="4").error


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("widths", ["12", "6-5"])
def test_random_functions_are_counted(widths: str) -> None:
    at = visit(view="before", act="relu", init="he", h=widths, count="50", gain="2", bspread="0.5", seed="7")
    sizes = tuple(map(int, widths.split("-")))
    model = ModelSpec(widths=sizes, activation="relu", init="he")
    found = untrained.prior(PriorSpec(model, 2.0, 0.5, 50, 7))
    told = said(at)
    for number in (f"{found.turns.mean():.2f}", percent(found.constant), f"{found.pieces.mean():.1f}"):
        assert number in told
    assert f"{np.prod([n + 1 for n in sizes])}$" in told


@pytest.mark.usefixtures("alone")
def test_functions_of_two_numbers_and_none_without_biases() -> None:
    assert visit(view="before", space="plane", act="sine")
    assert visit(view="before", act="relu", init="he", bspread="0").info, "why nothing bends but at 0"


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(("act", "init", "kind"), [
    ("relu", "he", "success"), ("relu", "torch_default", "warning"), ("relu", "normal", "warning"),
    ("tanh", "zeros", "warning"),
])  # fmt: skip
def test_a_signal_gets_its_verdict(act: str, init: str, kind: str) -> None:
    at = visit(view="signal", act=act, init=init, depth="20", width="30", nets="4")
    found = signals.signal(SignalSpec(act, init, 1.0, 20, 30, 4, 0))
    boxes = [box.value for box in getattr(at, kind)]
    assert f"{found.backward_factor:.3g}" in re.sub(r"\\([^\w\s])", r"\1", boxes[-1].replace("\u2060", ""))


@pytest.mark.usefixtures("alone")
def test_saturation_is_that_of_the_core_and_a_click_chooses() -> None:
    at = visit(view="activations", act="tanh", spread="5")
    assert percent(saturated("tanh", [5.0])[0]) in said(at)
    chosen: list[RoomSpec] = []

    class Form:
        current = staticmethod(lambda: RoomSpec(view="activations"))
        load = staticmethod(chosen.append)

    names = list(ACTIVATIONS)
    pick = activations.picker(Form)  # type: ignore[arg-type]
    pick(Click(0, 2 * names.index("gelu") + 1, 0.0, 0.0, None, 3))
    pick(Click(0, None, 0.0, 0.0, None, None))
    assert [(spec.signal.activation, spec.prior.model.activation) for spec in chosen] == [("gelu", "gelu")]
    assert specs.to_query(chosen[0]) == {"view": "activations", "act": "gelu"}


@pytest.mark.usefixtures("alone")
def test_a_moved_scale_counts_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    at = visit(view="activations", act="tanh", spread="5")
    counted: list[int] = []

    def noted(name: str, scales: Sequence[float]) -> NDArray[np.float64]:
        counted.append(len(scales))
        return saturated(name, scales)

    monkeypatch.setattr(activations, "saturated", noted)
    widget(at, "model", "spread").set_value(10.0)
    rerun(at)
    assert counted == [1], "the share at this scale, of the chosen activation"
    assert percent(saturated("tanh", [float(link_of(at)["spread"])])[0]) in said(at)


@pytest.mark.usefixtures("alone")
def test_identities_are_shown_with_their_residual() -> None:
    at = visit(view="algebra", h="16-3-16", act="gelu")
    found = shuffle((8, 16, 3, 16, 8), "gelu", "xavier", 0)
    assert [m.value for m in at.metric][:2] == [
        f"{found.moved:,} / {len(found.before):,}",
        text.tiny(found.residual),
    ]
    assert "rank **3**" in said(at)


@pytest.mark.usefixtures("patient")
def test_settings_stay_from_section_to_section_and_in_the_link() -> None:
    at = visit(view="before", h="9-8-7", act="sine")
    widget(at, "model", "seed").set_value(5)
    rerun(at)
    widget(at, "model", "view").set_value("signal")
    rerun(at)
    assert link_of(at) == {"view": "signal", "h": "9-8-7", "act": "sine", "seed": "5"}
    again = visit(**link_of(at))
    assert said(again) == said(at)


@pytest.mark.usefixtures("alone")
def test_nonsense_in_the_link_is_answered_once() -> None:
    at = visit(view="nowhere", act="rely", gain="-1", h="0-0", depth="1e9", lang="ko")
    assert len(at.warning) == 5
    assert "view" not in link_of(at)


def test_a_model_that_cannot_be_trained_is_a_sentence_and_the_others_train(lab: Engine) -> None:
    at = visit(view="compare", data="wine", poly="4", steps="10", h="4")
    for _ in range(100):
        if text.catalog("en")["compare.marks_classification"] in said(at):
            break
        rerun(at)
    assert len(at.error) == 1
    assert "Polynomial of degree 4" in at.error[0].value
    assert "best score" not in said(at), "not all are there to be compared"


def test_three_models_train_side_by_side(lab: Engine) -> None:
    spec = RoomSpec(view="compare", data=DataSpec("moons", examples=60), steps=40)
    at = visit(**specs.to_query(spec))
    for _ in range(100):  # until all are done, as the page's progress does
        if "best score" in said(at):
            break
        rerun(at)
    wanted = side_by_side.trainings(spec, "classification")
    assert [train.model.kind for train in wanted.values()] == ["linear", "polynomial", "mlp"]
    best = max(float(run(train).records.test_score[-1, 0]) for train in wanted.values())
    assert f"{best:.1%}" in said(at)
