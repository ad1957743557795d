"""What each activation can bend: polynomials, straight pieces, ends far out, and what width brings."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from mlcore.depth import bending as core
from mlcore.depth.approximation_targets import LINE, target
from mlcore.depth.bending import FLOATS, NAMES, SHOWN, SQUARE, WIDTHS, End, Kind, Nature
from mlcore.figures import nonlinearity as figures
from pages.rooms.nonlinearity import room
from pages.rooms.nonlinearity.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, t, tiny

FURTHER = 10 * SHOWN
DEGREES = 20
Drawn = tuple[tuple[int, ...], str, float, int]  # hidden widths, initialization, spread, seed


def _settings(controls: Form) -> None:
    controls.choice("kshow", "activation")
    controls.number("klayers")
    controls.number("kunits")
    room.drawing(controls)
    controls.select("ktarget", LINE)


def _show(spec: RoomSpec, controls: Form) -> None:
    own: Drawn = (spec.widths, spec.init, spec.spread, spec.seed)
    pictures = drawn(*own, spec.shown, language())
    alts = [t(f"nonlinearity.alt.{name}") for name in ("near", "far", "polynomials")]
    plot.show(list(pictures[:2]), key="functions", alt=alts[:2], height=320, columns=2)
    here = natures(*own)
    st.markdown(told(spec, here[spec.shown], distances(*own)[spec.shown]))
    st.dataframe(table(here), hide_index=True, height=38 + 35 * len(here))
    st.caption(t("nonlinearity.activations.measured", near=number(core.NEAR), far=number(core.FAR, 6)))
    st.markdown(f"#### {t('nonlinearity.activations.distance')}")
    plot.show(pictures[2], key="polynomials", alt=alts[2], height=460)
    st.markdown(t("nonlinearity.activations.chebyshev", reach=Text(f"{SHOWN:g}")))
    st.markdown(f"#### {t('nonlinearity.activations.width')}")
    errors = drawn_errors(spec.example, spec.seed, spec.shown, language())
    plot.show(errors, key="widths", alt=t("nonlinearity.alt.widths"), height=460)
    found = fits(spec.example, spec.seed)
    values = {"formula": LINE[spec.example], "units": WIDTHS[-1], "few": WIDTHS[2]}
    sizes = {name: number(float(found[name][-1])) for name in ("identity", SQUARE, "relu", "tanh")}
    st.markdown(t("nonlinearity.activations.errors", **values, **sizes))
    link = {"lang": language(), "view": "theorem"}
    label = f":primary[**{t('nonlinearity.activations.theorem')}**]"
    st.page_link("pages/approximation.py", label=label, query_params=link)


def told(spec: RoomSpec, own: Nature, distance: FLOATS) -> Text:
    """What kind of function the chosen one is."""
    name, layers, degree = name_of(spec.shown), spec.layers, own.degree
    squared = spec.shown == SQUARE and degree in (None, 2**layers)  # None: too little of it to be seen
    if squared or degree is not None:
        degree = 2**layers if degree is None else degree
        power, left = Text(f"2^{{{layers}}}"), tiny(float(distance[degree]))
        said = f"nonlinearity.activations.{'square' if squared else 'polynomial'}"
        return t(said, name=name, layers=layers, degree=degree, power=power, distance=left)
    if own.pieces is not None:
        return t("nonlinearity.activations.pieces", name=name, pieces=own.pieces)
    values = {"distance": number(float(distance[DEGREES])), "degree": DEGREES}
    return t("nonlinearity.activations.smooth", name=name, **values)


def table(found: dict[str, Nature]) -> dict[str, list[str]]:
    """A row for each activation."""
    rows = list(found.values())
    columns: dict[str, list[str]] = {
        "name": [name_of(one.activation) for one in rows],
        "degree": [_count(one.degree) for one in rows],
        "straight": [_count(one.pieces) for one in rows],
        "left": [_end(one.ends[0]) for one in rows],
        "right": [_end(one.ends[1]) for one in rows],
    }
    return {t(f"nonlinearity.activations.{name}"): column for name, column in columns.items()}


def _count(found: int | None) -> str:
    return "–" if found is None else str(found)


def _end(side: End) -> str:
    name = t(f"problems.end.{side.kind.name}")
    if side.kind is Kind.TURNS:
        return name
    told = {Kind.CONSTANT: "y = {}", Kind.LINE: "y′ = {}", Kind.POWER: "x^{}"}[side.kind]
    return f"{name}, {told.format(number(side.value, 4 if side.kind is Kind.POWER else 3))}"


def name_of(activation: str) -> Text:
    return t(f"variants.activation.{activation}")


def short(activation: str) -> str:
    return name_of(activation).partition(" (")[0]


@st.cache_resource(max_entries=32, show_spinner=False)
def natures(widths: tuple[int, ...], init: str, spread: float, seed: int) -> dict[str, Nature]:
    return {name: core.nature(widths, name, init, spread, seed) for name in NAMES}


@st.cache_resource(max_entries=32, show_spinner=False)
def distances(widths: tuple[int, ...], init: str, spread: float, seed: int) -> dict[str, FLOATS]:
    functions = {name: core.one(widths, name, init, spread, seed)[2] for name in NAMES}
    return {name: core.distances(f, SHOWN) for name, f in functions.items()}


@st.cache_resource(max_entries=32, show_spinner=False)
def fits(example: str, seed: int) -> dict[str, FLOATS]:
    return {name: core.fitted(target(LINE[example]), name, seed=seed) for name in NAMES}


@st.cache_resource(max_entries=32, show_spinner=False)
def drawn(
    widths: tuple[int, ...], init: str, spread: float, seed: int, shown: str, language: str
) -> Sequence[go.Figure]:
    f = core.one(widths, shown, init, spread, seed)[2]
    named = {short(name): found for name, found in distances(widths, init, spread, seed).items()}
    near, far = (figures.function(f, reach, short(shown), t) for reach in (SHOWN, FURTHER))
    return near, far, figures.polynomials(named, short(shown), DEGREES, t)


@st.cache_resource(max_entries=32, show_spinner=False)
def drawn_errors(example: str, seed: int, shown: str, language: str) -> go.Figure:
    named = {short(name): found for name, found in fits(example, seed).items()}
    return figures.widths(named, short(shown), t)


ACTIVATION = Section(_settings, _show, (core.degree_of, core.distances, core.end, core.fitted))
