"""What the views of this room share: the spec behind the link, the ensemble, its numbers and its badge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.complexity.generalization import BiasVarianceSpec, Ensemble, Fit, grid, nearest
from mlcore.complexity.training_sets import Drawing, shape
from pages.ui import ensembles
from pages.ui.controls import Controls
from pages.ui.text import t, tiny

VIEWS = ("members", "curve", "identity", "settle", "target", "theory")
SLOT = "bias_variance"
ROUNDING = 1e-12  # a gap above this share of the error is no rounding
POINT = Knob(30, 0, 199, integer=True)


@dataclass(frozen=True)
class RoomSpec:
    """Everything that this room can be set to."""

    view: str = specs.choice("members", VIEWS, "view")
    ensemble: BiasVarianceSpec = specs.part(BiasVarianceSpec)
    complexity: float = specs.number(Knob(ensembles.USUAL, ensembles.USUAL, 5000.0), "c")
    first: int = specs.number(POINT, "p1")  # the test points of the bull's-eye
    second: int = specs.number(Knob(75, 0, 199, integer=True), "p2")

    def __post_init__(self) -> None:
        specs.check(self)


Form = Controls[RoomSpec]


@dataclass(frozen=True, eq=False)
class Seen:
    """What there is to show: the ensemble or its first complexities, and the one that is chosen."""

    drawing: Drawing
    ensemble: Ensemble
    values: list[float]  # all complexities, those to come included
    fit: Fit

    @property
    def chosen(self) -> int:
        return nearest(self.ensemble.complexity, self.fit.complexity)


def ensemble(spec: BiasVarianceSpec, complexity: float | None) -> Seen | None:
    """The ensemble of `spec` as far as it is computed; while there is nothing, a sentence or progress."""
    found = ensembles.found(spec, SLOT)
    if found is None or complexity is None:
        return None
    fit = found.fits[nearest(found.complexity, complexity)]
    return Seen(ensembles.drawn(spec.sets), found, grid(spec.family, *shape(spec.sets)), fit)


def badge(fit: Fit) -> None:
    """How far the sum of the parts is from the error: rounding, or the gap that a shortcut leaves."""
    gap = float(np.abs(fit.parts.residual).max())
    told = t("bias_variance.residual", gap=tiny(gap))
    if gap < ROUNDING:
        st.badge(told, icon=":material/check:", color="green")
    else:
        st.badge(told, icon=":material/warning:", color="orange")


def numbers(fit: Fit) -> None:
    """The averages over all test points."""
    names = ("error", "variance", "noise", "bias_squared", "unbiased_bias_squared")
    averages = fit.parts.average()
    with st.container(horizontal=True):
        for name in names:
            st.metric(t(f"bias_variance.part.{name}"), f"{averages[name]:.4g}", width="content")
