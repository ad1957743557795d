"""Forward mode beside reverse mode: from one input to everything, and from everything to one output."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from mlcore.backpropagation import graph as core
from mlcore.backpropagation.graph import Graph
from mlcore.backpropagation.sweeps import short
from mlcore.figures import graph as figures
from pages.rooms.backpropagation.room import Form, RoomSpec, choose, hole, settings, standing, which
from pages.rooms.backpropagation.sweeps import height
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import number, t


def _show(spec: RoomSpec, controls: Form) -> None:
    spec, found = standing(spec)
    lacks = hole(found)
    name = found.inputs[which(controls, found.inputs)]
    forward, reverse, rows = pictures(spec.expression.text, spec.expression.point, name)
    out = found.symbols[found.output]
    for column, mode, picture in zip(st.columns(2), ("forward", "reverse"), (forward, reverse), strict=True):
        with column:
            st.markdown(t(f"backpropagation.modes.{mode}", input=name, output=out))
            alt = t(f"backpropagation.alt.{mode}", input=name)
            plot.show(picture, key=mode, alt=alt, height=height(rows))
    if not lacks:
        st.markdown(
            t("backpropagation.modes.meet", input=name, output=out,
              forward=number(found.tangents(name)[-1], 6), reverse=number(found.gradient[found.at(name)], 6))
        )  # fmt: skip
        st.markdown(counted(found))
    with st.expander(t("backpropagation.sweeps.table")):
        st.dataframe(table(found, name), hide_index=True)


def counted(found: Graph) -> str:
    """How many products each mode needs for all derivatives."""
    edges, inputs = sum(edge.moves for edge in found.edges), len(found.inputs)
    return t("backpropagation.modes.counted", edges=edges, inputs=inputs, all=edges * inputs)


def table(found: Graph, name: str) -> dict[str, list[str]]:
    out = found.symbols[found.output]
    return {
        t("backpropagation.sweeps.node"): list(found.symbols),
        t("backpropagation.sweeps.value"): [short(v) for v in found.values],
        f"∂ · / ∂{name} →": [short(v) for v in found.tangents(name)],
        f"← ∂{out} / ∂ ·": [short(v) for v in found.gradient],
    }


@st.cache_resource(max_entries=64, show_spinner=False)
def pictures(text: str, point: tuple[float, ...], name: str) -> tuple[go.Figure, go.Figure, float]:
    """Without words, so that all languages share them."""
    found = core.build(text, point)
    layout = figures.placed(found)
    forward = figures.drawing(found, layout, below=found.tangents(name))
    return forward, figures.drawing(found, layout), layout.rows


MODES = Section(settings, _show, (core.build, Graph), choose)
