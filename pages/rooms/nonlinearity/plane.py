"""The regions into which a piecewise linear network cuts the plane, counted against the bound."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st
import torch
from torch import Tensor

from mlcore.components.untrained import draw
from mlcore.depth import regions as core
from mlcore.depth.regions import Division
from mlcore.families.networks import Network
from mlcore.figures import nonlinearity as figures
from pages.rooms.nonlinearity import room
from pages.rooms.nonlinearity.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, t

SIDE = 301  # points along each side of the grid that looks for regions by brute force
DRAWN = 101  # the same of the picture of the output
ZASLAVSKY = r"1 + N + \frac{N (N - 1)}{2} \quad (\text{Zaslavsky 1975})"
MONTUFAR = r"\prod_{l=1}^{L} \sum_{j=0}^{d_l} \binom{N}{j}, \quad d_1 = 2, \; d_l = \min(2, N)"


def _settings(controls: Form) -> None:
    controls.choice("kbent", "activation")
    controls.number("kcuts")
    controls.number("klines")
    controls.number("kreach")
    room.drawing(controls)


def _show(spec: RoomSpec, controls: Form) -> None:
    shape = (spec.plane_widths, spec.bent, spec.init, spec.spread, spec.seed)
    found, grid, whole = counted(*shape, spec.reach)
    pictures = drawn(*shape, spec.reach, language())
    alts = [t("nonlinearity.alt.regions"), t("nonlinearity.alt.heights")]
    plot.show(list(pictures), key="plane", alt=alts, height=600, columns=2)
    st.caption(t("nonlinearity.plane.picture"))
    one = spec.cuts == 1
    st.latex(ZASLAVSKY if one else MONTUFAR)
    values = {"regions": number(whole, 15), "inside": len(found.regions), "bound": number(bound(spec), 15)}
    shape_told = {"units": spec.lines} if one else {"layers": spec.cuts, "total": sum(spec.plane_widths)}
    said = f"nonlinearity.plane.{'one' if one else 'deep'}"
    st.markdown(t(said, reach=Text(f"{spec.reach:g}"), **values, **shape_told))
    if one and whole < bound(spec):
        st.markdown(_why(spec))
    area = number(sum(region.area for region in found.regions), 12)
    checked = {"grid": grid, "points": SIDE**2, "functions": found.functions}
    st.markdown(t("nonlinearity.plane.grid", area=area, **checked))


def _why(spec: RoomSpec) -> Text:
    """Why one hidden layer has fewer regions than possible."""
    found = core.arrangement(*network_of(spec.plane_widths, spec.bent, spec.init, spec.spread, spec.seed))
    values = {"lines": found.lines, "parallel": found.parallel, "crowded": found.crowded}
    return t("nonlinearity.plane.fewer", units=spec.lines, **values)


def bound(spec: RoomSpec) -> int:
    return core.most_regions(2, spec.plane_widths)


def network_of(
    widths: tuple[int, ...], bent: str, init: str, spread: float, seed: int
) -> tuple[Network, Tensor]:
    network = Network((2, *widths, 1), bent)
    return network, draw(network, init, [seed], bias=spread)[0]


@st.cache_resource(max_entries=64, show_spinner=False)
def counted(
    widths: tuple[int, ...], bent: str, init: str, spread: float, seed: int, reach: float
) -> tuple[Division, int, int]:
    """The regions of the square, how many of them a grid finds, and how many the whole plane has."""
    network, row = network_of(widths, bent, init, spread, seed)
    one = len(widths) == 1
    whole = core.arrangement(network, row).regions if one else core.in_the_plane(network, row)
    return core.divide(network, row, reach), core.seen_on_a_grid(network, row, reach, SIDE), whole


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(
    widths: tuple[int, ...], bent: str, init: str, spread: float, seed: int, reach: float, language: str
) -> tuple[go.Figure, go.Figure]:
    found, _, _ = counted(widths, bent, init, spread, seed, reach)
    network, row = network_of(widths, bent, init, spread, seed)
    side = torch.linspace(-reach, reach, DRAWN, dtype=torch.float64)
    points = torch.stack(torch.meshgrid(side, side, indexing="xy"), -1).view(-1, 2)
    value = network.predict(row[None], points).view(DRAWN, DRAWN).numpy()
    return figures.regions(found, t), figures.heights(found, value, t)


PLANE = Section(_settings, _show, (core.arrange, core.divide, core.in_the_plane, core.most_regions))
