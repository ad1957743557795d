"""The bends of a piecewise linear network on a line, which unit makes which, and their number over seeds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st
import torch
from torch import Tensor

from mlcore.components.untrained import draw, most_pieces
from mlcore.depth import pieces as core
from mlcore.depth.pieces import INTS, Pieces
from mlcore.families.networks import Network
from mlcore.figures import nonlinearity as figures
from pages.rooms.nonlinearity import room
from pages.rooms.nonlinearity.room import NETWORKS, Form, RoomSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, percent, t, tiny

REACH = 4.0
POINTS = 100_001  # of the grid that looks for bends by brute force


def _settings(controls: Form) -> None:
    controls.choice("kbent", "activation")
    controls.number("klayers")
    controls.number("kunits")
    room.drawing(controls)


def _show(spec: RoomSpec, controls: Form) -> None:
    shape = (spec.widths, spec.bent, spec.init, spec.spread)
    found, grid, residual = counted(*shape, spec.seed)
    picture, histogram = drawn(*shape, spec.seed, language())
    plot.show(picture, key="line", alt=t("nonlinearity.alt.bends"), height=560)
    st.markdown(_counted(spec, found))
    inside = int((np.abs(found.bends) < REACH).sum())
    values = {"inside": inside, "reach": Text(f"{REACH:g}"), "grid": grid, "points": POINTS}
    st.markdown(t("nonlinearity.line.grid", residual=tiny(residual), **values))
    if (hidden := int((~found.passed).sum())) > 0:
        st.markdown(t("nonlinearity.line.hidden", of=len(found.passed), hidden=hidden))
    if not spec.spread and spec.init != "torch_default":
        st.markdown(t("nonlinearity.line.no_bias"))
    st.markdown(f"#### {t('nonlinearity.line.seeds')}")
    plot.show(histogram, key="counts", alt=t("nonlinearity.alt.counts"), height=280)
    st.markdown(_over_seeds(spec, over_seeds(*shape, spec.seed)))
    link = {"lang": language(), "view": "sawtooth", "saw": str(spec.layers)}
    label = f":primary[**{t('nonlinearity.line.sawtooth')}**]"
    st.page_link("pages/depth.py", label=label, query_params=link)


def _counted(spec: RoomSpec, found: Pieces) -> Text:
    said = "one" if spec.layers == 1 else "deep"
    values = {"units": spec.units, "layers": spec.layers, "bound": number(bound(spec), 15)}
    return t(f"nonlinearity.line.{said}", pieces=found.count, bends=found.count - 1, **values)


def _over_seeds(spec: RoomSpec, found: INTS) -> Text:
    most = bound(spec)
    values = {
        "networks": len(found),
        "median": number(float(np.median(found))),
        "low": int(found.min()),
        "high": int(found.max()),
        "units": sum(spec.widths),
        "bound": number(most, 15),
        "share": percent(float((found == most).mean())),
    }
    return t("nonlinearity.line.spread", **values)


def bound(spec: RoomSpec) -> int:
    return most_pieces(Network((1, *spec.widths, 1), spec.bent))


def rows(
    widths: tuple[int, ...], bent: str, init: str, spread: float, seeds: Sequence[int]
) -> tuple[Network, Tensor]:
    network = Network((1, *widths, 1), bent)
    return network, draw(network, init, seeds, bias=spread)


@st.cache_resource(max_entries=64, show_spinner=False)
def counted(
    widths: tuple[int, ...], bent: str, init: str, spread: float, seed: int
) -> tuple[Pieces, int, float]:
    """The pieces, the bends that a grid finds within REACH, and by how much the pieces miss the network."""
    network, theta = rows(widths, bent, init, spread, [seed])
    found = core.pieces(network, theta[0])
    grid = core.seen_on_a_grid(network, theta[0], -REACH, REACH, POINTS)
    x = np.linspace(-REACH, REACH, 2001)
    y = network.predict(theta, torch.from_numpy(x)[:, None])[0, :, 0].numpy()
    return found, grid, float(np.abs(found(x) - y).max() / max(np.abs(y).max(), 1e-300))


@st.cache_resource(max_entries=64, show_spinner=False)
def over_seeds(widths: tuple[int, ...], bent: str, init: str, spread: float, seed: int) -> INTS:
    return core.counts(*rows(widths, bent, init, spread, range(seed, seed + NETWORKS)))


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(
    widths: tuple[int, ...], bent: str, init: str, spread: float, seed: int, language: str
) -> tuple[go.Figure, go.Figure]:
    shape = (widths, bent, init, spread, seed)
    found, _, _ = counted(*shape)
    return figures.bends(found, REACH, t), figures.piece_counts(over_seeds(*shape), sum(widths), t)


LINE = Section(_settings, _show, (core.pieces, core.seen_on_a_grid))
