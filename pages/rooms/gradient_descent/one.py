"""One curvature: what the learning rate alone decides."""

from __future__ import annotations

from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.descents import quadratics
from mlcore.descents.quadratics import OneSpec, Regime, closed_form, regime, steps_to
from mlcore.figures import quadratics as figures
from mlcore.training.descent import descend
from pages.rooms.gradient_descent.room import (  # fmt: skip
    Form,
    RoomSpec,
    count,
    learning_rate,
    number,
    offer,
    over_rates,
    put,
)
from pages.ui import moving, plot
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import Text, language, t, tiny

OFFERS = {"crawl": 0.02, "monotone": 0.4, "one_step": 1.0, "zigzag": 1.7, "neither": 2.0, "diverge": 2.1}


def _settings(controls: Form) -> None:
    controls.number("lam")
    now = controls.current().one
    learning_rate(controls, "lr", now.lr, now.curvature)
    controls.number("x0", typed=0.5)
    st.caption(t("gradient_descent.one.click"))
    controls.number("steps")


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.one
    offer(controls, "lr", {name: float(f"{z / own.curvature:.10g}") for name, z in OFFERS.items()})
    st.markdown(verdict(own))
    pictures, frames = scene(specs.key(own), language(), own)
    alt = [t("gradient_descent.alt.parabola"), t("gradient_descent.alt.distance")]
    plot.play(
        pictures, frames, key="one", alt=alt, labels=play_labels(), columns=2, height=400,
        on_click=partial(_place, controls),
    )  # fmt: skip
    picture, gap = curve(own.eigenvalues, own.lr, language())
    beside = over_rates(controls, "lr", picture, "factor")
    beside.markdown(t("gradient_descent.one.factor"))
    beside.caption(measured(own, gap))


def verdict(own: OneSpec) -> Text:
    """What this learning rate does, with the rule that says so."""
    if own.start == 0:
        return t("gradient_descent.one.at_rest")
    factor = abs(1 - own.lr * own.curvature)
    kind = regime(own.lr, own.curvature)
    steps = count(steps_to(0.0 if kind is Regime.ONE_STEP else factor))
    return t(
        f"gradient_descent.regime.{kind}",
        z=number(own.lr * own.curvature),
        factor=number(factor),
        steps=steps,
    )


def measured(own: OneSpec, gap: float) -> Text:
    """How near what was run is to what is known."""
    way = quadratics.way(own)
    known = closed_form(own.lr, own.eigenvalues, way.component[0], way.steps)[-1, 0]
    last = abs(float(way.component[-1, 0]))
    off = 0.0 if last == known else abs(last - known) / (known or 1.0)  # both may be infinite
    return t(
        "gradient_descent.one.measured", steps=own.steps, last=number(last, 6), known=number(known, 6),
        off=tiny(off), gap=tiny(gap), rates=quadratics.RATES,
    )  # fmt: skip


@st.cache_resource(max_entries=64, show_spinner=False)
def scene(key: str, language: str, _spec: OneSpec) -> tuple[list[go.Figure], plot.Frames]:
    """The parabola and the distance, played together."""
    way = quadratics.way(_spec)
    steps = way.steps
    theory = closed_form(_spec.lr, _spec.eigenvalues, way.component[0], steps)
    name = t("gradient_descent.one.power")
    pictures = [
        figures.parabola(_spec, way, t),
        figures.sizes(abs(way.component), theory, [name], "|x<sub>t</sub>|", t),
    ]
    track = np.column_stack([way.theta[:, 0], way.value])
    readout = {"x": [number(v, 5) for v in way.theta[:, 0]], "f(x)": [number(v, 5) for v in way.value]}
    return pictures, plot.Frames(steps.tolist(), moving.paths([track]), [1], readout)


@st.cache_resource(max_entries=64, show_spinner=False)
def curve(eigenvalues: tuple[float, ...], lr: float, language: str) -> tuple[go.Figure, float]:
    """What a step leaves over learning rates, and how far measurement is from theory."""
    found = tried(eigenvalues)
    best = quadratics.best_rate(min(eigenvalues), max(eigenvalues))[0]
    return figures.factors(found, lr, best, t), found.gap


@st.cache_resource(max_entries=64, show_spinner=False)
def tried(eigenvalues: tuple[float, ...]) -> quadratics.Rates:
    return quadratics.rates(eigenvalues)


def _place(controls: Form, click: plot.Click) -> None:
    """A click on the parabola puts the start there."""
    if click.figure == 0:
        put(controls, "x0", round(click.x, 2))


ONE = Section(_settings, _show, (quadratics.Quadratic, descend, regime, quadratics.rates))
