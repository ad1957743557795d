"""The theorem, what it says and what it does not, and why the activation must be no polynomial."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from mlcore.depth import approximation as core
from mlcore.depth.approximation import WIDTHS
from mlcore.depth.approximation_targets import target
from mlcore.figures import approximation as figures
from pages.rooms.approximation import room
from pages.rooms.approximation.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import language, number, t

STATEMENT = (  # in lines, so that it fits a phone
    r"\forall f \in C(K), \; K \subset \mathbb{R}^D \text{ compact}",
    r"\forall \varepsilon > 0 \;\; \exists N, W, c, w, b",
    r"\max_{x \in K} \Bigl| f(x) - b - \sum_{i=1}^{N} w_i \, "
    r"a(W_i \cdot x + c_i) \Bigr| < \varepsilon",
)


def _settings(controls: Form) -> None:
    room.targets(controls)
    controls.number("apoly")


def _show(spec: RoomSpec, controls: Form) -> None:
    for line in STATEMENT:
        st.latex(line)
    says, silent = st.columns(2)
    says.markdown(t("approximation.theorem.says"))
    silent.markdown(t("approximation.theorem.silent"))
    st.caption(t("approximation.theorem.sources"))
    st.markdown(t("approximation.theorem.polynomial", degree=spec.degree))
    text = room.standing(spec.line).text
    pictures, errors = fits(text, spec.degree, language())
    alts = [t("approximation.alt.fits"), t("approximation.alt.rates")]
    plot.show(list(pictures), key="theorem", alt=alts, height=380, columns=2)
    units = enough(spec.degree)
    values = {"units": units, "error": number(errors[WIDTHS.index(units)], 4)}
    st.markdown(t("approximation.theorem.stays", **values, last=number(errors[-1], 4)))


def enough(degree: int) -> int:
    """The first of WIDTHS whose units span every polynomial of this degree."""
    return min(units for units in WIDTHS if units > degree)


@st.cache_resource(max_entries=48, show_spinner=False)
def fits(text: str, degree: int, language: str) -> tuple[tuple[go.Figure, go.Figure], list[float]]:
    f = target(text)
    found = {units: core.polynomial(f, units, degree) for units in WIDTHS}
    truth = f(core.points(False))
    errors = [float((fit - truth).abs().max()) for fit in found.values()]
    first = enough(degree)
    shown = {units: found[units].numpy() for units in (first, 2 * first, WIDTHS[-1])}
    names = str(t("approximation.theorem.power", degree=degree)), str(t("approximation.construction.hats"))
    return figures.polynomials(f, shown, errors, room.curve(text, "hats", 8.0), names, t), errors


THEOREM = Section(_settings, _show, (core.polynomial,))
