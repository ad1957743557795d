"""Real examples: for one feature and a bias, the plane is the whole landscape."""

from __future__ import annotations

from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.descents import regression
from mlcore.descents.quadratics import closed_form, steps_to
from mlcore.descents.regression import PAIRS, Fit, RegressionSpec
from mlcore.figures import quadratics as figures
from mlcore.training.descent import descend
from pages.rooms.gradient_descent.room import Form, RoomSpec, count, number, put
from pages.ui import moving, plot
from pages.ui.components import side_by_side
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import Text, language, t, tiny

GRID = 61
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0, 1.01, 1.02,
          1.05, 1.1, 1.2)  # fmt: skip


def _settings(controls: Form) -> None:
    controls.select("pair", {name: t(f"gradient_descent.pair.{name}") for name in PAIRS})
    controls.flag("rstd")
    now = controls.current().real
    shares = sorted({now.share, *SHARES})
    controls.select("share", {specs.written(v): f"{v:g}" for v in shares}, widget=st.select_slider)
    side_by_side(controls, "w0", "b0", typed=0.1)
    st.caption(t("gradient_descent.real.click"))
    controls.number("rsteps")


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.real
    found, other = computed(specs.key(own), own)
    st.markdown(verdict(own, found, other))
    pictures, frames = scene(specs.key(own), language(), own)
    alt = [t(f"gradient_descent.alt.{name}") for name in ("cost", "line", "race", "parts")]
    plot.play(
        pictures, frames, key="real", alt=alt, labels=play_labels(), columns=2, height=380,
        on_click=partial(_place, controls),
    )  # fmt: skip
    st.markdown(
        t("gradient_descent.real.solution", w=number(float(found.solution[0]), 6),
          b=number(float(found.solution[1]), 6), steps=own.steps, distance=number(found.distance, 3),
          lowest=number(found.lowest))
    )  # fmt: skip
    off = float(np.abs(found.gap - found.closed).max() / (found.closed.max() or 1.0))
    st.caption(t("gradient_descent.real.measured", off=tiny(off), examples=len(found.problem.x)))


def verdict(own: RegressionSpec, found: Fit, other: Fit) -> Text:
    """What the Hessian says of this learning rate, and what other units would change."""
    told = t(
        "gradient_descent.real.hessian", low=number(float(found.eigenvalues[0])),
        high=number(float(found.eigenvalues[1])), condition=number(found.condition),
        bound=number(found.bound), lr=number(found.lr),
    )  # fmt: skip
    kind = "lost" if own.share > 1 else "stays" if own.share == 1 else "steps"
    ended = t(f"gradient_descent.real.{kind}", steps=count(steps_to(found.rate)))
    state = "standardized" if own.standardize else "raw"
    if own.share < 1:
        compared = t(
            f"gradient_descent.real.{state}",
            condition=number(other.condition),
            steps=count(steps_to(other.rate)),
        )
        return Text(f"{told} {ended} {compared}")
    return Text(f"{told} {ended}")


@st.cache_resource(max_entries=64, show_spinner=False)
def computed(key: str, _spec: RegressionSpec) -> tuple[Fit, Fit]:
    """The descent, and that of the same line in the other units."""
    return regression.fit(_spec), regression.other_units(_spec)


@st.cache_resource(max_entries=64, show_spinner=False)
def scene(key: str, language: str, _spec: RegressionSpec) -> tuple[list[go.Figure], plot.Frames]:
    """Cost, examples, how fast, and along which direction: played together."""
    found, other = computed(key, _spec)
    box = regression.window(found, (_spec.weight, _spec.bias))
    land = regression.ground(found, box, GRID)
    names = {False: t("gradient_descent.real.raw_units"), True: t("gradient_descent.real.standard_units")}
    axes = (t("gradient_descent.real.weight"), t("gradient_descent.real.bias"))
    above = figures.above(
        land, [found.theta], [figures.WAY], [t("figure.descent")], box, axes, found.solution, t,
        where="figure.least_squares",
    )  # fmt: skip
    labels = (feature(_spec, found, 0), feature(_spec, found, 1))
    race = figures.races([found, other], [names[_spec.standardize], names[not _spec.standardize]], t)
    vectors = np.linalg.eigh(found.problem.hessian)[1]
    parts = (found.theta - found.solution) @ vectors
    theory = closed_form(found.lr, tuple(found.eigenvalues), parts[0], np.arange(len(parts)))
    called = [f"λ<sub>{k + 1}</sub> = {value:.4g}" for k, value in enumerate(found.eigenvalues)]
    line = figures.fitted(found, labels, t)
    along = figures.sizes(abs(parts), theory, called, "|q<sub>i</sub>|", t)
    updates = moving.paths([found.theta])
    updates.append(plot.Update(1, 2, "y", figures.lines(found, np.array(line.layout.xaxis.range))))
    readout = {name: [number(v, 4) for v in found.theta[:, i]] for i, name in enumerate("wb")}
    readout[str(t("figure.cost"))] = [number(v + found.lowest, 5) for v in found.gap]
    frames = plot.Frames(list(range(len(parts))), updates, [2, 3], readout)
    return [above, line, race, along], frames


def feature(own: RegressionSpec, found: Fit, which: int) -> str:
    """What an axis shows: the name of the feature, and whether it is standardized."""
    name = found.problem.names[which] or str(t(f"gradient_descent.target.{own.pair}"))
    return f"{name}, {t('figure.standardized')}" if own.standardize else name


def _place(controls: Form, click: plot.Click) -> None:
    """A click on the cost puts the start there."""
    if click.figure == 0:
        put(controls, "w0", click.x, 4)
        put(controls, "b0", click.y, 4)


REAL = Section(_settings, _show, (regression.problem, regression.Problem, descend))
