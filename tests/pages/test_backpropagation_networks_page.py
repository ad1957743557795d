"""The views of networks in the backpropagation room: the passes in matrices, and products along chains."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlcore.backpropagation.matrices import PassSpec, both_ways, listing
from mlcore.backpropagation.products import ChainSpec, products
from mlcore.base import spec as specs
from mlcore.components.signal import SignalSpec
from mlcore.engine.engine import Engine
from mlcore.families.models import ModelSpec
from mlcore.figures import matrices as figures
from mlcore.training.data import DataSpec
from mlcore.training.tasks import TrainSpec
from pages.rooms.backpropagation.products import power, signal_link
from pages.rooms.backpropagation.room import RoomSpec
from pages.ui.text import LANGUAGES, catalog, number, tiny
from tests.pages import rooms
from tests.pages.rooms import link_of, pictures, rerun, said, widget

matrices = partial(rooms.opened, "backpropagation", view="matrices")
chains = partial(rooms.opened, "backpropagation", view="products")


def updates(at: AppTest) -> dict[tuple[int, str], Any]:
    sent = pictures(at)["matrices"]["frames"]["updates"]
    return {(update["trace"], update["attribute"]): update["values"] for update in sent}


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", ["matrices", "products"])
def test_both_views_open_in_both_languages(view: str, lang: str) -> None:
    at = rooms.opened("backpropagation", view=view, lang=lang)
    assert catalog(lang)[f"backpropagation.{view}.claim"] in said(at)
    assert {key: len(sent["figures"]) for key, sent in pictures(at).items()} == (
        {"matrices": 1, "sizes": 1} if view == "matrices" else {"products": 2}
    )
    assert all(all(sent["alt"]) for sent in pictures(at).values())
    assert at.code, "the code that ran"
    assert not at.error
    assert link_of(at) == {"view": view}


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("link", "train"),
    [
        ({}, TrainSpec()),
        ({"data": "diabetes", "loss": "huber", "h": "5", "act": "relu", "b": "7", "seed": "3"},
         TrainSpec(DataSpec("diabetes"), ModelSpec(widths=(5,), activation="relu"), "huber",
                   (("delta", 1.0),), batch_size=7, seed=3)),
        ({"data": "wine", "model": "linear", "b": "0"},
         TrainSpec(DataSpec("wine"), ModelSpec("linear"), batch_size=0)),
        ({"data": "moons", "model": "polynomial", "deg": "4", "loss": "binary_cross_entropy"},
         TrainSpec(DataSpec("moons"), ModelSpec("polynomial", degree=4), "binary_cross_entropy")),
    ],
)  # fmt: skip
def test_the_passes_are_those_of_the_training_that_the_link_says(
    link: dict[str, str], train: TrainSpec
) -> None:
    at, found = matrices(**link), both_ways(PassSpec(train))
    sent = pictures(at)["matrices"]["frames"]
    assert sent["listing"] == list(listing())
    assert sent["lit"] == [moment.line for moment in found.moments]
    (told,) = sent["readout"].values()
    assert [line[2:] for line in told] == [figures.told(found, moment) for moment in found.moments]
    assert [line[0] for line in told] == ["→"] * (2 * found.layers + 1) + ["←"] * (2 * found.layers + 1)
    assert updates(at)[figures.VALUES, "text"][-1] == figures.frames(found).values[-1]
    assert at.dataframe[0].value.shape == (found.layers, 6)
    assert tiny(found.residual) in said(at)
    if found.layers > 1:
        assert number(found.sizes.slope[0] / found.sizes.slope[-1], 3) in said(at)
    again = {**link_of(at), "lang": "en"}
    again.pop("view")
    assert said(matrices(**again)) == said(at)


@pytest.mark.usefixtures("alone")
def test_a_few_steps_later_the_numbers_are_others() -> None:
    train = TrainSpec(DataSpec("iris"), ModelSpec(widths=(4,)), lr=0.1)
    link = {"data": "iris", "h": "4", "lr": "0.1"}
    told = [said(matrices(**link, k=str(k))) for k in (0, 30)]
    for text, k in zip(told, (0, 30), strict=True):
        found = both_ways(PassSpec(train, k))
        assert number(found.sizes.slope[0] / found.sizes.slope[-1], 3) in text
    assert told[0] != told[1]


def test_many_steps_are_taken_by_a_worker(lab: Engine) -> None:
    spec = PassSpec(TrainSpec(DataSpec("digits"), ModelSpec(widths=(128, 128)), steps=3000), 2000)
    assert spec.seconds > 0.3
    link = {"data": "digits", "h": "128-128", "steps": "3000", "k": "2000"}
    at = matrices(**link)
    assert not at.exception
    for _ in range(200):
        if "matrices" in pictures(at):
            break
        rerun(at)
    assert number(both_ways(spec).sizes.slope[0], 3) in said(at)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_residual_networks_go_by_autograd_and_are_said_to(lang: str) -> None:
    words = catalog(lang)["backpropagation.matrices.autograd"]
    at = matrices(model="deep", layers="3", units="5", skip="0", lang=lang)
    assert words not in said(at)
    at = matrices(model="deep", layers="3", units="5", lang=lang)
    assert words in said(at)
    assert link_of(at)["model"] == "deep"
    assert len(at.dataframe[0].value) == 4


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("layers", [8, 9, 64])
def test_a_deep_network_stays_readable(layers: int) -> None:
    at = matrices(model="deep", layers=str(layers), units="8", skip="0")
    nodes = pictures(at)["matrices"]["figures"][0]["data"][figures.NODES]
    rows = min(layers + 1, figures.MOST)
    assert len(nodes["marker"]["color"]) == 3 * rows + 2 - (layers >= figures.MOST) * 2
    assert pictures(at)["matrices"]["height"] < 1000
    gap = re.search(r"Layers (\d+) to (\d+) have no room", said(at))
    assert (gap is None) == (layers == 8)
    if gap:
        assert gap.groups() == ("5", str(layers + 1 - figures.FEW))
    assert len(at.dataframe[0].value) == layers + 1
    assert len(pictures(at)["matrices"]["frames"]["steps"]) == 4 * (layers + 1) + 2


@pytest.mark.usefixtures("alone")
def test_penalties_are_not_in_the_gradient_and_it_is_said() -> None:
    assert catalog("en")["backpropagation.matrices.penalty"] in said(matrices(l2="0.1"))
    assert catalog("en")["backpropagation.matrices.penalty"] not in said(matrices())


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_cannot_be_trained_gets_a_sentence(lang: str) -> None:
    at = matrices(data="digits", model="polynomial", deg="4", lang=lang)
    assert len(at.error) == 1
    assert "matrices" not in pictures(at)


@pytest.mark.usefixtures("alone")
def test_nonsense_in_the_link_leaves_defaults() -> None:
    at = matrices(k="-1", h="0-0", b="many")
    assert len(at.warning) == 3
    assert link_of(at) == {"view": "matrices"}
    assert len(chains(vact="rely", vdepth="1", vwidth="1e9").warning) == 4, "and the verdict"


@pytest.mark.usefixtures("alone")
def test_another_loss_and_another_step_by_hand() -> None:
    at = matrices(data="wine")
    widget(at, "backpropagation", "loss").set_value("mse")
    rerun(at)
    widget(at, "backpropagation", "k").set_value(3)
    rerun(at)
    assert {"view": "matrices", "data": "wine", "loss": "mse", "k": "3"}.items() <= link_of(at).items()
    found = both_ways(PassSpec(TrainSpec(DataSpec("wine"), loss="mse"), 3))
    assert number(found.sizes.slope[0], 3) in said(at)
    widget(at, "backpropagation", "view").set_value("sweeps")
    rerun(at)
    assert link_of(at)["data"] == "wine", "it comes back"


# ---- products ----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("link", "fate"),
    [
        ({}, "vanishes"),
        ({"vact": "relu", "vinit": "he", "vwidth": "32", "vnets": "4"}, "arrives"),
        ({"vact": "identity", "vinit": "normal", "vwidth": "32", "vnets": "4"}, "explodes"),
        ({"vact": "tanh", "vinit": "zeros", "vnets": "2"}, "vanishes"),
    ],
)
def test_the_verdict_is_that_of_the_core(link: dict[str, str], fate: str, lang: str) -> None:
    at = chains(**link, lang=lang)
    spec = rooms.asked(RoomSpec, view="products", **link).chain
    found = products(spec)
    assert found.fate == fate
    boxes = at.success if fate == "arrives" else at.warning
    begin = catalog(lang)[f"backpropagation.products.{fate}"].split("**")[1]
    assert begin in boxes[0].value
    assert power(found.total) in said(at)
    assert power(found.product[0, 0], 7) in said(at)
    if np.isfinite(found.residual):
        assert tiny(found.residual) in said(at)


@pytest.mark.usefixtures("alone")
def test_the_table_has_the_factors_and_their_product() -> None:
    at, found = chains(), products(ChainSpec())
    table = at.dataframe[0].value
    assert list(table.iloc[:, 0]) == [str(k) for k in range(10, 0, -1)]
    read = [float(text.replace("−", "-")) for text in table.iloc[:, 4]]
    np.testing.assert_allclose(read, (found.weights * found.slopes)[::-1], rtol=1e-3)
    last = float(table.iloc[-1, 5].replace("−", "-"))
    assert last == pytest.approx(found.measured[0, 0], rel=1e-3)
    assert last == pytest.approx(abs(np.prod(read)), rel=1e-2)
    assert chains(vwidth="8").dataframe[0].value.shape == (10, 5)


@pytest.mark.usefixtures("alone")
def test_blocked_chains_are_counted() -> None:
    at = chains(vact="relu", vinit="he", vdepth="3")
    found = products(ChainSpec("relu", "he", depth=3))
    lost = int((found.measured[:, 0] == 0).sum())
    assert 0 < lost < 30
    assert f"In {lost} of 30 networks it is exactly 0" in said(at)
    assert f"{found.blocked} of the networks, where some layer passes" in said(at)


def test_the_way_to_the_theory_keeps_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.rooms.backpropagation.products.language", lambda: "ko")
    link = signal_link(ChainSpec("relu", "he", 1.5, 20, 64, 30, 7))
    assert link.pop("lang") == "ko"
    assert link.pop("view") == "signal"
    spec, problems = specs.from_query(SignalSpec, link)
    assert not problems
    assert (spec.activation, spec.init, spec.gain, spec.depth, spec.width, spec.seed) == (
        "relu", "he", 1.5, 20, 64, 7,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.25, "$0.25$"),
        (0.0, "$0$"),
        (9.5367e-7, r"${9.54 \cdot 10^{-7}}$"),
        (4e12, r"${4.00 \cdot 10^{12}}$"),
    ],
)
def test_powers_of_ten_are_written_as_such(value: float, written: str) -> None:
    assert power(value) == written
