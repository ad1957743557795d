"""A number for each input of the expression, typed or dragged: both show what the link says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from mlcore.backpropagation.expressions import VALUE
from pages.ui import mirrored
from pages.ui.controls import Controls
from pages.ui.text import t

REACHES = (5.0, 10.0, 20.0, 50.0, VALUE.high)  # how far a slider may go to both sides
STEPS = 200  # of a slider from end to end: about as many as it has pixels
REACHED = "_backpropagation_reached"  # expression -> reaches of its sliders; of the last expression alone


def fields(controls: Controls[Any], text: str, names: tuple[str, ...], point: tuple[float, ...]) -> None:
    """A field and a slider for every input, each in a row of its own."""
    reached = st.session_state.get(REACHED, {}).get(text, {})
    for i, (name, value) in enumerate(zip(names, point, strict=True)):
        if abs(value) > reached.get(i, -1.0):  # it never shrinks: a hand may be on it
            reached[i] = next((r for r in REACHES if abs(value) < r), VALUE.high)
        reach = reached[i]
        typed, dragged = st.columns([2, 3], vertical_alignment="bottom")
        limits: dict[str, Any] = {"min_value": VALUE.low, "max_value": VALUE.high, "step": 0.1}
        _bound(controls, typed.number_input, name, value, i, **limits)
        limits = {"min_value": -reach, "max_value": reach, "step": 2 * reach / STEPS}
        label = t("backpropagation.drag", input=name)
        _bound(controls, dragged.slider, label, value, i, label_visibility="collapsed", **limits)
    st.session_state[REACHED] = {text: reached}


def _bound(
    controls: Controls[Any], widget: Callable[..., Any], label: str, value: float, place: int, **kwargs: Any
) -> None:
    """A widget for one number of the link."""

    def take(number: float) -> None:
        point = controls.current().expression.point  # two widgets may have changed at once
        controls.put("in", (*point[:place], number, *point[place + 1 :]))

    key = f"backpropagation.at.{widget.__name__}.{place}"
    mirrored.number(widget, label, key, value, take, format="%.4g", **kwargs)
