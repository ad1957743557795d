"""Least squares on independent Gaussian features, against what is known of it."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.complexity import double_descent as core
from mlcore.complexity import least_norm
from mlcore.complexity.double_descent import GaussianSpec, Measured, Spectrum, SpectrumSpec, Theory
from mlcore.figures import double_descent as figures
from pages.rooms.double_descent.room import Form, RoomSpec, choose, most, nearest, number, put, ridge
from pages.ui import compute, plot, waiting
from pages.ui.sections import Section
from pages.ui.text import Text, language, t

CLOSE = 4  # so near the threshold the variance of the risk is infinite, and a standard error says nothing


def _settings(controls: Form) -> None:
    spec = controls.current().gaussian
    controls.number("gn")
    n = controls.current().gaussian.examples
    choose(controls, "gp", core.sizes(n, most(n)), n)
    controls.number("gsig")
    ridge(controls, "glam", spec.ridge)
    controls.select("gtruth", {name: t(f"double_descent.truth.{name}") for name in core.TRUTHS})
    with st.expander(t("training.more")):
        controls.number("gsets")
        controls.number("gseed")


def _draw(spec: RoomSpec, controls: Form) -> None:
    own = spec.gaussian
    found: Measured | None = waiting.result(own, "gaussian")
    if found is None:
        compute.leave("spectrum")
        return
    theory, key = known(specs.key(own), own), specs.key(own)
    places, n = found.p.tolist(), own.examples
    p = nearest(places, spec.gaussian_p, n)
    risks, fitted = drawn(key, p, language(), found, theory)
    alt = [t(f"double_descent.alt.{name}") for name in ("risks", "fitted", "singular")]

    def click(at: plot.Click) -> None:
        put(controls, "gp", places, at.x, n)

    plot.show(risks, key="risks", alt=alt[0], height=460, on_click=click)
    _numbers(found, theory, places.index(p))
    below, spectrum = [fitted], waiting.result(SpectrumSpec(own, p), "spectrum")
    if spectrum is not None:
        below.append(singular(key, p, language(), spectrum))
    plot.show(below, key="gaussian", alt=alt[1 : 1 + len(below)], height=330, columns=2)
    st.caption(t("double_descent.gaussian.why_singular"))


def _numbers(found: Measured, theory: Theory, at: int) -> None:
    """What was measured at one number of features, beside what is expected."""
    risk, p = found.risk[at], int(found.p[at])
    error = risk.std(ddof=1) / math.sqrt(len(risk))
    shown = {
        t("double_descent.at_p"): Text(f"{p:,}"),
        t("double_descent.median"): number(float(np.median(risk))),
        t("double_descent.mean"): Text(f"{number(float(risk.mean()))} ± {number(float(error))}"),
        t("double_descent.expected"): number(float(theory.risk[p - 1])),
        t("double_descent.train_mean"): number(float(found.train[at].mean())),
    }
    for column, (name, value) in zip(st.columns(len(shown)), shown.items(), strict=True):
        column.metric(name, value)
    kind = "exact" if theory.exact else "limit"
    st.caption(
        t(f"double_descent.gaussian.{kind}", errors=Text(f"{distance(found, theory):.1f}"), close=CLOSE)
    )


def distance(found: Measured, theory: Theory) -> float:
    """The largest distance of a mean from theory, in its standard errors, away from the threshold."""
    far = np.abs(found.p - found.spec.examples) > CLOSE
    risk = found.risk[far]
    error = risk.std(axis=1, ddof=1) / math.sqrt(risk.shape[1])
    apart = np.abs(risk.mean(1) - theory.risk[found.p[far] - 1])
    return float((apart / np.maximum(error, 1e-12)).max())


@st.cache_resource(max_entries=32, show_spinner=False)
def known(key: str, _spec: GaussianSpec) -> Theory:
    return core.theory(_spec)


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(key: str, p: int, language: str, _found: Measured, _theory: Theory) -> tuple[go.Figure, go.Figure]:
    return figures.risks(_found, _theory, p, t), figures.fitted(_found, _theory, p, t)


@st.cache_resource(max_entries=64, show_spinner=False)
def singular(key: str, p: int, language: str, _seen: Spectrum) -> go.Figure:
    return figures.singular(_seen, t)


GAUSSIAN = Section(_settings, _draw, (core.draw, least_norm.fit, core.exact, core.limit))
