"""Two features: the model as a plane in space and as a network of one layer."""

from __future__ import annotations

from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st
import torch

from mlcore.base import spec as specs
from mlcore.depth import linear_data, linear_fit
from mlcore.depth.linear_data import DUOS
from mlcore.descents import regression
from mlcore.descents.regression import Problem
from mlcore.figures import linear as figures
from mlcore.figures import network, quadratics
from pages.rooms.linear import room
from pages.rooms.linear.line import SHARES, solution
from pages.rooms.linear.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import language, number, t, tiny

CODES = ("lw1", "lw2", "lpb")
SIGNS = ("w₁", "w₂", "b")


def _settings(controls: Form) -> None:
    controls.select("lduo", {name: t(f"linear.duo.{name}") for name in DUOS})
    for code in CODES:
        room.slid_and_typed(controls, code)
    now = controls.current().share
    shares = {specs.written(share): f"{share:g}" for share in sorted({now, *SHARES})}
    controls.select("lshare", shares, widget=st.select_slider)
    controls.number("lsteps")


def _show(spec: RoomSpec, controls: Form) -> None:
    problem = linear_data.plane(spec.duo)
    best = linear_fit.normal(problem)
    pictures, frames = scene(specs.key(spec), language(), spec)
    alts = [t("linear.alt.space"), t("linear.alt.gap")]
    plot.play(pictures, frames, key="plane", alt=alts, labels=play_labels(), height=480, columns=2)
    st.button(t("linear.solve"), on_click=partial(room.exactly, controls, CODES, best.theta))
    left, right = st.columns(2)
    with left:
        st.latex(r"\hat y = w_1 x_1 + w_2 x_2 + b = \mathbf{w}^\top \mathbf{x} + b")
        drawing = one_layer(specs.key(spec), language(), spec)
        plot.show(drawing, key="network", alt=t("linear.alt.network"), height=300)
        st.markdown(t("linear.plane.network"))
        now = linear_fit.cost(problem, np.array(spec.plane))
        st.markdown(t("linear.plane.now", cost=number(now, 5), least=number(best.cost, 5)))
    with right:
        st.latex(r"A^\top A \, \theta = A^\top y, \quad \theta = (w_1, w_2, b)^\top")
        st.markdown(solution(best, SIGNS))
        found = regression.follow(problem, spec.plane, spec.share, spec.steps)
        gap, off = float(np.abs(found.gap - found.closed).max()), found.distance
        st.markdown(
            t("linear.plane.descent", steps=spec.steps, lr=number(found.lr, 4), bound=number(found.bound, 4),
              condition=number(found.condition, 3), distance=tiny(off))
        )  # fmt: skip
        st.caption(
            t("linear.plane.measured", examples=len(problem.x), off=tiny(gap / (found.closed.max() or 1.0)))
        )


@st.cache_resource(max_entries=48, show_spinner=False)
def one_layer(key: str, language: str, _spec: RoomSpec) -> go.Figure:
    problem = linear_data.plane(_spec.duo)
    *inputs, output = titles(problem)
    return network.drawing(problem.network, torch.tensor(_spec.plane), inputs, [output], t)


@st.cache_resource(max_entries=48, show_spinner=False)
def scene(key: str, language: str, _spec: RoomSpec) -> tuple[list[go.Figure], plot.Frames]:
    """The plane that goes down to the solution from where it was put, which is the first moment."""
    problem = linear_data.plane(_spec.duo)
    found = regression.follow(problem, _spec.plane, _spec.share, _spec.steps)
    space = figures.space(problem, found.theta[0], titles(problem), t)
    measured, theory = found.gap[:, None], found.closed[:, None]
    down = quadratics.sizes(measured, theory, [t("figure.theory")], t("linear.above_least"), t)
    _, _, heights = figures.surface(problem, found.theta)
    updates = [
        plot.Update(0, figures.PLANE, "z", heights),
        plot.Update(0, figures.STICKS, "z", figures.sticks(problem, found.theta)),
    ]
    readout = {name: [number(v, 4) for v in found.theta[:, i]] for i, name in enumerate(SIGNS)}
    readout[str(t("figure.cost"))] = [number(gap + found.lowest, 5) for gap in found.gap]
    return [space, down], plot.Frames(range(len(found.gap)), updates, [1], readout, start=0)


def titles(problem: Problem) -> tuple[str, str, str]:
    first, second, target = problem.names
    return first, second, target or str(t("linear.target"))


PLANE = Section(_settings, _show, (linear_data.plane, linear_fit.normal, Problem, regression.follow))
