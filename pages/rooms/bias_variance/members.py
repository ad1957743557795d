"""Many models of one complexity, what they say, and what their error is made of at every x."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.figures import bias_variance as figures
from mlcore.figures import fitting
from pages.rooms.bias_variance.room import Form, RoomSpec, Seen, badge, numbers
from pages.ui import ensembles, plot
from pages.ui.text import language, t


def show(spec: RoomSpec, controls: Form, seen: Seen) -> None:
    numbers(seen.fit)
    badge(seen.fit)
    key = f"{specs.key(spec.ensemble)}/{seen.fit.complexity}"
    pictures, names = _pictures(key, language(), seen)
    alts = [t(f"bias_variance.alt.{name}") for name in names]
    plot.show(pictures[:2], key="members", alt=alts[:2], columns=min(2, len(pictures)), height=400)
    if len(pictures) > 2:
        plot.show(pictures[2:], key="examples", alt=alts[2:], columns=1, height=300)
    st.caption(ensembles.kind(spec.ensemble.sets))


@st.cache_resource(max_entries=32, show_spinner=False)
def _pictures(key: str, language: str, _seen: Seen) -> tuple[list[go.Figure], list[str]]:
    fit, drawing = _seen.fit, _seen.drawing
    parts = figures.per_point(fit, drawing, say=t)
    if fit.plane is not None:
        maps = [fitting.boundaries(fit, drawing, say=t), figures.disagreement(fit.plane, say=t)]
        return [*maps, parts], ["boundaries", "disagreement", "examples"]
    if drawing.at.shape[1] == 1 and not drawing.sets.classes:
        return [fitting.curves(fit, drawing, say=t), parts], ["members", "per_point"]
    return [parts], ["examples"]
