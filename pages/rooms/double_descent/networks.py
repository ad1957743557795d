"""Trained networks of one hidden layer over their widths, drawn as they arrive."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.complexity import widths as core
from mlcore.complexity.networks import fit
from mlcore.complexity.widths import Width, WidthSpec
from mlcore.families.networks import Backpropagation
from mlcore.figures import widths as figures
from pages.rooms.double_descent.features import task
from pages.rooms.double_descent.room import Form, RoomSpec, nearest, number, put, ridge
from pages.ui import plot, waiting
from pages.ui.sections import Section
from pages.ui.text import Text, language, t

SLOT = "widths"


def _settings(controls: Form) -> None:
    spec = controls.current().widths
    task(controls, "mtask", "mnoise", spec.task)
    controls.number("mn")
    ridge(controls, "ml2", spec.l2)
    controls.number("msteps")
    with st.expander(t("training.more")):
        controls.number("mlr")
        controls.number("msets")
        controls.number("mseed")


def _draw(spec: RoomSpec, controls: Form) -> None:
    own = spec.widths
    view = waiting.follow(own, SLOT, _running, show=partial(pictures, spec, controls))
    if view.state.final and view.parts:
        pictures(spec, controls, view.parts)
        st.markdown(told(own, view.parts))
        st.caption(t("double_descent.mlp.early"))


def _running(views: waiting.Views) -> Text:
    return t("double_descent.mlp.running", done=len(views[0].parts), percent=waiting.percent(views))


def pictures(spec: RoomSpec, controls: Form, parts: Sequence[Width]) -> None:
    """Cost over parameters, and one width over its steps: the one clicked, or that at the threshold."""
    own = spec.widths
    places = [part.size for part in parts]
    at = places.index(nearest(places, spec.width_p, own.threshold))

    def click(place: plot.Click) -> None:
        if place.figure == 0:
            put(controls, "mp", places, place.x, -1)

    shown = drawn(f"{specs.key(own)}/{len(parts)}", at, language(), own, parts)
    alt = [t(f"double_descent.alt.{name}") for name in ("widths", "wrong", "history")]
    if len(shown) == 2:
        alt.pop(1)
    plot.show(shown[0], key="widths", alt=alt[0], height=430, on_click=click)
    chosen = parts[at]
    st.caption(t("double_descent.mlp.chosen", units=chosen.units, size=f"{chosen.size:,}"))
    plot.show(shown[1:], key="widths_more", alt=alt[1:], height=320, columns=len(shown) - 1)


def told(spec: WidthSpec, parts: Sequence[Width]) -> Text:
    """Whether there is a peak, and where; nothing is claimed that is not seen."""
    median = np.array([np.median(part.test[-1]) for part in parts])
    top = int(median.argmax())
    seen = 0 < top < len(parts) - 1 and median[top] > 1.2 * max(median[0], median[-1])
    return t(
        f"double_descent.mlp.{'peak' if seen else 'no_peak'}",
        size=f"{parts[top].size:,}", ratio=Text(f"{parts[top].size / spec.threshold:.2g}"),
        peak=number(float(median[top])), last=number(float(median[-1])),
        first=number(float(median[0])), wide=parts[-1].units,
    )  # fmt: skip


@st.cache_resource(max_entries=48, show_spinner=False)
def drawn(key: str, at: int, language: str, _spec: WidthSpec, _parts: Sequence[Width]) -> list[go.Figure]:
    size = _parts[at].size
    found = [figures.widths(_spec, _parts, size, t)]
    if _parts[0].wrong is not None:
        found.append(figures.mistakes(_spec, _parts, size, t))
    return [*found, figures.history(_parts[at], t)]


MLP = Section(_settings, _draw, (core.train, fit, Backpropagation))
