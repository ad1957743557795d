"""Two curvatures: every eigenvector goes its own way, and the worst decides."""

from __future__ import annotations

from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.descents import quadratics
from mlcore.descents.quadratics import BOX, Regime, TwoSpec, closed_form, regime, steps_to, worst_factor
from mlcore.families.surfaces import Relief, sampled
from mlcore.figures import quadratics as figures
from mlcore.training.descent import descend
from pages.rooms.gradient_descent.one import curve
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
from pages.ui.components import side_by_side
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import Text, language, t, tiny

GRID = 81
SEEN = (-7.5, 7.5, -5.0, 5.0)


def _settings(controls: Form) -> None:
    controls.number("e1")
    controls.number("e2")
    controls.number("turn")
    now = controls.current().two
    learning_rate(controls, "plr", now.lr, max(now.eigenvalues))
    side_by_side(controls, "px", "py", typed=0.1)
    st.caption(t("gradient_descent.two.click"))
    controls.number("psteps")


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.two
    top = max(own.eigenvalues)
    rates = {"best": own.best[0], "half_bound": 1 / top, "bound": 2 / top, "above": 2.02 / top}
    offer(controls, "plr", {name: float(f"{rate:.10g}") for name, rate in rates.items()})
    st.markdown(verdict(own))
    pictures, frames = scene(specs.key(own), language(), own)
    alt = [t("gradient_descent.alt.bowl"), t("gradient_descent.alt.components")]
    plot.play(
        pictures, frames, key="two", alt=alt, labels=play_labels(), columns=2, height=430,
        on_click=partial(_place, controls),
    )  # fmt: skip
    picture, gap = curve(own.eigenvalues, own.lr, language())
    beside = over_rates(controls, "plr", picture, "worst")
    lr, left_over = own.best
    beside.markdown(
        t("gradient_descent.two.best", condition=number(top / min(own.eigenvalues)), lr=number(lr, 6),
          rate=number(left_over, 6), steps=count(steps_to(left_over)))
    )  # fmt: skip
    beside.caption(t("gradient_descent.two.measured", gap=tiny(gap), rates=quadratics.RATES))


def verdict(own: TwoSpec) -> Text:
    """What happens along both eigenvectors, and which of them decides."""
    kinds = [regime(own.lr, value) for value in own.eigenvalues]
    parts = [
        t("gradient_descent.two.along", k="₁₂"[k - 1], value=number(value), z=number(own.lr * value),
          does=t(f"gradient_descent.does.{kind}"))
        for k, (value, kind) in enumerate(zip(own.eigenvalues, kinds, strict=True), 1)
    ]  # fmt: skip
    worst = float(worst_factor(np.array([own.lr]), own.eigenvalues)[0])
    ending = "lost" if Regime.DIVERGES in kinds else "stays" if Regime.NEITHER in kinds else "slowest"
    parts.append(
        t(f"gradient_descent.two.{ending}", rate=number(worst), steps=count(steps_to(worst)),
          bound=number(2 / max(own.eigenvalues)))
    )  # fmt: skip
    start = quadratics.way(own).component[0]
    parts += [t("gradient_descent.two.absent", k="₁₂"[k]) for k in range(2) if start[k] == 0]
    return Text("  \n".join(parts))


@st.cache_resource(max_entries=32, show_spinner=False)
def land(eigenvalues: tuple[float, ...], degrees: float) -> Relief:
    """The bowl, somewhat beyond what a start may be."""
    side = figures.OUTER * BOX
    return sampled(quadratics.bowl(eigenvalues, degrees)[0], (-side, side, -side, side), GRID)


@st.cache_resource(max_entries=64, show_spinner=False)
def scene(key: str, language: str, _spec: TwoSpec) -> tuple[list[go.Figure], plot.Frames]:
    """The bowl with the chosen and the best descent, and the components of the chosen one."""
    way, best = quadratics.way(_spec), quadratics.way(_spec, _spec.best[0])
    vectors = quadratics.bowl(_spec.eigenvalues, _spec.degrees)[1]
    steps = way.steps
    called = [t("gradient_descent.two.best_path"), t("gradient_descent.two.path", lr=number(_spec.lr))]
    above = figures.above(
        land(_spec.eigenvalues, _spec.degrees), [best.theta, way.theta], [figures.BEST, figures.WAY], called,
        SEEN, ("x<sub>1</sub>", "x<sub>2</sub>"), np.zeros(2), t, vectors, _spec.eigenvalues,
    )  # fmt: skip
    theory = closed_form(_spec.lr, _spec.eigenvalues, way.component[0], steps)
    names = [f"|1 − ηλ<sub>{k}</sub>|ᵗ |q<sub>{k}</sub>|" for k in (1, 2)]
    parts = figures.sizes(abs(way.component), theory, names, "|q<sub>i</sub>|", t)
    readout = {"f": [number(v, 5) for v in way.value]}
    return [above, parts], plot.Frames(steps.tolist(), moving.paths([best.theta, way.theta]), [1], readout)


def _place(controls: Form, click: plot.Click) -> None:
    """A click on the bowl puts the start there."""
    if click.figure == 0:
        put(controls, "px", round(click.x, 2))
        put(controls, "py", round(click.y, 2))


TWO = Section(_settings, _show, (quadratics.bowl, descend, quadratics.best_rate, closed_form))
