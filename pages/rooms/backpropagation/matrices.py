"""The same in matrices: the passes of a training on one minibatch, beside the lines that computed them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from mlcore.backpropagation import matrices as core
from mlcore.backpropagation.matrices import Pass
from mlcore.backpropagation.sweeps import short
from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.families.networks import Backpropagation
from mlcore.figures import matrices as figures
from pages.rooms.backpropagation.room import Form, RoomSpec
from pages.rooms.backpropagation.sweeps import height
from pages.ui import components, plot, waiting
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, t, tiny

SLOT = "matrices"
FORMULA = r"""\begin{gathered}
z_l = [h_{l-1}, 1] \, W_l, \qquad h_l = f(z_l) \\
\tfrac{\partial C}{\partial W_l} = [h_{l-1}, 1]^\top \delta_l, \qquad
\delta_l = \tfrac{\partial C}{\partial z_l} \\
\delta_{l-1} = (\delta_l W_l^\top) \odot f'(z_{l-1})
\end{gathered}"""


def _settings(controls: Form) -> None:
    components.components(controls, _step, offered=components.DEEP)


def _step(controls: Form) -> None:
    """Which minibatch, and after how many steps of which training."""
    controls.number("b")
    if (last := controls.current().train.steps - 1) > 0:
        controls.number("k", Knob(0, 0, last, integer=True), help=t("backpropagation.matrices.step_help"))

    def more() -> None:
        controls.choice("opt", "optimizer")
        controls.number("lr")
        controls.number("seed")

    components.folded("optimizer", more)


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.matrices
    st.latex(FORMULA)
    if not waiting.possible(own.train):
        return
    found: Pass | None = waiting.result(own, SLOT)
    if found is None:
        return
    if not found.plain:
        st.info(t("backpropagation.matrices.autograd"))
    picture, frames, rows = scene(specs.key(own), found)
    plot.play(
        [picture], frames, key="matrices", alt=[t("backpropagation.alt.matrices", layers=found.layers)],
        labels=play_labels(), height=height(rows),
    )  # fmt: skip
    st.caption(t("backpropagation.matrices.picture", batch=found.examples))
    st.markdown(verdict(found))
    left, right = st.columns([3, 2])
    with left:
        st.dataframe(table(found), hide_index=True)
    with right:
        alt = t("backpropagation.alt.sizes")
        plot.show(sizes(specs.key(own), language(), found), key="sizes", alt=alt, height=300)


def verdict(found: Pass) -> Text:
    """How the first layer's gradient compares with the last one's, and the gradient with autograd's."""
    told, hidden = [], sorted(set(range(1, found.layers + 1)) - set(figures.plan(found).drawn))
    first, last = found.sizes.slope[0], found.sizes.slope[-1]
    if found.layers > 1 and last > 0:
        told.append(
            t("backpropagation.matrices.ratio", ratio=number(first / last, 3), first=number(first, 3),
              last=number(last, 3), layers=found.layers)
        )  # fmt: skip
    if np.isfinite(found.residual):
        told.append(t("backpropagation.matrices.check", residual=tiny(found.residual)))
    if found.spec.train.l1 or found.spec.train.l2:
        told.append(t("backpropagation.matrices.penalty"))
    if hidden:
        told.append(t("backpropagation.matrices.gap", first=hidden[0], last=hidden[-1]))
    return Text("  \n".join(told))


def table(found: Pass) -> pd.DataFrame:
    """Every layer with the shape of its matrix and its sizes."""
    seen, widths = found.sizes, found.widths
    shapes = [(a + 1, b) for a, b in pairwise(widths)]
    columns = {
        "layer": range(1, found.layers + 1),
        "shape": [f"[{a}, {b}] = {a * b:,}" for a, b in shapes],
        "z": [short(value) for value in seen.z],
        "delta": [short(value) for value in seen.delta],
        "slope": [short(value) for value in seen.slope],
        "norm": [short(value) for value in seen.norm],
    }
    return pd.DataFrame({t(f"backpropagation.matrices.{name}"): values for name, values in columns.items()})


@st.cache_resource(max_entries=32, show_spinner=False)
def scene(key: str, _found: Pass) -> tuple[go.Figure, plot.Frames, int]:
    """The network, its moments with the line of each, and how many rows it has: the same in all languages."""
    seen = figures.frames(_found)
    changes = {
        (figures.VALUES, "text"): seen.values, (figures.GRADIENTS, "text"): seen.gradients,
        (figures.NODES, "marker.color"): seen.colors, (figures.NODES, "marker.line.color"): seen.rims,
        (figures.LIT, "x"): seen.lit[0], (figures.LIT, "y"): seen.lit[1],
    }  # fmt: skip
    updates = [plot.Update(0, trace, name, np.asarray(v)) for (trace, name), v in changes.items()]
    arrows = ["←" if moment.what in figures.BACK else "→" for moment in _found.moments]
    told = [f"{way} {figures.told(_found, m)}" for way, m in zip(arrows, _found.moments, strict=True)]
    lit = [moment.line for moment in _found.moments]
    frames = plot.Frames(list(range(len(lit))), updates, [], {"": told}, listing=core.listing(), lit=lit)
    return figures.drawing(_found), frames, figures.plan(_found).rows


@st.cache_resource(max_entries=32, show_spinner=False)
def sizes(key: str, language: str, _found: Pass) -> go.Figure:
    return figures.layers(_found, t)


MATRICES = Section(_settings, _show, (Backpropagation, core.both_ways, core.Passes, core.Followed))
