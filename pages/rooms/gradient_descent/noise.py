"""Noisy gradients: a descent that does not come to rest, and how large the ball is that it fills."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from mlcore.base import spec as specs
from mlcore.descents import noise_ball
from mlcore.descents.noise_ball import NoiseSpec, interval, moments, spread, stationary
from mlcore.figures import noise_ball as figures
from pages.rooms.gradient_descent.room import Form, RoomSpec, learning_rate, number, over_rates
from pages.ui import plot
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import Text, language, t


def _settings(controls: Form) -> None:
    controls.number("qlam")
    now = controls.current().noise
    learning_rate(controls, "qlr", now.lr, now.curvature)
    controls.number("sigma")
    controls.number("qx0", typed=0.5)
    controls.number("qt")
    with st.expander(t("training.more")):
        controls.number("qr")
        controls.number("qseed")


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.noise
    st.markdown(verdict(own))
    pictures, frames = scene(specs.key(own), language(), own)
    alt = [t("gradient_descent.alt.cloud"), t("gradient_descent.alt.histogram")]
    plot.play(pictures, frames, key="noise", alt=alt, labels=play_labels(), columns=2, height=400)
    found = tried(own.curvature, own.sigma, own.replicas, own.seed)
    picture = curve(own.curvature, own.sigma, own.replicas, own.seed, own.lr, language())
    beside = over_rates(controls, "qlr", picture, "variances", height=340)
    beside.markdown(t("gradient_descent.noise.formula"))
    beside.caption(
        t("gradient_descent.noise.measured", hit=found.hit, of=len(found.lr), replicas=own.replicas,
          steps=found.steps)
    )  # fmt: skip


def verdict(own: NoiseSpec) -> Text:
    """How large the cloud is now, how large it will be, and which rule says so."""
    z = own.lr * own.curvature
    last = cloud(specs.key(own), own)[-1]
    seen = float(moments(last)[1])
    low, high = (float(v) for v in interval(seen, own.replicas))
    now = float(spread(own, own.steps)[1])
    told = t(
        "gradient_descent.noise.now", steps=own.steps, seen=number(seen, 3), low=number(low, 3),
        high=number(high, 3), known=number(now, 3),
    )  # fmt: skip
    if z >= 2:
        return Text(f"{t('gradient_descent.noise.lost', z=number(z))} {told}")
    settled = float(stationary(own.lr, own.curvature, own.sigma))
    rest = t(
        "gradient_descent.noise.rest", z=number(z), settled=number(settled, 3), width=number(settled**0.5, 3)
    )
    return Text(f"{rest} {told}")


@st.cache_resource(max_entries=64, show_spinner=False)
def cloud(key: str, _spec: NoiseSpec) -> NDArray[np.float64]:
    return noise_ball.cloud(_spec)


@st.cache_resource(max_entries=64, show_spinner=False)
def tried(curvature: float, sigma: float, replicas: int, seed: int) -> noise_ball.Curve:
    return noise_ball.curve(NoiseSpec(curvature=curvature, sigma=sigma, replicas=replicas, seed=seed))


@st.cache_resource(max_entries=64, show_spinner=False)
def curve(curvature: float, sigma: float, replicas: int, seed: int, lr: float, language: str) -> go.Figure:
    spec = NoiseSpec(lr, curvature, sigma, replicas=replicas, seed=seed)
    return figures.variances(spec, tried(curvature, sigma, replicas, seed), t)


@st.cache_resource(max_entries=64, show_spinner=False)
def scene(key: str, language: str, _spec: NoiseSpec) -> tuple[list[go.Figure], plot.Frames]:
    """The cloud over the steps and its histogram, played together."""
    found = cloud(key, _spec)
    steps = len(found) - 1
    updates = [
        plot.Update(1, 0, "y", figures.shares(_spec, found)),
        plot.Update(1, 1, "y", figures.normal(_spec, steps, figures.grid(_spec))),
    ]
    mean, variance = moments(found)
    readout = {
        str(t("gradient_descent.noise.mean")): [number(v, 3) for v in mean],
        str(t("gradient_descent.noise.variance")): [number(v, 3) for v in variance],
        str(t("gradient_descent.noise.variance_theory")): [
            number(v, 3) for v in spread(_spec, np.arange(steps + 1))[1]
        ],
    }
    pictures = [figures.cloud(_spec, found, t), figures.histogram(_spec, found, t)]
    seen = np.flatnonzero((np.abs(found) < figures.reach(_spec)).mean(1) > 0.5)
    shown = int(seen[-1]) if len(seen) else 0  # the last step at which most are in the picture
    return pictures, plot.Frames(list(range(steps + 1)), updates, [0], readout, start=shown)


NOISE = Section(_settings, _show, (noise_ball.descents, noise_ball.cloud, stationary, interval))
