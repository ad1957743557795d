"""The figures of XOR, of approximation and of depth, for the checks that all figures pass."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import plotly.graph_objects as go

from mlcore.base.experiment import run
from mlcore.components.untrained import draw
from mlcore.depth import approximation as core
from mlcore.depth import bending, regions
from mlcore.depth.approximation import construct, over_widths
from mlcore.depth.approximation_sweep import SweepSpec
from mlcore.depth.approximation_sweep import Width as Trained
from mlcore.depth.approximation_targets import steepness, target
from mlcore.depth.depth_signals import LayersSpec, Sizes
from mlcore.depth.depths import Depth, DepthSpec
from mlcore.depth.pieces import counts, pieces
from mlcore.depth.xor import Width, XorSpec, textbook
from mlcore.families.networks import Network
from mlcore.figures import approximation as approximation_figures
from mlcore.figures import depth as depth_figures
from mlcore.figures import nonlinearity as nonlinearity_figures
from mlcore.figures import words
from mlcore.figures import xor as xor_figures

WAVE = "sin(2*pi*x)"
SWEEP = SweepSpec(steps=100, networks=2)


@cache
def widths() -> tuple[Width, ...]:
    """With every way to end: a few steps leave some still learning."""
    found: tuple[Width, ...] = run(XorSpec(steps=300, networks=60))
    return found


@cache
def swept() -> tuple[Trained, ...]:
    found: tuple[Trained, ...] = run(SWEEP)
    return found


@cache
def depths() -> tuple[Depth, ...]:
    found: tuple[Depth, ...] = run(DepthSpec(examples=60, units=8, steps=40, networks=10))
    return found


@cache
def sizes() -> tuple[Sizes, ...]:
    found: tuple[Sizes, ...] = run(LayersSpec(layers=4, width=5, networks=3))
    return found


def built(say: words.Say) -> go.Figure:
    made = construct(target(WAVE), 8)
    return approximation_figures.built(made, approximation_figures.growth(made, target(WAVE)), say)


def missed(say: words.Say) -> go.Figure:
    made = construct(target(WAVE), 8)
    return approximation_figures.missed(approximation_figures.growth(made, target(WAVE)), 0.1, say)


def over(say: words.Say) -> go.Figure:
    f = target(WAVE)
    curves = {way: over_widths(f, steepness(WAVE), way, 40.0) for way in core.WAYS}
    return approximation_figures.over_widths(curves, swept(), "names", f.rounding, say)


def beyond(say: words.Say) -> go.Figure:
    made = [("names", construct(target(WAVE), 8))]
    return approximation_figures.beyond(target(WAVE), SWEEP, swept()[3], made, say)


def stacked(say: words.Say) -> go.Figure:
    x = nonlinearity_figures.line_points()
    found = bending.stack((1, 8, 8, 1), "relu", "he", 1.0, 0, x)
    return nonlinearity_figures.curves(found.linear[:, 0], found.bent[:, 0], say)


def folded(say: words.Say) -> go.Figure:
    found = bending.stack((2, 8, 8, 2), "relu", "he", 1.0, 0, nonlinearity_figures.grid_points())
    return nonlinearity_figures.grid(found.bent, say)


def bends(say: words.Say) -> go.Figure:
    network = Network((1, 8, 8, 1), "relu")
    return nonlinearity_figures.bends(pieces(network, draw(network, "he", [0], bias=1.0)[0]), 4.0, say)


def piece_counts(say: words.Say) -> go.Figure:
    network = Network((1, 8, 8, 1), "relu")
    found = counts(network, draw(network, "he", range(20), bias=1.0))
    return nonlinearity_figures.piece_counts(found, 16, say)


@cache
def divided(widths: tuple[int, ...] = (5, 5)) -> regions.Division:
    network = Network((2, *widths, 1), "relu")
    return regions.divide(network, draw(network, "he", [0], bias=1.0)[0], 3.0)


def polynomials(say: words.Say) -> go.Figure:
    found = {name: bending.distances(bending.one((8,), name, "he", 1.0, 0)[2], 3.0) for name in bending.NAMES}
    return nonlinearity_figures.polynomials(found, "square", 20, say)


def fitted(say: words.Say) -> go.Figure:
    found = {name: bending.fitted(target(WAVE), name) for name in ("identity", "relu")}
    return nonlinearity_figures.widths(found, "relu", say)


CASES: dict[str, Callable[[words.Say], go.Figure]] = {
    "plane of xor": lambda say: xor_figures.plane((1.0, 1.0), 0.0, say),
    "plane of xor without a line": lambda say: xor_figures.plane((0.0, 0.0), 0.0, say),
    "hidden space of xor": lambda say: xor_figures.hidden(textbook(), say),
    "shares of xor": lambda say: xor_figures.shares({"ReLU": widths()}, say),
    "ends of xor": lambda say: xor_figures.ends(widths(), say),
    "approximation built": built,
    "approximation missed": missed,
    "approximation over widths": over,
    "approximation beyond": beyond,
    "nonlinearity curves": stacked,
    "nonlinearity grid": folded,
    "nonlinearity bends": bends,
    "nonlinearity counts": piece_counts,
    "nonlinearity regions": lambda say: nonlinearity_figures.regions(divided(), say),
    "nonlinearity many regions": lambda say: nonlinearity_figures.regions(divided((10, 10, 10)), say),
    "nonlinearity heights": lambda say: nonlinearity_figures.heights(divided(), np.ones((3, 3)), say),
    "nonlinearity function": lambda say: nonlinearity_figures.function(np.sin, 30.0, "name", say),
    "nonlinearity polynomials": polynomials,
    "nonlinearity widths": fitted,
    "depths train": lambda say: depth_figures.costs(depths(), "train", say),
    "depths test": lambda say: depth_figures.costs(depths(), "test", say),
    "depths signal": lambda say: depth_figures.sizes(sizes(), say)[0],
    "depths gradient": lambda say: depth_figures.sizes(sizes(), say)[1],
    "depths saw": lambda say: depth_figures.saw(4, say),
    "depths units": lambda say: depth_figures.needed(4, say),
    "depths square": lambda say: depth_figures.square(2, say),
    "depths errors": lambda say: depth_figures.errors(2, say),
}
