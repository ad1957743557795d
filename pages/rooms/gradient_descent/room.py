"""What the views of this room share: the spec behind the link, learning rates to choose from, numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mlcore.base import spec as specs
from mlcore.descents.minibatch import BatchSpec
from mlcore.descents.noise_ball import NoiseSpec
from mlcore.descents.quadratics import OneSpec, TwoSpec
from mlcore.descents.regression import RegressionSpec
from mlcore.descents.stability import MomentumSpec
from pages.ui import plot
from pages.ui.controls import Controls
from pages.ui.text import Text, t

VIEWS = ("one", "two", "real", "momentum", "noise", "minibatch")
MANTISSAS = (1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2, 2.2, 2.4, 2.6, 2.8, 3, 3.3, 3.6, 4, 4.5,
             5, 5.5, 6, 6.5, 7, 7.5, 8, 8.5, 9, 9.5)  # fmt: skip


@dataclass(frozen=True)
class RoomSpec:
    """Everything that this room can be set to."""

    view: str = specs.choice("one", VIEWS, "view")
    one: OneSpec = specs.part(OneSpec)
    two: TwoSpec = specs.part(TwoSpec)
    real: RegressionSpec = specs.part(RegressionSpec)
    momentum: MomentumSpec = specs.part(MomentumSpec)
    noise: NoiseSpec = specs.part(NoiseSpec)
    minibatch: BatchSpec = specs.part(BatchSpec)

    def __post_init__(self) -> None:
        specs.check(self)


Form = Controls[RoomSpec]


def learning_rate(controls: Form, code: str, now: float, curvature: float, most: float = 3.0) -> None:
    """A slider from crawling to diverging: learning rates from 0.01 to `most` divided by the curvature."""
    low, high = 0.01 / curvature, most / curvature
    grid = (float(f"{m}e{e}") for e in range(-8, 4) for m in MANTISSAS)
    values = sorted({now, *(v for v in grid if low <= v <= high and v >= 1e-4)})
    names = {specs.written(v): f"{v:.4g}" for v in values}
    controls.select(code, names, widget=st.select_slider, help=t("gradient_descent.lr_help"))


def offer(controls: Form, code: str, rates: Mapping[str, float]) -> None:
    """Learning rates that theory knows by name, each a button."""
    with st.container(horizontal=True):
        for name, rate in rates.items():
            st.button(
                t(f"gradient_descent.offer.{name}"), key=f"_offer_{code}_{name}", on_click=controls.put,
                args=(code, rate),
            )  # fmt: skip


def put(controls: Form, code: str, value: float, digits: int = 3) -> None:
    """What a click chooses, rounded to so many digits."""
    controls.put(code, float(f"{value:.{digits}g}"))


def over_rates(controls: Form, code: str, picture: go.Figure, name: str, height: int = 330) -> DeltaGenerator:
    """A picture over learning rates, where a click chooses one; returned is the place beside it."""
    left, right = st.columns([3, 2], vertical_alignment="center")
    with left:
        plot.show(
            picture, key=name, alt=t(f"gradient_descent.alt.{name}"), height=height,
            on_click=lambda click: put(controls, code, click.x),
        )  # fmt: skip
    return right


def number(value: float, digits: int = 4) -> Text:
    """A number as a person reads it; ∞ where there is none."""
    if value != value or abs(value) == float("inf"):
        return Text("∞")
    return Text("0" if value == 0 else f"{value:.{digits}g}".replace("-", "−"))


def count(steps: float) -> Text:
    return Text("∞" if steps == float("inf") else f"{int(steps):,}")
