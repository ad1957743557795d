"""Errors over widths: written down, trained, and with the last layer solved, against the bound."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.depth import approximation as core
from mlcore.depth import approximation_sweep as sweeps
from mlcore.depth.approximation import WAYS, Curve
from mlcore.depth.approximation_sweep import SweepSpec, Width
from mlcore.depth.approximation_targets import target
from mlcore.figures import approximation as figures
from pages.rooms.approximation import room
from pages.rooms.approximation.room import Form, RoomSpec
from pages.ui import plot, waiting
from pages.ui.sections import Section
from pages.ui.text import language, t

SLOT = "approximation"


def _settings(controls: Form) -> None:
    room.targets(controls)
    controls.number("ak")
    room.training(controls)


def _show(spec: RoomSpec, controls: Form) -> None:
    own = room.standing(spec.line)
    f, steep = room.on_the_line(own)
    draw = partial(_pictures, own, spec.sharpness)
    view = waiting.follow(own, SLOT, room.running, show=draw)
    if view.state.final or not view.parts:
        draw(view.parts)
    if not view.state.final:
        return
    rows: dict[str, tuple[Sequence[float], float | None]] = {}
    for way in WAYS:
        curve = room.curve(own.text, way, spec.sharpness)
        rows[str(t(f"approximation.construction.{way}"))] = curve.errors, curve.rate
    if view.parts and len(view.parts) == len(core.WIDTHS):
        rows |= room.trained_rows(view.parts, trained(own), f.rounding)
    st.dataframe(room.table(rows, core.WIDTHS), hide_index=True)
    st.caption(t("approximation.width.slopes"))
    for way in WAYS:
        st.caption(room.told(steep, way))


def trained(own: SweepSpec) -> str:
    return str(t("approximation.trained", name=room.name_of(own.activation), networks=own.networks))


def _pictures(own: SweepSpec, sharpness: float, parts: Sequence[Width]) -> None:
    picture = drawn(f"{specs.key(own)}/{len(parts)}/{sharpness}", language(), own, sharpness, parts)
    plot.show(picture, key="width", alt=t("approximation.alt.width"), height=480)


@st.cache_resource(max_entries=48, show_spinner=False)
def drawn(key: str, language: str, _own: SweepSpec, _sharpness: float, _parts: Sequence[Width]) -> go.Figure:
    curves: dict[str, Curve] = {
        t(f"approximation.construction.{way}"): room.curve(_own.text, way, _sharpness) for way in WAYS
    }
    return figures.over_widths(curves, _parts, trained(_own), target(_own.text).rounding, t)


WIDTH = Section(_settings, _show, (core.over_widths, sweeps.train, sweeps.solved))
