"""The identity itself: the error counted, its parts added up, and what the usual shortcuts leave."""

from __future__ import annotations

import streamlit as st

from mlcore.figures import bias_variance as figures
from pages.rooms.bias_variance.room import Form, RoomSpec, Seen, badge, numbers
from pages.ui import plot
from pages.ui.sources import broken
from pages.ui.text import Text, t


def _named(error: str, variance: str, noise: str, bias: str, name: str = r"\text{bias}^2") -> str:
    parts = (variance, r"\text{variance}"), (noise, r"\text{noise}"), (bias, name)
    added = " + ".join(rf"\underbrace{{{part}}}_{{{told}}}" for part, told in parts)
    return rf"\underbrace{{{error}}}_{{\text{{error}}}} = {added}"


FORMULAS = {
    "squared_error": _named(
        "E[(h_D - y)^2]", r"E[(h_D - \bar h)^2]", r"E[(\bar y - y)^2]", r"E[(\bar h - \bar y)^2]"
    ),
    "brier": _named(r"E|p_D - y|^2", r"E|p_D - \bar p|^2", r"E|\bar y - y|^2", r"E|\bar p - \bar y|^2"),
    "cross_entropy": _named(
        r"E[-\ln p_D(y)]", r"E\,KL(\tilde p \| p_D)", r"H(\bar y)", r"KL(\bar y \| \tilde p)", r"\text{bias}"
    )
    + r", \quad \tilde p \propto e^{E \ln p_D}",
}


def choose(controls: Form) -> None:
    """The loss, also those that have no identity, and the shortcuts."""
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    with left:
        controls.choice("measure", "measure")
    with middle:
        controls.choice("center", "center")
    with right:
        controls.flag("paired")


def show(spec: RoomSpec, controls: Form, seen: Seen) -> None:
    st.latex(broken(FORMULAS[seen.ensemble.loss]))
    numbers(seen.fit)
    badge(seen.fit)
    averages = seen.fit.parts.average()
    figure = figures.sums(averages, say=t)
    plot.show(figure, key="sums", alt=t("bias_variance.alt.sums"), height=420)
    gap = averages["error"] - sum(averages[name] for name in figures.PARTS)
    left = Text(f"{gap:+.3g}".replace("-", "−"))
    if spec.ensemble.center == "truth" and seen.drawing.truth is not None:
        st.markdown(t("bias_variance.gap_truth", gap=left))
    elif spec.ensemble.center == "truth":
        st.markdown(t("bias_variance.no_truth"))
    if spec.ensemble.paired:
        st.markdown(t("bias_variance.gap_paired", gap=left))
