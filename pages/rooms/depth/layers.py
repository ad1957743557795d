"""Signals and gradients in every layer before training, against the product formula."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.depth import depth_signals as core
from mlcore.depth.depth_signals import Sizes
from mlcore.families.activations import ACTIVATIONS
from mlcore.figures import depth as figures
from pages.rooms.depth import room
from pages.rooms.depth.room import Form, RoomSpec
from pages.ui import plot, waiting
from pages.ui.sections import Section
from pages.ui.text import Text, language, power, t, title

SLOT = "layers"


def _settings(controls: Form) -> None:
    room.settings(controls)
    controls.number("dlayers")
    controls.number("dwidth")
    controls.number("dnets")
    controls.number("dfirst")


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.layers
    plain, residual = t("depth.layers.plain"), t("depth.layers.residual")
    st.latex(
        rf"\begin{{gathered}} \text{{{plain}: }} h_{{l+1}} = f(h_l) \, W_{{l+1}} + b_{{l+1}} \\ "
        rf"\text{{{residual}: }} h_{{l+1}} = h_l + f(h_l) \, W_{{l+1}} + b_{{l+1}} \end{{gathered}}"
    )
    found: tuple[Sizes, ...] | None = waiting.result(own, SLOT)
    if found is None:
        return
    pictures = drawn(specs.key(own), language(), found)
    alts = [t("depth.alt.signal"), t("depth.alt.gradient")]
    plot.show(list(pictures), key="layers", alt=alts, height=420, columns=2)
    st.caption(t("depth.layers.picture", networks=own.networks))
    st.dataframe(table(found), hide_index=True)
    st.latex(
        rf"\begin{{gathered}} \text{{{plain}: }} q_{{l+1}} = v_l, \; g_l = c_l \, g_{{l+1}} \\ "
        rf"\text{{{residual}: }} q_{{l+1}} = q_l + v_l, \; g_l = (1 + c_l) \, g_{{l+1}} \\ "
        r"v_l = n \operatorname{Var}(w) \, \mathbb{E} f(\sqrt{q_l} Z)^2 + \operatorname{Var}(b) \\ "
        r"c_l = n \operatorname{Var}(w) \, \mathbb{E} f'(\sqrt{q_l} Z)^2 \end{gathered}"
    )
    st.markdown(t("depth.layers.theory"))
    f = ACTIVATIONS[own.activation]
    most = f.steepest
    values = {"name": title(f, "activation"), "steepest": Text(f"{most:.3g}"), "layers": own.layers}
    powers = {"power": Text(f"{most:.3g}^{{{own.layers}}}"), "most": power(most**own.layers, most=1e3)}
    st.markdown(t("depth.layers.chain", **values, **powers))


def table(found: tuple[Sizes, ...]) -> dict[str, list[str]]:
    """By what the first layer's gradient and the last layer's signal differ from those at the other end."""
    rows: dict[str, list[str]] = {t("depth.layers.kind"): [str(t(f"figure.kind_{s.kind}")) for s in found]}
    for name in ("signal", "gradient"):
        for how in ("measured", "theory"):
            values = [_growth(one, name, how) for one in found]
            rows[str(t(f"depth.layers.{name}_{how}"))] = values
    return rows


def _growth(one: Sizes, name: str, how: str) -> str:
    """Last over first layer for signals, first over last for gradients; the median network where measured."""
    theory = how == "theory"
    rows = np.atleast_2d(getattr(one, f"{name}_theory" if theory else name))
    first, last = (rows[:, 0], rows[:, -1]) if name == "signal" else (rows[:, -1], rows[:, 0])
    ratio = float(np.median(last / first))
    return plain_power(ratio)


def plain_power(value: float) -> str:
    """3.1e9 as 3.1·10⁹, for a cell of a table."""
    if not math.isfinite(value):
        return "–"
    if 1e-3 <= value < 1e3 or value == 0:
        return f"{value:.3g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}·10{str(int(exponent)).translate(RAISED)}"


RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@st.cache_resource(max_entries=32, show_spinner=False)
def drawn(key: str, language: str, _found: tuple[Sizes, ...]) -> tuple[go.Figure, go.Figure]:
    return figures.sizes(_found, t)


LAYERS = Section(_settings, _show, (core.layers, core.measured, core.theory))
