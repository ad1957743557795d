"""Random restarts against 1 - (1 - p)^k."""

from __future__ import annotations

import math

import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.escapes.restarts import Restarts, RestartSpec, chance
from mlcore.figures import escaping as figures
from pages.rooms.escape.room import Form, RoomSpec, landscapes, standing
from pages.ui import plot, waiting
from pages.ui.text import Text, language, percent, t


def settings(controls: Form) -> None:
    with st.container(border=True):
        landscapes(controls)
    with st.container(border=True):
        controls.number("tries")
        controls.number("eseed")


def show(spec: RoomSpec, controls: Form) -> None:
    asked = RestartSpec(standing(spec.escape).landscape, spec.starts, spec.escape.seed)
    found: Restarts | None = waiting.result(asked, "restarts")
    if found is None:
        return
    plot.show(
        drawn(specs.key(asked), language(), found), key="restarts", alt=t("escape.alt.restarts"), height=480
    )
    low, high = found.single.interval
    values = {"p": Text(f"{found.p:.4g}"), "low": Text(f"{low:.4g}"), "high": Text(f"{high:.4g}")}
    code = "needed" if math.isfinite(found.needed) else "never"
    k = f"{found.needed:,.0f}" if math.isfinite(found.needed) else ""
    st.markdown(t(f"escape.restarts.{code}", **values, k=Text(k), of=Text(f"{found.single.of:,}")))
    if inside := agreement(found):
        st.markdown(inside)
    st.caption(t("escape.restarts.budget"))


def agreement(found: Restarts) -> Text | None:
    """How many of the measured shares have the theory in their interval."""
    if not found.groups:
        return None
    theory = chance(found.p, found.k)
    held = sum(
        share.interval[0] <= value <= share.interval[1]
        for share, value in zip(found.groups, theory, strict=True)
    )
    largest = percent(max(abs(s.value - v) for s, v in zip(found.groups, theory, strict=True)))
    return t("escape.restarts.agree", held=held, of=len(found.groups), largest=largest)


@st.cache_resource(max_entries=32, show_spinner=False)
def drawn(key: str, language: str, _found: Restarts) -> go.Figure:
    return figures.restarts(_found, t)
