"""What the temperature of NT-Xent does to hard negatives: one view, its partner, and negatives to drag."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.embeddings import hardness as core
from mlcore.embeddings.hardness import Push
from mlcore.figures import pairs as figures
from pages.rooms.contrastive.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, percent, t, tiny

MARKS = 2  # the trace that is dragged
FORMULA = (
    r"\begin{gathered} \frac{\partial \ell_i}{\partial s_{ij}} = \frac{p_{ij}}{\tau}, \quad"
    r" \frac{\partial \ell_i}{\partial s_{ip}} = -\frac{1}{\tau} \sum_{j} p_{ij}"
    r" \\ r_{ij} = \frac{e^{s_{ij} / \tau}}{\sum_{k} e^{s_{ik} / \tau}} \end{gathered}"
)


def _settings(controls: Form) -> None:
    controls.number("cttau")
    controls.number("ctpart")
    controls.numbers("ctriv")
    st.caption(t("contrastive.temperature.typed"))


def _show(spec: RoomSpec, controls: Form) -> None:
    chosen = (spec.partner, spec.rivals, spec.own.tau)
    found = pushed(*chosen)

    def drag(at: plot.Drag) -> None:
        angle = round(math.degrees(math.atan2(at.y, at.x)), 1)
        if at.point == 0:
            controls.put("ctpart", angle)
        else:
            rivals = list(spec.rivals)
            rivals[at.point - 1] = angle
            controls.put("ctriv", rivals)

    st.markdown(told(found))
    pictures = drawn(*chosen, language())
    alts = [t("contrastive.alt.anchor"), t("contrastive.alt.shares")]
    plot.show(
        list(pictures), key="temperature", alt=alts, height=460, handles=[plot.Handle(0, MARKS)], on_drag=drag
    )
    left, right = st.columns([3, 2])
    left.dataframe(table(found), hide_index=True, height="content")
    with right:
        st.latex(FORMULA)
        st.caption(t("contrastive.temperature.measured", error=tiny(_error(found))))


def _error(found: Push) -> float:
    return float(np.abs(found.shares - found.measured).max())


def told(found: Push) -> Text:
    hardest = int(found.cos.argmax())
    values = {
        "tau": number(found.tau), "hardest": hardest + 1, "share": percent(float(found.shares[hardest])),
        "effective": number(found.effective), "of": len(found.cos), "pull": number(found.pull),
        "even": percent(1 / len(found.cos)),
    }  # fmt: skip
    return t("contrastive.temperature.told", **values)


def table(found: Push) -> dict[str, list[str]]:
    """A row for each negative, the nearest first."""
    order = np.argsort(-found.cos)
    columns = {
        "negative": [str(j + 1) for j in order],
        "cosine": [str(number(found.cos[j])) for j in order],
        "formula": [str(percent(found.shares[j])) for j in order],
        "autograd": [str(percent(found.measured[j])) for j in order],
    }
    return {t(f"contrastive.temperature.column.{name}"): column for name, column in columns.items()}


@st.cache_resource(max_entries=256, show_spinner=False)
def pushed(partner: float, rivals: tuple[float, ...], tau: float) -> Push:
    return core.push(partner, rivals, tau)


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(
    partner: float, rivals: tuple[float, ...], tau: float, language: str
) -> tuple[go.Figure, go.Figure]:
    found = pushed(partner, rivals, tau)
    return figures.anchored(rivals, partner, found, t), figures.shares(found, t)


TEMPERATURE = Section(_settings, _show, (core.push, core.share, core.autograd))
