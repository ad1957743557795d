"""What the sections of the room share: the spec behind the link, and controls that several of them have."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.complexity.double_descent import REACH, GaussianSpec
from mlcore.complexity.line_fits import LineSpec
from mlcore.complexity.random_features import FeatureSpec
from mlcore.complexity.selection import ValidationSpec
from mlcore.complexity.widths import WidthSpec
from pages.ui import ensembles, text
from pages.ui.controls import Controls
from pages.ui.text import Text, t

VIEWS = ("gaussian", "relu", "curve", "mlp", "complexity", "learning")
RIDGES = (0.0, 1e-4, 1e-3, 0.01, 0.1, 1.0, 10.0)
CHOSEN = Knob(0, 0, 100_000, integer=True)  # features or parameters; 0 where they are as many as examples


@dataclass(frozen=True)
class RoomSpec:
    """Everything that the room can be set to."""

    view: str = specs.choice("gaussian", VIEWS, "view")
    gaussian: GaussianSpec = specs.part(GaussianSpec)
    gaussian_p: int = specs.number(CHOSEN, "gp")
    features: FeatureSpec = specs.part(FeatureSpec)
    line: LineSpec = specs.part(LineSpec)
    line_p: int = specs.number(CHOSEN, "cp")
    widths: WidthSpec = specs.part(WidthSpec)
    width_p: int = specs.number(CHOSEN, "mp")
    validation: ValidationSpec = specs.part(ValidationSpec)
    complexity: float = specs.number(Knob(ensembles.USUAL, ensembles.USUAL, 5000.0), "c")
    most: int = specs.number(Knob(200, 10, 300, symbol="N", log=True, integer=True), "most")

    def __post_init__(self) -> None:
        specs.check(self)


Form = Controls[RoomSpec]


def ridge(controls: Form, code: str, value: float) -> None:
    """A penalty, by magnitudes, with 0 among them."""
    values = sorted({*RIDGES, value})
    names = {specs.written(v): t(f"double_descent.no_ridge.{code}") if v == 0 else f"{v:g}" for v in values}
    controls.select(code, names, widget=st.select_slider, help=t(f"double_descent.ridge_help.{code}"))


def nearest(places: Sequence[int], chosen: float, usual: int) -> int:
    """Which of `places` is the nearest to what was chosen, as one sees it on a logarithmic axis."""
    goal = max(chosen or usual, 1)
    return min(places, key=lambda place: abs(math.log(place / goal)))


def choose(controls: Form, code: str, places: Sequence[int], usual: int) -> None:
    """Which number of features is looked at; a click into the picture says the same."""
    now = nearest(places, float(controls.state.get(code, 0)), usual)
    names = {str(place if place != usual else 0): f"{place:,}" for place in places}
    controls.state[code] = str(now if now != usual else 0)
    controls.select(code, names, widget=st.select_slider, help=t("double_descent.click"))


def put(controls: Form, code: str, places: Sequence[int], x: float, usual: int) -> None:
    """What a click at x chooses."""
    found = nearest(places, max(x, 1.0), usual)
    controls.put(code, 0 if found == usual else found)


def number(value: float) -> Text:
    """A number as text; ∞ for what has no value, as in this room that is an expectation without bound."""
    return Text("∞") if math.isnan(value) else text.number(value)


def most(examples: int) -> int:
    return REACH * examples
