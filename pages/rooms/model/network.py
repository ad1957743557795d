"""The network drawn, its shapes, and what its parameters add up to."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from mlcore.components.untrained import draw
from mlcore.families.models import ModelSpec, columns
from mlcore.families.networks import Network
from mlcore.figures import network as figures
from mlcore.files.escape import line
from mlcore.training.data import Data
from pages.rooms.model.room import Form, RoomSpec, choose_data, loaded
from pages.ui import components, plot
from pages.ui.sections import Section
from pages.ui.text import Text, language, percent, t

MOST_COLUMNS = 512


def settings(controls: Form) -> None:
    choose_data(controls)
    components.architecture(controls, lambda: controls.current().prior.model, activated=False)
    controls.choice("init", "initialization")
    controls.number("seed")


def show(spec: RoomSpec, controls: Form) -> None:
    data = loaded(spec.data)
    if data is None:
        return
    model = spec.prior.model
    features, outputs = data.x.shape[1], max(1, data.classes)
    made = columns(features, model.power)
    if made > MOST_COLUMNS:
        st.error(t("model.network.too_many", columns=made, most=MOST_COLUMNS))
        return
    network = model.network(features, outputs)
    figure = drawn(network, model, data.spec, spec.prior.seed, language(), data)
    plot.show(figure, key="model.network", alt=t("model.alt.network"), height=460)
    st.caption(t("model.network.picture"))
    parts = r" \\ &\quad + ".join(rf"({a - 1} + 1) \cdot {b}" for a, b in network.shapes)
    total = f"{network.size:,}".replace(",", "{,}")
    lines = [r"\sum_l (n_{l-1} + 1) \, n_l", *([parts] if len(network.shapes) <= 3 else []), total]
    st.latex(r"\begin{aligned} P &= " + r" \\ &= ".join(lines) + r" \end{aligned}")  # the table has all parts
    st.dataframe(table(network), hide_index=True)
    st.caption(
        t("model.network.per_example", ratio=Text(f"{network.size / len(data.x):.3g}"), train=len(data.x))
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(
    network: Network, model: ModelSpec, data: object, seed: int, language: str, _data: Data
) -> go.Figure:
    """The picture of one initialization, drawn once for everybody who looks."""
    inputs = list(_data.feature_names) if model.power == 1 else [""] * network.sizes[0]
    outputs = [line(name) for name in _data.class_names] or [t("model.network.target")]
    row = draw(network, model.init, [seed])[0]
    return figures.drawing(network, row, [line(name) for name in inputs], outputs, t)


def table(network: Network) -> pd.DataFrame:
    """A row for each layer."""
    rows = [
        {
            "layer": str(k),
            "weights": f"{a - 1} × {b}",
            "biases": str(b),
            "count": f"({a - 1} + 1) · {b} = {a * b:,}",
            "share": percent(a * b / network.size),
        }
        for k, (a, b) in enumerate(network.shapes, 1)
    ]
    return pd.DataFrame(rows).rename(columns=lambda name: t(f"model.network.{name}"))


NETWORK = Section(settings, show, (Network, columns))
