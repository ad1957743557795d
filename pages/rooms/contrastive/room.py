"""What the views of this room share: the spec behind the link, the loss, the data and the views of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.embeddings.autoencoder import Centered, centered
from mlcore.embeddings.contrast_sweeps import OVER, SEEDS, CollapseSpec, ContrastSweepSpec
from mlcore.embeddings.contrastive import MARGIN, ContrastiveSpec
from mlcore.embeddings.pair_losses import PAIR_LOSSES
from mlcore.embeddings.pairs import SPACES, completed, on_circle, on_sphere
from mlcore.families.datasets import DATASETS
from mlcore.files.escape import line
from mlcore.training.data import DataSpec
from pages.ui import components
from pages.ui.controls import Controls
from pages.ui.sources import broken
from pages.ui.text import Text
from pages.ui.text.problems import REFUSALS, refusal

VIEWS = ("pairs", "slide", "temperature", "learn", "collapse", "sweep")
DATA = tuple(v.name for v in DATASETS.variants() if v.task == "classification")
ANGLE = Knob(0.0, -360.0, 360.0)
MOST = 6  # examples on the circle, and negatives of a view
PLACES = (15.0, 100.0, 215.0, 62.0, 170.0, 250.0)


@dataclass(frozen=True)
class RoomSpec:
    """Everything that this room can be set to."""

    view: str = specs.choice("pairs", VIEWS, "view")
    space: str = specs.choice("circle", SPACES, "ctspace")
    examples: int = specs.number(Knob(3, 2, MOST, symbol="N", integer=True), "ctn")
    angles: tuple[float, ...] = specs.numbers(PLACES, ANGLE, "ctang", most=2 * MOST)  # first views first
    longitudes: tuple[float, ...] = specs.numbers(PLACES, ANGLE, "ctlong", most=2 * MOST)
    latitudes: tuple[float, ...] = specs.numbers(
        (20.0, -10.0, 45.0, -30.0, 30.0, 5.0), Knob(0.0, -90.0, 90.0), "ctlat", most=2 * MOST
    )
    pace: float = specs.number(Knob(0.1, 0.005, 2.0, symbol=r"\eta", log=True), "ctpace")
    moves: int = specs.number(Knob(200, 10, 600, symbol="T", integer=True), "ctmoves")
    a: tuple[float, ...] = specs.numbers((1.5, 0.4), Knob(0.0, -2.0, 2.0), "cta", most=2, least=2)
    b: tuple[float, ...] = specs.numbers((0.6, 1.2), Knob(0.0, -2.0, 2.0), "ctb", most=2, least=2)
    gap: float = specs.number(MARGIN, "ctgap")
    room: int = specs.number(Knob(32, 2, 512, symbol="d", log=True, integer=True), "ctroom")
    partner: float = specs.number(Knob(-20.0, -180.0, 180.0), "ctpart")
    rivals: tuple[float, ...] = specs.numbers(
        (35.0, 75.0, 110.0, 180.0, -100.0, -60.0), ANGLE, "ctriv", most=2 * MOST
    )
    own: ContrastiveSpec = specs.part(ContrastiveSpec)
    seeds: int = specs.number(SEEDS, "ctseeds")
    over: str = specs.choice("temperature", OVER, "ctover")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def data(self) -> DataSpec:
        """What other rooms may show as well."""
        return self.own.data

    @property
    def collapse(self) -> CollapseSpec:
        return CollapseSpec(self.own, self.seeds)

    @property
    def sweep(self) -> ContrastSweepSpec:
        return ContrastSweepSpec(self.own, self.over, self.seeds)

    @property
    def turns(self) -> tuple[float, ...]:
        """The angles of all 2N views on the circle."""
        return completed(self.angles, 2 * self.examples)

    @property
    def places(self) -> np.ndarray:
        """All 2N views in the space that is chosen."""
        count = 2 * self.examples
        if self.space == "circle":
            return on_circle(self.turns)
        return on_sphere(completed(self.longitudes, count), completed(self.latitudes, count, tilt=True))


Form = Controls[RoomSpec]


def loss(controls: Form) -> None:
    """The loss and what belongs to it."""
    controls.choice("ctloss", "pair_loss")
    name = controls.current().own.loss
    if name == "nt_xent":
        controls.number("cttau")
    else:
        controls.number("ctm")
    controls.flag("ctneg")
    st.latex(rf"\scriptsize {broken(PAIR_LOSSES[name].formula, 20)}")


def data(controls: Form) -> None:
    """The data set, and how its views differ."""
    now = controls.current().own.data
    controls.choice("data", "dataset", DATA, on_change=lambda: components.forget(controls, now))
    components.brought(controls)
    components.examples(controls, controls.current().own.data)
    augmentation(controls)


# As a link says it. With fewer numbers in the code most trainings stay where all codes are one: a saddle.
RINGS = {"data": "circles", "n": "300", "ctturn": "180", "ctnoise": "0.1", "ctdim": "8"}


def preset(controls: Form, chosen: Mapping[str, str]) -> None:
    """From a callback: what makes another experiment of it, all else of the encoder as usual."""
    components.forget(controls, controls.current().own.data)
    for code in (*specs.to_query(controls.current().own), *chosen):
        controls.write(code, "")
        controls.state.pop(code)
    for code, text in chosen.items():
        controls.write(code, text)


def augmentation(controls: Form) -> None:
    own = controls.current().own
    if own.image:
        controls.number("ctshift")
    if own.image or DATASETS[own.data.name].facts.get("features") == 2:
        controls.number("ctturn")
    controls.number("ctnoise")


def training(controls: Form) -> None:
    for code in ("ctbatch", "ctunits", "ctlr", "ctsteps", "ctseed"):
        controls.number(code)


def seen(spec: RoomSpec) -> Centered | None:
    """The data, or a sentence why there are none."""
    try:
        return centered(spec.own.data)
    except REFUSALS as error:
        st.error(refusal(error))
        return None


def class_names(found: Centered) -> list[str]:
    return [line(name) for name in found.data.class_names]


def tenths(share: float) -> Text:
    """A share in percent with a digit after the point: probes differ by less than one."""
    return Text(f"{100 * share:.1f}%" if share == share else "–")
