"""Two inputs: the same widths on a surface."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.depth import approximation as core
from mlcore.depth import approximation_sweep as sweeps
from mlcore.depth.approximation import Curve
from mlcore.depth.approximation_sweep import SweepSpec, Width
from mlcore.depth.approximation_targets import target
from mlcore.figures import approximation as figures
from pages.rooms.approximation import room
from pages.rooms.approximation.room import Form, RoomSpec
from pages.rooms.approximation.width import trained
from pages.ui import plot, waiting
from pages.ui.sections import Section
from pages.ui.text import language, t

SLOT = "approximation_plane"


def _settings(controls: Form) -> None:
    room.plane_targets(controls)
    room.training(controls)


def _show(spec: RoomSpec, controls: Form) -> None:
    own = room.standing(spec.square)
    draw = partial(_errors, own)
    view = waiting.follow(own, SLOT, room.running, show=draw)
    if view.state.final or not view.parts:
        draw(view.parts)
    if not view.state.final or not view.parts:
        return
    if len(view.parts) == len(core.WIDTHS):
        f, made = target(own.text, True), ridges(own.text)
        rows: dict[str, tuple[Sequence[float], float | None]]
        rows = {str(t("approximation.plane.ridges")): (made.errors, made.rate)}
        rows |= room.trained_rows(view.parts, trained(own), f.rounding)
        st.dataframe(room.table(rows, core.WIDTHS), hide_index=True)
    widths = {str(part.units): str(part.units) for part in view.parts}
    controls.select("aw", widths, st.pills, required=True)
    part = next(one for one in view.parts if str(one.units) == controls.state["aw"])
    pictures = maps(f"{specs.key(own)}/{part.units}", language(), own, part)
    alts = [t(f"approximation.alt.{name}") for name in ("surface", "network", "difference")]
    plot.show(list(pictures), key="plane", alt=alts, height=320, columns=3)
    st.caption(t("approximation.plane.shown", seed=own.seed))


@st.cache_resource(max_entries=48, show_spinner=False)
def ridges(text: str) -> Curve:
    return core.ridges_over_widths(target(text, True))


def _errors(own: SweepSpec, parts: Sequence[Width]) -> None:
    picture = drawn(f"{specs.key(own)}/{len(parts)}", language(), own, parts)
    plot.show(picture, key="plane_errors", alt=t("approximation.alt.plane"), height=400)


@st.cache_resource(max_entries=48, show_spinner=False)
def drawn(key: str, language: str, _own: SweepSpec, _parts: Sequence[Width]) -> go.Figure:
    curves = {str(t("approximation.plane.ridges")): ridges(_own.text)}
    return figures.over_widths(curves, _parts, trained(_own), target(_own.text, True).rounding, t)


@st.cache_resource(max_entries=48, show_spinner=False)
def maps(key: str, language: str, _own: SweepSpec, _part: Width) -> tuple[go.Figure, go.Figure, go.Figure]:
    return figures.surfaces(target(_own.text, True), _own, _part, 0, t)


PLANE = Section(_settings, _show, (core.ridges, sweeps.train, sweeps.solved))
