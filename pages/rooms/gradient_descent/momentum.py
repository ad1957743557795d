"""Momentum: the plane of learning rate and momentum, measured point by point."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from mlcore.base import spec as specs
from mlcore.descents import quadratics, stability
from mlcore.descents.quadratics import steps_to
from mlcore.descents.stability import MomentumSpec
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.surfaces import sampled
from mlcore.figures import quadratics as paths
from mlcore.figures import stability as figures
from pages.rooms.gradient_descent.room import Form, RoomSpec, count, learning_rate, number, put
from pages.ui import moving, plot
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import Text, language, t

SIDE = 1.6
GRID = 61


def _settings(controls: Form) -> None:
    controls.number("h1")
    controls.number("h2")
    now = controls.current().momentum
    learning_rate(controls, "mlr", now.lr, now.high, most=4.5)
    controls.number("beta")
    controls.number("msteps")


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.momentum
    pairs = {
        "best_pair": stability.optimum(*own.eigenvalues)[:2],
        "best_plain": stability.plain(*own.eigenvalues)[:2],
    }
    with st.container(horizontal=True):
        for name, pair in pairs.items():
            st.button(
                t(f"gradient_descent.offer.{name}"), key=f"_{name}", on_click=_put, args=(controls, *pair)
            )
    st.markdown(verdict(own))
    found = tried(own.eigenvalues)
    plot.show(
        plane(own.eigenvalues, own.lr, own.momentum, language()), key="plane",
        alt=t("gradient_descent.alt.plane"), height=460,
        on_click=lambda click: _put(controls, click.x, click.y),
    )  # fmt: skip
    st.caption(
        t("gradient_descent.momentum.measured", rows=f"{found.measured.size:,}", steps=stability.TRIED,
          gap=number(found.gap, 2), lr=number(found.worst[0], 3), beta=number(found.worst[1], 3),
          usual=number(found.usual_gap, 1), wrong=found.wrong_side)
    )  # fmt: skip
    pictures, frames = scene(specs.key(own), language(), own)
    alt = [t("gradient_descent.alt.ball"), t("gradient_descent.alt.balls")]
    plot.play(pictures, frames, key="ball", alt=alt, labels=play_labels(), columns=2, height=400)
    st.markdown(best(own))


def verdict(own: MomentumSpec) -> Text:
    """Stable or not, and why: by the boundary and by the roots."""
    rate = float(stability.rate(own.lr, own.momentum, own.eigenvalues))
    bound = float(stability.boundary(own.momentum, own.high))
    inner = [(1 + own.momentum - own.lr * v) ** 2 - 4 * own.momentum for v in own.eigenvalues]
    turning = sum(v < 0 for v in inner)
    kind = "unstable" if own.lr > bound * (1 + 1e-12) else "stable"
    told = t(
        f"gradient_descent.momentum.{kind}", lr=number(own.lr), beta=number(own.momentum),
        bound=number(bound), rate=number(rate, 5), steps=count(steps_to(rate)),
    )  # fmt: skip
    ways = t(f"gradient_descent.momentum.roots_{turning}", root=number(own.momentum**0.5, 5))
    return Text(f"{told} {ways}")


def best(own: MomentumSpec) -> Text:
    lr, beta, rate = stability.optimum(*own.eigenvalues)
    plain_lr, _, plain_rate = stability.plain(*own.eigenvalues)
    return t(
        "gradient_descent.momentum.best", condition=number(own.high / own.low), lr=number(lr, 6),
        beta=number(beta, 7), rate=number(rate, 7), steps=count(steps_to(rate)), plain_lr=number(plain_lr, 6),
        plain_rate=number(plain_rate, 7), plain_steps=count(steps_to(plain_rate)),
    )  # fmt: skip


@st.cache_resource(max_entries=32, show_spinner=False)
def tried(eigenvalues: tuple[float, float]) -> stability.Plane:
    return stability.plane(*eigenvalues)


@st.cache_resource(max_entries=64, show_spinner=False)
def plane(eigenvalues: tuple[float, float], lr: float, momentum: float, language: str) -> go.Figure:
    return figures.plane(tried(eigenvalues), lr, momentum, t)


@st.cache_resource(max_entries=64, show_spinner=False)
def rolled(
    eigenvalues: tuple[float, float], lr: float, momentum: float, steps: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A ball's way, measured and by theory: [T, 2] each."""
    way = stability.ball(eigenvalues, lr, momentum, steps).theta[:, 0]
    return way, stability.recurrence(lr, momentum, eigenvalues, steps)


@st.cache_resource(max_entries=64, show_spinner=False)
def scene(key: str, language: str, _spec: MomentumSpec) -> tuple[list[go.Figure], plot.Frames]:
    """The chosen descent on its bowl, and how fast it is beside the two best ones."""
    low, high = _spec.eigenvalues
    chosen = (_spec.lr, _spec.momentum, float(stability.rate(_spec.lr, _spec.momentum, (low, high))))
    three = (chosen, stability.optimum(low, high), stability.plain(low, high))
    ways, known = zip(*(rolled((low, high), lr, beta, _spec.steps) for lr, beta, _ in three), strict=True)
    names = [t(f"gradient_descent.momentum.{name}") for name in ("chosen", "ball", "plain")]
    seen = (-SIDE, SIDE, -SIDE, SIDE)
    land = sampled(quadratics.bowl((low, high))[0], [2 * side for side in seen], GRID)
    looks = (figures.PLAIN, figures.CHOSEN)
    above = paths.above(
        land, [ways[2], ways[0]], looks, [names[2], names[0]], seen,
        ("q<sub>1</sub>", "q<sub>2</sub>"), np.zeros(2), t,
    )  # fmt: skip
    sizes, theory = ([np.hypot(*way.T) / 2**0.5 for way in found] for found in (ways, known))
    curve = figures.descents(sizes, theory, chosen[2], names, t)
    updates = moving.paths([ways[2], ways[0]])
    readout = {str(name): [number(v, 3) for v in size] for name, size in zip(names, sizes, strict=True)}
    return [above, curve], plot.Frames(list(range(len(ways[0]))), updates, [1], readout)


def _put(controls: Form, lr: float, momentum: float) -> None:
    """A point of the plane chooses both."""
    put(controls, "mlr", lr, 7)
    put(controls, "beta", momentum, 7)


MOMENTUM = Section(
    _settings,
    _show,
    (OPTIMIZERS["momentum"].function, stability.plane, stability.tops, stability.radius, stability.optimum),
)
