"""Straight lines from one training's end to others': the barrier, and what matching units leaves of it."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.figures import landscape as figures
from mlcore.landscapes.lines import Lines
from pages.rooms.landscape.room import Form, RoomSpec, running
from pages.ui import plot, waiting
from pages.ui.text import Text, language, number, t

SLOT = "landscape_line"


def show(spec: RoomSpec, controls: Form) -> None:
    if not waiting.possible(spec.train):
        return
    found: Lines | None = waiting.follow(spec.line, SLOT, running).result
    if found is None:
        return
    pictures = drawn(specs.key(found.spec), language(), spec.log, found)
    alt = [t("landscape.alt.line"), t("landscape.alt.barriers")]
    plot.show(pictures, key="line", alt=alt, height=440, columns=2)
    pairs = [found.barrier(values) for values in (found.plain, found.matched)]
    plain, matched = (number(float(np.median(barrier))) for barrier in pairs)
    lower = Text(f"{int((pairs[1] < pairs[0]).sum())}")
    st.markdown(t("landscape.line.found", plain=plain, matched=matched, lower=lower, pairs=found.spec.pairs))
    units = sum(spec.model.hidden)
    if units:
        moved = Text(f"{np.median(found.moved):.0f}")
        before, after = (number(float(v)) for v in np.median(found.distance, axis=0))
        st.caption(t("landscape.line.matching", moved=moved, units=units, before=before, after=after))
    else:
        st.caption(t("landscape.line.convex"))


@st.cache_resource(max_entries=32, show_spinner=False)
def drawn(key: str, language: str, log: bool, _found: Lines) -> list[go.Figure]:
    return [figures.between(_found, log, say=t), figures.barriers(_found, say=t)]
