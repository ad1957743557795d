"""Widgets for a number that others change, too: a slider beside a field, a field beside a picture."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import monotonic
from typing import Any

import streamlit as st

LATE = 1.0  # seconds in which a browser may not have heard of a change yet
TOLD = "_mirrored"  # in the session: what each widget showed before it was told another number, and when


def number(
    widget: Callable[..., Any],
    label: str,
    key: str,
    value: float,
    take: Callable[[float], None],
    **kwargs: Any,
) -> None:
    """Show `value`; `take` is called with what a hand makes of it, before the page runs.

    A widget is told what another one has changed. What it said itself it is not told again, or it would jump
    back under a hand that has moved on. A browser that has not heard of the change sends the old number along
    with whatever is done next: that is nobody's wish.
    """
    told: dict[str, tuple[float, float]] = st.session_state.setdefault(TOLD, {})
    shown = st.session_state.get(key, math.inf)
    if not math.isclose(shown, value, rel_tol=1e-9, abs_tol=1e-12):
        told[key] = shown, monotonic()
        st.session_state[key] = value

    def changed() -> None:
        now = st.session_state[key]
        before, when = told.get(key, (math.inf, -math.inf))
        if now != before or monotonic() - when > LATE:
            take(now)

    widget(label, key=key, value=value, on_change=changed, **kwargs)
