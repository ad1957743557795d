"""What the sections of the model room share: the spec behind the link, and a few pieces of a page."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.components.signal import SignalSpec
from mlcore.components.untrained import PriorSpec
from mlcore.training.data import Data, DataSpec, load
from pages.ui import components
from pages.ui.controls import Controls
from pages.ui.text.problems import REFUSALS, refusal

VIEWS = ("network", "before", "activations", "signal", "algebra", "compare")
SPACES = ("line", "plane")


@dataclass(frozen=True)
class RoomSpec:
    """Everything that the model room can be set to. Activation, initialization, gain and seed are shared."""

    view: str = specs.choice("network", VIEWS, "view")
    data: DataSpec = specs.part(DataSpec)
    prior: PriorSpec = specs.part(PriorSpec)
    signal: SignalSpec = specs.part(SignalSpec)
    space: str = specs.choice("line", SPACES, "space")
    spread: float = specs.number(Knob(1.0, 0.1, 20.0, symbol="s", log=True), "spread")
    degree: int = specs.number(Knob(5, 1, 12, symbol="d", integer=True), "poly")
    lr: float = specs.number(Knob(0.02, 1e-4, 1.0, symbol=r"\eta", log=True), "lr")
    steps: int = specs.number(Knob(1500, 10, 10_000, symbol="T", log=True, integer=True), "steps")

    def __post_init__(self) -> None:
        specs.check(self)


Form = Controls[RoomSpec]


def choose_data(controls: Form) -> None:
    components.data_set(controls, controls.current().data)


def loaded(spec: DataSpec) -> Data | None:
    """The data of `spec`, or a sentence why there are none."""
    try:
        return load(spec)
    except REFUSALS as error:
        st.error(refusal(error))
        return None
