"""The activations with their derivatives, where they saturate, and the units that die."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.components.saturation import FLAT, FLOATS, Dead, dead, flat, saturated
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.networks import Network
from mlcore.figures import activations as figures
from mlcore.training.data import DataSpec
from pages.rooms.model.room import Form, RoomSpec, choose_data, loaded
from pages.ui import plot
from pages.ui.plot import Click
from pages.ui.sections import Ran, Section
from pages.ui.text import Text, language, percent, short, t, title

SCALES = np.geomspace(0.1, 20.0, 60)
SHIFTS = np.linspace(-4.0, 2.0, 25)
NETS, MOST = 32, 256  # networks, and training examples that they are shown
NAMES = list(ACTIVATIONS)


def settings(controls: Form) -> None:
    controls.choice("act", "activation")
    controls.number("spread", help=t("model.activations.spread_help"))
    st.markdown(f"**{t('model.activations.dead_title')}**")
    choose_data(controls)
    controls.sizes("h")
    controls.choice("init", "initialization")
    controls.number("gain", help=t("model.before.gain_help"))
    controls.number("seed")


def picker(controls: Form) -> Callable[[Click], None]:
    """A click on a small picture chooses that activation."""

    def pick(click: Click) -> None:
        if click.trace is None:
            return
        spec, name = controls.current(), NAMES[click.trace // 2]
        model = replace(spec.prior.model, activation=name)
        prior, signal = replace(spec.prior, model=model), replace(spec.signal, activation=name)
        controls.load(replace(spec, prior=prior, signal=signal))

    return pick


def show(spec: RoomSpec, controls: Form) -> None:
    name = spec.signal.activation
    variant = ACTIVATIONS[name]
    st.latex(rf"f(z) = {variant.formula}")
    pictures = [figures.curve(name, spec.spread, t), sensitivity(name, spec.spread, language())]
    alts = [t("model.alt.curve"), t("model.alt.saturation")]
    plot.show(pictures, key="model.curve", alt=alts, height=400, columns=2)
    now = saturated(name, [spec.spread])[0]
    slopes = {"scale": Text(f"{spec.spread:g}"), "share": percent(now), "flat": Text(f"{FLAT:g}")}
    st.markdown(t("model.activations.saturated", name=title(variant, "activation"), **slopes))
    st.caption(t("model.activations.source", source=Text(variant.source)))
    deaths(spec)
    st.markdown(f"#### {t('model.activations.zoo')}")
    st.caption(t("model.activations.zoo_told"))
    height = 90 + 160 * -(-len(NAMES) // 3)
    figure, alt = zoo(name, language()), t("model.alt.zoo")
    plot.show(figure, key="model.zoo", alt=alt, height=height, on_click=picker(controls))


def deaths(spec: RoomSpec) -> None:
    """Dead units of untrained networks on the chosen data, over a shift of their biases."""
    data = loaded(spec.data)
    widths = spec.prior.model.widths
    if data is None or not widths:
        return
    st.markdown(f"#### {t('model.activations.dead_title')}")
    found = counted(specs.key(spec.data), widths, spec.signal.activation, spec.signal.init, spec.signal.gain,
                    spec.signal.seed, spec.data)  # fmt: skip
    plot.show(figures.deaths(found, t), key="model.deaths", alt=t("model.alt.deaths"), height=340)
    at = int(np.abs(SHIFTS).argmin())
    shares = {"first": percent(float(found.share[at, 0])), "low": percent(float(found.share[0, 0]))}
    told = {"nets": NETS, "train": min(MOST, len(data.x)), "shift": Text(f"−{-SHIFTS[0]:g}")}
    st.markdown(t("model.activations.dead", **shares, **told))


@st.cache_resource(max_entries=32, show_spinner=False)
def counted(
    key: str, widths: tuple[int, ...], activation: str, init: str, gain: float, seed: int, _data: DataSpec
) -> Dead:
    data = loaded(_data)
    assert data is not None  # it was loaded a moment ago
    x = data.x[:MOST]
    network = Network((x.shape[1], *widths, max(1, data.classes)), activation)
    return dead(network, init, x, range(seed, seed + NETS), SHIFTS.tolist(), gain)


@st.cache_resource(max_entries=64, show_spinner=False)
def sensitivity(chosen: str, now: float, language: str) -> go.Figure:
    named = {called(name): share for name, share in shares().items()}
    return figures.saturation(SCALES, named, called(chosen), now, t)


@cache
def shares() -> dict[str, FLOATS]:
    """How much of each activation is flat, over all scales."""
    return {name: saturated(name, SCALES.tolist()) for name in NAMES}


@st.cache_resource(max_entries=16, show_spinner=False)
def zoo(chosen: str, language: str) -> go.Figure:
    titles = {name: called(name) for name in NAMES}
    return figures.zoo(titles | {chosen: f"<b>{titles[chosen]}</b>"}, t)


def called(name: str) -> str:
    return short(ACTIVATIONS[name], "activation")


def behind(spec: RoomSpec) -> Ran:
    return ACTIVATIONS[spec.signal.activation].function, flat, dead


ACTIVATION = Section(settings, show, behind)
