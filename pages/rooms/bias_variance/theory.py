"""Closed forms on a fixed design as lines, and the measured parts on them."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from mlcore.complexity import theory as theories
from mlcore.complexity.generalization import BiasVarianceSpec
from mlcore.figures import estimates as figures
from pages.rooms.bias_variance.room import Form, RoomSpec, Seen
from pages.ui import plot
from pages.ui.text import t

FORMULAS = {
    "polynomial": r"\text{variance} = \frac{\sigma^2 p}{N}, \quad p = d + 1",
    "nearest": r"\text{variance} = \frac{\sigma^2}{k}",
    "ridge": r"\text{variance} = \frac{\sigma^2}{N} "
    r"\Bigl(1 + \sum_j \bigl(\tfrac{s_j^2}{s_j^2 + N \lambda}\bigr)^2\Bigr)",
}
BIAS = r"\text{bias}^2 = \operatorname{mean}\bigl(((H - I) f)^2\bigr), \quad \hat y = H y"


def fixed(spec: BiasVarianceSpec) -> BiasVarianceSpec:
    """The same with the same x in every training set, as theory wants it, and without shortcuts."""
    return replace(spec, sets=replace(spec.sets, design="fixed"), center="labels", paired=False)


def show(spec: RoomSpec, controls: Form, seen: Seen) -> None:
    theory = theories.expected(seen.ensemble.spec)
    if theory is None:
        st.info(t("bias_variance.theory.none"))
        return
    family = spec.ensemble.family
    left, right = st.columns(2)
    left.latex(FORMULAS[family])
    right.latex(BIAS)
    axis = t(f"variants.complexity.{family}")
    figure = figures.against_theory(seen.ensemble, theory, axis, say=t)
    plot.show(figure, key="theory", alt=t("bias_variance.alt.theory"), height=460)
    st.caption(t("bias_variance.theory.fixed", sets=spec.ensemble.sets.sets))
