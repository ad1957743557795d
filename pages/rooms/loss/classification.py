"""Logits and softmax, two classes seen in two ways, and a neuron that learns slowly or fast."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import streamlit as st

from mlcore.components import classification as core
from mlcore.families.losses import binary_cross_entropy, cross_entropy
from mlcore.figures import logits as figures
from pages.rooms.loss.parts import Form, moved, number, numbers
from pages.rooms.loss.spec import LABELS, LossSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import t, tiny

neuron = st.cache_data(max_entries=200, show_spinner=False)(core.neuron)

# ---------------------------------------------------------------- softmax


def _softmax_settings(controls: Form) -> None:
    controls.numbers("zs", help=t("loss.softmax.typed"))
    _true_class(controls)
    controls.number("temp")
    controls.number("smooth")


def _true_class(controls: Form) -> None:
    count = len(controls.current().logits)
    names = {str(k): str(k) for k in range(1, count + 1)}
    controls.select("tc", names, widget=st.segmented_control, required=True, owner=str(count))


def _softmax(spec: LossSpec, controls: Form) -> None:
    seen = core.answer(spec.logits, spec.true - 1, spec.temperature, spec.smoothing)
    true = spec.true - 1

    def drag(at: plot.Drag) -> None:
        controls.put("zs", moved(spec.logits, at, at.y))

    pictures = [figures.logits(seen, true, t), figures.probabilities(seen, true, t)]
    alt = [t("loss.alt.logits"), t("loss.alt.probabilities")]
    plot.show(pictures, key="softmax", alt=alt, height=460, handles=[plot.Handle(0, 1, "y")], on_drag=drag)
    classes = len(spec.logits)
    numbers({
        t("loss.softmax.cost"): seen.loss, t("loss.softmax.p"): float(seen.softmax[true]),
        t("loss.softmax.uniform", k=classes): math.log(classes), t("loss.softmax.floor"): seen.entropy,
    })  # fmt: skip
    left, right = st.columns(2)
    left.latex(r"L = -\sum_k q_k \ln p_k,\quad p = \operatorname{softmax}(z / T)")
    right.latex(r"\frac{\partial L}{\partial z_k} = \frac{p_k - q_k}{T}")
    st.caption(t("loss.softmax.shift", residual=tiny(seen.shifted - seen.loss),
                 sum=tiny(float(seen.gradient.sum()))))  # fmt: skip


# ---------------------------------------------------------------- binary and categorical


def _binary_settings(controls: Form) -> None:
    controls.number("z")
    controls.select("yc", {label: label for label in LABELS}, widget=st.segmented_control, required=True)
    controls.numbers("zs", help=t("loss.softmax.typed"))


def _binary(spec: LossSpec, controls: Form) -> None:
    label = int(spec.label)
    curves = core.entropies(np.linspace(-8, 8, 321), label)
    here = core.entropies(np.array([spec.z]), label)

    def drag(at: plot.Drag) -> None:
        if at.figure == 0:
            controls.put("z", round(at.x, 2))

    picture, table = st.columns([3, 2])
    with picture:
        plot.show(figures.entropies(curves, spec.z, t), key="binary", alt=t("loss.alt.twins"), height=480,
                  handles=[plot.Handle(0, 4, "x")], on_drag=drag)  # fmt: skip
    with table:
        rows = {
            "": [t("loss.binary.logits"), t("loss.binary.p"), t("figure.loss"), t("figure.gradient")],
            "sigmoid + CE": [
                number(spec.z), number(here.sigmoid[0]), number(here.binary[0]), number(here.gradient[0, 0]),
            ],
            "softmax + CE": [
                f"0, {number(spec.z)}", number(here.softmax[0]), number(here.categorical[0]),
                number(here.gradient[1, 0]),
            ],
        }  # fmt: skip
        st.dataframe(pd.DataFrame(rows), hide_index=True)
        st.latex(r"\sigma(z) = \operatorname{softmax}(0, z)_1")
        st.latex(r"\text{BCE}(z) = \text{CE}(0, z)")
        st.caption(t("loss.binary.same", residual=tiny(curves.apart)))
    st.markdown(f"##### {t('loss.binary.slide')}")
    st.markdown(t("loss.binary.slide_text"))
    _separately(spec, controls)


def _separately(spec: LossSpec, controls: Form) -> None:
    """The slide's "Sigmoid + CE" for K classes, tried."""
    seen = core.answer(spec.logits, 0)

    def drag(at: plot.Drag) -> None:
        controls.put("zs", moved(spec.logits, at, at.y))

    pictures = [figures.logits(seen, -1, t), figures.separately(seen, t)]
    alt = [t("loss.alt.logits"), t("loss.alt.separately")]
    plot.show(pictures, key="separately", alt=alt, height=320, handles=[plot.Handle(0, 1, "y")], on_drag=drag)
    st.caption(t("loss.binary.slide_note"))


# ---------------------------------------------------------------- a neuron


def _slow_settings(controls: Form) -> None:
    controls.number("z0")
    controls.number("nlr")
    controls.number("nt")


def _slow(spec: LossSpec, controls: Form) -> None:
    seen = neuron(spec.start, spec.rate, spec.updates)

    def drag(at: plot.Drag) -> None:
        controls.put("z0", round(at.x, 2))

    pictures = [figures.slopes(seen, spec.start, t), figures.learning(seen, t)]
    alt = [t("loss.alt.slopes"), t("loss.alt.learning")]
    plot.show(pictures, key="slow", alt=alt, height=430, handles=[plot.Handle(0, 2, "x")], on_drag=drag)
    squared, crossed = map(float, seen.at)
    numbers({
        t("loss.slow.squared"): squared, t("loss.slow.crossed"): crossed,
        t("loss.slow.ratio"): crossed / squared if squared else math.inf,
    })  # fmt: skip
    numbers({  # five in a row would be cut on a laptop
        t("loss.slow.p_squared"): float(seen.probability[-1, 0]),
        t("loss.slow.p_crossed"): float(seen.probability[-1, 1]),
    })  # fmt: skip
    left, right = st.columns(2)
    left.latex(r"\frac{\partial}{\partial z} (p - 1)^2 = 2 (p - 1) \, p (1 - p)")
    right.latex(r"\frac{\partial}{\partial z} (-\ln p) = p - 1")


SOFTMAX = Section(_softmax_settings, _softmax, (core.answer, core.smoothed, cross_entropy))
BINARY = Section(_binary_settings, _binary, (core.entropies, binary_cross_entropy, cross_entropy))
SLOW = Section(_slow_settings, _slow, (core.neuron, core.neuron_loss, core.neuron_gradient))
