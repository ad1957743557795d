"""From above: contour lines with the path of the training, and beside it what the picture gets wrong."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from mlcore.base import spec as specs
from mlcore.figures import landscape as figures
from mlcore.landscapes.landscape import Landscape
from pages.rooms.landscape.room import NEARER, Form, RoomSpec, home, look_at, look_within, percent, quantity
from pages.ui import frame, moving, plot
from pages.ui.text import Text, language, number, t, tiny


def show(spec: RoomSpec, controls: Form, view: Landscape) -> None:
    def nearer(click: plot.Click) -> None:
        if click.figure == 0:
            look_at(controls, view, click.x, click.y, NEARER)

    key = f"{specs.key(view.spec)}/{view.exact}"
    pictures, frames = scene(key, language(), spec.log, view)
    alt = [t("landscape.alt.above"), t("landscape.alt.truth")]
    plot.play(
        pictures, frames, key="landscape", alt=alt, labels=frame.play_labels(), columns=2, height=450,
        on_click=nearer, zooms=(0,), on_zoom=partial(look_within, controls, view),
    )  # fmt: skip
    around(controls, view)
    told(view)


def around(controls: Form, view: Landscape) -> None:
    """Nearer, farther, and back to the whole."""
    a, b = (float(side[0] + side[-1]) / 2 for side in (view.a, view.b))
    middle_a, _, middle_b, _ = home(view)
    ways = {
        "nearer": (a, b, NEARER), "farther": (a, b, 1 / NEARER),
        "all": (middle_a, middle_b, 1 / view.spec.zoom),
    }  # fmt: skip
    now = view.spec
    whole = (now.zoom, now.middle_a, now.middle_b) == (1, 0, 0)
    with st.container(horizontal=True, vertical_alignment="center"):
        for name, way in ways.items():
            st.button(
                t(f"landscape.{name}"), key=f"_look_{name}", on_click=partial(look_at, controls, view, *way),
                disabled=name == "all" and whole,
            )  # fmt: skip
        st.caption(t("landscape.click"))


def told(view: Landscape) -> None:
    """How the picture came about, and how far it is from the network."""
    st.markdown(whole(view) if view.plane.complete else gap(view))
    points = Text(f"{len(view.a)} × {len(view.b)}")
    nodes = Text(f"{view.nodes} × {view.nodes}")
    kind = "exact" if view.whole else "coarse"
    st.caption(t(f"landscape.{kind}", points=points, nodes=nodes, error=percent(view.error)))
    if view.spec.train.l1 or view.spec.train.l2:
        st.caption(t("landscape.penalty"))


def whole(view: Landscape) -> Text:
    """What a plane through two parameters is."""
    return t("landscape.whole", residual=tiny(float(np.nanmax(np.abs(view.trace.drawn - view.trace.true)))))


def gap(view: Landscape) -> Text:
    """What the plane leaves out."""
    trace, shares = view.trace, view.plane.explained
    near = trace.off[0] <= 1e-6 * max(trace.far[0], 1e-300)
    parts = [
        t(f"landscape.{'no_gap' if near else 'gap'}", quantity=quantity(view),
          true=number(float(trace.true[0])), drawn=number(float(trace.drawn[0])),
          off=number(float(trace.off[0])), far=number(float(trace.far[0])))
    ]  # fmt: skip
    if len(shares):
        share, walk = (percent(float(values[:2].sum())) for values in (shares, view.walk))
        parts.append(t("landscape.explains", share=share, walk=walk))
    return Text(" ".join(parts))


@st.cache_resource(max_entries=32, show_spinner=False)
def scene(key: str, language: str, log: bool, _view: Landscape) -> tuple[list[go.Figure], plot.Frames]:
    """The contour and the curves, played together."""
    trace = _view.trace
    updates = moving.paths([trace.ab])
    numbers: dict[str, NDArray[Any]] = {
        "figure.true_value": trace.true,
        "figure.drawn_value": trace.drawn,
        "figure.off_plane": trace.off,
    }
    readout = {str(t(name)): [f"{value:.4g}" for value in values] for name, values in numbers.items()}
    frames = plot.Frames(trace.step.tolist(), updates, cursors=[1], readout=readout)
    return [figures.above(_view, log, say=t), figures.against_truth(_view, log, say=t)], frames
