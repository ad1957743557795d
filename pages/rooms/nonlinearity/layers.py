"""k layers with and without activations, and the one layer that they are without."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.components import symmetry
from mlcore.depth import bending as core
from mlcore.depth.bending import FLOATS, Stack
from mlcore.families.activations import ACTIVATIONS
from mlcore.figures import nonlinearity as figures
from mlcore.figures.panel import panel
from pages.rooms.nonlinearity import room
from pages.rooms.nonlinearity.room import SPACES, Form, RoomSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, percent, t, tiny, title


def _settings(controls: Form) -> None:
    controls.select(
        "kspace", {space: t(f"nonlinearity.layers.{space}") for space in SPACES}, st.segmented_control,
        required=True,
    )  # fmt: skip
    controls.choice("kact", "activation")
    controls.number("kdepth")
    controls.number("kwidth")
    room.drawing(controls)


def _show(spec: RoomSpec, controls: Form) -> None:
    sizes = spec.stacked
    found = stacked(sizes, spec.activation, spec.init, spec.spread, spec.seed)
    pictures = drawn(sizes, spec.activation, spec.init, spec.spread, spec.seed, language())
    names = ["curves"] if spec.space == "line" else ["flat", "folded"]
    alts = [t(f"nonlinearity.alt.{name}") for name in names]
    plot.show(pictures, key="layers", alt=alts, height=440)
    if spec.space == "plane":
        st.caption(t("nonlinearity.layers.grid"))
    st.latex(
        r"\begin{gathered} (\cdots (x W_1 + b_1) \cdots) W_k + b_k = x \, W + b \\ "
        rf"W_1 \cdots W_k = W = {matrix(found.weight)} \\ b = {matrix(found.bias[None])} \end{{gathered}}"
    )
    shape = Text(" → ".join(map(str, sizes)))
    told = {"residual": tiny(found.residual), "examples": symmetry.EXAMPLES, "shape": shape}
    st.markdown(
        t("nonlinearity.layers.one", layers=spec.depth, rank=found.rank, narrowest=min(sizes), **told)
    )
    name, share = title(ACTIVATIONS[spec.activation], "activation"), percent(found.explained)
    said = "alone" if spec.depth == 1 else "same" if found.explained > 1 - 1e-12 else "bent"
    st.markdown(t(f"nonlinearity.layers.{said}", name=name, share=share))
    if sizes[1:-1]:
        widths = "-".join(map(str, sizes[1:-1][:6]))
        link = {"lang": language(), "view": "algebra", "h": widths, "init": spec.init, "seed": str(spec.seed)}
        label = f":primary[**{t('nonlinearity.layers.algebra')}**]"
        st.page_link("pages/model.py", label=label, query_params=link)


def matrix(rows: FLOATS) -> str:
    """In LaTeX."""
    lines = (" & ".join(number(v).replace("−", "-") for v in row) for row in rows)
    return r"\begin{pmatrix} " + r" \\ ".join(lines) + r" \end{pmatrix}"


@st.cache_resource(max_entries=64, show_spinner=False)
def stacked(sizes: tuple[int, ...], activation: str, init: str, spread: float, seed: int) -> Stack:
    x = figures.line_points() if sizes[0] == 1 else figures.grid_points()
    return core.stack(sizes, activation, init, spread, seed, x)


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(
    sizes: tuple[int, ...], activation: str, init: str, spread: float, seed: int, language: str
) -> Sequence[go.Figure]:
    found = stacked(sizes, activation, init, spread, seed)
    if sizes[0] == 1:
        return [figures.curves(found.linear[:, 0], found.bent[:, 0], t)]
    names = t("figure.without_activation"), t("figure.with_activation")
    images = np.stack([found.linear, found.bent])
    return [panel(figures.grid(image, t), name) for image, name in zip(images, names, strict=True)]


LAYERS = Section(_settings, _show, (symmetry.affine, core.stack))
