"""Outside of the interval: nothing was asked of the networks there, and nothing is promised."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st
import torch

from mlcore.base import spec as specs
from mlcore.depth import approximation as core
from mlcore.depth.approximation import WAYS
from mlcore.depth.approximation_sweep import SweepSpec, Width
from mlcore.depth.approximation_targets import target
from mlcore.figures import approximation as figures
from pages.rooms.approximation import room
from pages.rooms.approximation.room import Form, RoomSpec
from pages.ui import plot, waiting
from pages.ui.sections import Section
from pages.ui.text import language, number, t

SLOT = "approximation"


def _settings(controls: Form) -> None:
    room.targets(controls)
    controls.number("ak")
    room.training(controls)


def _choose(controls: Form) -> None:
    widths = {str(units): str(units) for units in core.WIDTHS}
    controls.select("aw", widths, st.pills, required=True)


def _show(spec: RoomSpec, controls: Form) -> None:
    own = room.standing(spec.line)
    room.on_the_line(own)
    view = waiting.follow(own, SLOT, room.running)
    part: Width | None = next((one for one in view.parts or () if one.units == spec.width), None)
    if part is None:
        return
    picture = drawn(f"{specs.key(own)}/{spec.width}/{spec.sharpness}", language(), own, part, spec.sharpness)
    plot.show(picture, key="beyond", alt=t("approximation.alt.beyond"), height=480)
    st.markdown(t(f"approximation.beyond.{own.activation}", name=room.name_of(own.activation)))
    st.dataframe(table(own, part), hide_index=True)


def table(own: SweepSpec, part: Width) -> dict[str, list[str]]:
    """What each trained network is far to the left and far to the right, and its straight pieces."""
    network, theta = part.network(own), torch.from_numpy(part.theta)
    ends = core.far_away(network, theta)
    columns: dict[str, list[str]] = {t("figure.seed"): [str(own.seed + i) for i in range(len(theta))]}
    for side, name in enumerate(("left", "right")):
        columns[t(f"approximation.beyond.{name}")] = [
            line(*ends[i, side].tolist()) for i in range(len(theta))
        ]
    columns[t("figure.largest_error")] = [number(error) for error in part.errors]
    if own.activation == "relu":
        counted = (core.pieces(network, row, 0.0, 1.0) for row in theta)
        columns[t("approximation.beyond.pieces")] = [str(count) for count in counted]
    return columns


def line(slope: float, level: float) -> str:
    if slope == 0:
        return number(level)
    sign = "+" if level >= 0 else "−"
    return f"{number(slope)} x {sign} {number(abs(level))}"


@st.cache_resource(max_entries=48, show_spinner=False)
def drawn(key: str, language: str, _own: SweepSpec, _part: Width, _sharpness: float) -> go.Figure:
    f = target(_own.text)
    made = [
        (str(t(f"approximation.construction.{way}")), core.construct(f, _part.units, way, _sharpness))
        for way in WAYS
    ]
    return figures.beyond(f, _own, _part, made, t)


BEYOND = Section(_settings, _show, (core.far_away, core.pieces), _choose)
