"""Minibatches: how far the gradient of a few examples lies from that of all, and why that is enough."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.descents import minibatch
from mlcore.descents.minibatch import SETS, BatchSpec, Distances
from mlcore.families.datasets import DATASETS
from mlcore.figures import minibatch as figures
from pages.rooms.gradient_descent.room import Form, RoomSpec, count, number, over_rates
from pages.ui.sections import Section
from pages.ui.text import Text, language, t, title

FORMULA = r"\mathbb{E}\,|g_B - g|^2 = \frac{\operatorname{tr} \Sigma}{B} \cdot \frac{N - B}{N - 1}"


def _settings(controls: Form) -> None:
    controls.select("bdata", {name: title(DATASETS[name], "dataset") for name in SETS})
    controls.number("bb")
    controls.number("bt")
    with st.expander(t("training.more")):
        controls.number("bdraws")
        controls.number("bseed")


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.minibatch
    found = seen(specs.key(own), own)
    st.markdown(verdict(own, found))
    beside = over_rates(
        controls, "bb", picture(specs.key(own), language(), own), "noise_over_sizes", height=400
    )
    beside.latex(FORMULA)
    beside.markdown(t("gradient_descent.minibatch.formula"))
    beside.caption(t("gradient_descent.minibatch.measured", draws=own.draws, examples=found.examples))


def verdict(own: BatchSpec, found: Distances) -> Text:
    """How far a step's gradient is off, and from which size on it is mostly right."""
    off = float(found.theory(own.batch) / found.signal) ** 0.5
    told = t("gradient_descent.minibatch.off", batch=own.batch, off=number(off, 2), examples=found.examples)
    equal = found.noise_scale
    shown = number(equal, 3) if equal < 100 else count(equal)
    scale = t("gradient_descent.minibatch.scale", scale=shown, steps=own.steps)
    return Text(f"{told} {scale}")


@st.cache_resource(max_entries=64, show_spinner=False)
def seen(key: str, _spec: BatchSpec) -> Distances:
    return minibatch.distances(_spec)


@st.cache_resource(max_entries=64, show_spinner=False)
def picture(key: str, language: str, _spec: BatchSpec) -> go.Figure:
    return figures.noise(_spec, seen(key, _spec), t)


MINIBATCH = Section(_settings, _show, (minibatch.gradients, minibatch.distances, Distances))
