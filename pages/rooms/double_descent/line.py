"""The fits themselves: few points on a line, more and more features, played."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.complexity import least_norm, line_fits
from mlcore.complexity.double_descent import sizes
from mlcore.complexity.line_fits import KINDS, REACH, LineFits, LineSpec
from mlcore.figures import line_fits as figures
from pages.rooms.double_descent.room import Form, RoomSpec, choose, nearest, number, put, ridge
from pages.ui import plot
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import language, t

LEVEL = 2.6  # half the height of the picture; wild fits leave it


def _settings(controls: Form) -> None:
    spec = controls.current().line
    controls.select("ckind", {name: t(f"double_descent.kind.{name}") for name in KINDS})
    controls.number("cn")
    n = controls.current().line.examples
    choose(controls, "cp", sizes(n, REACH * n), n)
    controls.number("csig")
    ridge(controls, "clam", spec.ridge)
    with st.expander(t("training.more")):
        controls.number("csets")
        controls.number("cseed")


def _draw(spec: RoomSpec, controls: Form) -> None:
    own = spec.line
    found = computed(specs.key(own), own)
    places, n = found.p.tolist(), own.examples
    at = places.index(nearest(places, spec.line_p, n))
    pictures, frames = scene(specs.key(own), at, language(), own)

    def click(place: plot.Click) -> None:
        if place.figure == 1:
            put(controls, "cp", places, place.x, n)

    alt = [t("double_descent.alt.fits"), t("double_descent.alt.line_costs")]
    plot.play(
        pictures,
        frames,
        key="curve",
        alt=alt,
        labels=replace(play_labels(), step="p"),
        columns=2,
        height=440,
        on_click=click,
    )
    st.caption(t(f"double_descent.kind_note.{own.kind}"))


@st.cache_resource(max_entries=32, show_spinner=False)
def computed(key: str, _spec: LineSpec) -> LineFits:
    return line_fits.fits(_spec)


@st.cache_resource(max_entries=48, show_spinner=False)
def scene(key: str, at: int, language: str, _spec: LineSpec) -> tuple[list[go.Figure], plot.Frames]:
    """Fits and costs, one frame for every number of features."""
    found = computed(key, _spec)
    pictures = [figures.fits(found, at, LEVEL, t), figures.costs(found, t)]
    updates = [plot.Update(0, 2, "y", found.fit[:, 0].astype(np.float32))]
    if found.fit.shape[1] > 1:
        updates.append(plot.Update(0, 0, "y", figures.threads(found)))
    readout: dict[str, list[str]] = {
        t("figure.test"): [number(v) for v in found.risk[:, 0].tolist()],
        t("figure.train"): [number(v) for v in found.train[:, 0].tolist()],
    }
    frames = plot.Frames(steps=found.p.tolist(), updates=updates, cursors=[1], readout=readout, start=at)
    return pictures, frames


CURVE = Section(_settings, _draw, (line_fits.features, line_fits.fits, least_norm.by_singular_values))
