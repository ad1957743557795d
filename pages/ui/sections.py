"""The sections of a page: one is chosen, and only that one is computed, sent and drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import streamlit as st

from pages.ui import frame
from pages.ui.controls import Controls
from pages.ui.text import t

S = TypeVar("S")

CODE = "view"  # where the choice stands in the link


def show(page: str, names: Mapping[str, str], draws: Mapping[str, Callable[[], None]]) -> None:
    """Draw the section that is chosen."""
    draws[choose(page, names)]()


def choose(page: str, names: Mapping[str, str]) -> str:
    """Let one of `names` be chosen. The first leaves the link, and nonsense in a link means the first."""
    usual, key = next(iter(names)), f"_{page}_section"

    def write() -> None:
        chosen = st.session_state[key]
        if chosen == usual:
            st.query_params.pop(CODE, None)
        else:
            st.query_params[CODE] = chosen

    asked = st.query_params.get(CODE, usual)
    st.session_state[key] = asked if asked in names else usual
    st.pills(page, list(names), format_func=names.__getitem__, key=key, on_change=write, required=True,
             label_visibility="collapsed")  # fmt: skip
    return str(st.session_state[key])


def room(code: str, kind: type[S], views: Iterable[str]) -> Controls[S]:
    """Open a room of several views: frame, lesson, and the choice of the spec's field `view`."""
    frame.open_page(code)
    frame.lesson(code)
    controls = Controls(kind, code)
    names = {view: t(f"{code}.view.{view}") for view in views}
    controls.select(CODE, names, widget=st.pills, required=True, label_visibility="collapsed")
    return controls
