"""The sections of a page: one is chosen, and only that one is computed, sent and drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

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
