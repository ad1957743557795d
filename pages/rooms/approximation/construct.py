"""The construction, unit by unit, with its weights, its error and its bound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.depth import approximation as core
from mlcore.depth.approximation import WAYS, Construction
from mlcore.depth.approximation_targets import steepness, target
from mlcore.figures import approximation as figures
from pages.rooms.approximation import room
from pages.rooms.approximation.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import language, number, t

FORMULA = {  # in lines, so that it fits a phone
    "hats": (
        r"\hat y = f(x_0) + \sum_{i=0}^{N-1} (s_i - s_{i-1}) \max(0, x - x_i)",
        r"s_i = \frac{f(x_{i+1}) - f(x_i)}{h}, \quad s_{-1} = 0, \quad x_i = i h",
    ),
    "steps": (
        r"\hat y = f(x_0) + \sum_{i=0}^{N-1} \bigl(f(x_{i+1}) - f(x_i)\bigr) \, z_i",
        r"z_i = \sigma\!\left(k \, \frac{x - t_i}{h}\right), \quad t_i = x_i + \frac h 2, \quad x_i = i h",
    ),
}


def _settings(controls: Form) -> None:
    room.targets(controls)
    controls.select("acon", {way: t(f"approximation.construction.{way}") for way in WAYS})
    controls.number("an")
    if controls.current().way == "steps":
        controls.number("ak")


def _show(spec: RoomSpec, controls: Form) -> None:
    own = room.standing(spec.line)
    f, steep = room.on_the_line(own)
    pictures, frames = scene(own.text, spec.units, spec.way, spec.sharpness, language())
    labels = replace(play_labels(), step=t("approximation.construct.units"))
    alts = [t("approximation.alt.built"), t("approximation.alt.missed")]
    plot.play(pictures, frames, key="construct", alt=alts, labels=labels, height=380, columns=2)
    for line in FORMULA[spec.way]:
        st.latex(line)
    made = core.construct(f, spec.units, spec.way, spec.sharpness)
    error = float(core.errors(made.network, made.theta, f)[0])
    bound = core.bound(steep, spec.units, spec.way, spec.sharpness)
    values = {"units": spec.units, "error": number(error), "bound": number(bound or 0.0)}
    said = "exact" if error <= f.rounding else "errs" if bound is None else "bounded"
    st.markdown(t(f"approximation.construct.{said}", **values))
    st.markdown(room.told(steep, spec.way))
    if spec.way == "hats":
        most = spec.units + 1
        st.markdown(
            t("approximation.construct.pieces", pieces=core.pieces(made.network, made.theta[0]), most=most)
        )
    with st.expander(t("approximation.construct.weights")):
        st.dataframe(weights(made), hide_index=True, height=min(38 + 35 * spec.units, 400))


def weights(made: Construction) -> dict[str, list[float] | list[int]]:
    """The row of theta as the matrices that a book writes; the bias of the output is f(x_0)."""
    W, c, w, b = made.weights()
    first = [b] + [np.nan] * (made.units - 1)
    return {"i": list(range(made.units)), "W": W.tolist(), "c": c.tolist(), "w": w.tolist(), "b": first}


@st.cache_resource(max_entries=32, show_spinner=False)
def scene(
    text: str, units: int, way: str, sharpness: float, language: str
) -> tuple[list[go.Figure], plot.Frames]:
    f = target(text)
    made = core.construct(f, units, way, sharpness)
    grown = figures.growth(made, f)
    error = grown.network - grown.target
    updates = [
        plot.Update(0, figures.NETWORK, "y", grown.network.astype(np.float32)),
        plot.Update(0, figures.UNIT, "y", grown.unit.astype(np.float32)),
        plot.Update(1, figures.ERROR, "y", error.astype(np.float32)),
    ]
    readout: dict[str, list[str]] = {
        t("figure.largest_error"): [number(float(np.abs(row).max())) for row in error]
    }
    bound = core.bound(steepness(text), units, way, sharpness)
    pictures = [figures.built(made, grown, t), figures.missed(grown, bound, t)]
    return pictures, plot.Frames(grown.counts, updates, [], readout)


CONSTRUCT = Section(_settings, _show, (core.construct, core.bound, core.errors))
