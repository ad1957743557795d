"""What a person types: while nothing can be made of it, the page shows the last of which something could."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from pages.ui.text import Text
from pages.ui.text.problems import REFUSALS, refusal

T = TypeVar("T")
R = TypeVar("R")


def standing(slot: str, now: T, usual: T, read: Callable[[T], R], told: Callable[[T], Text]) -> tuple[T, R]:
    """`now` and what `read` makes of it. Where that is refused, after its sentence, the same of what the
    session kept last under `slot`, at first of `usual`; `told` says so."""
    try:
        found = read(now)
    except REFUSALS as error:
        last: T = st.session_state.get(slot, usual)
        st.error(refusal(error))
        st.caption(told(last))
        return last, read(last)
    st.session_state[slot] = now
    return now, found


def lines(
    slot: str,
    label: str,
    told: str,
    listed: str,
    read: Callable[[str], R],
    take: Callable[[R], None],
    height: int,
) -> None:
    """What the page has, as text to edit; `take` gets what `read` makes of it.

    What is refused stays in the field, with its sentence, and changes nothing.
    """
    key = f"{slot}.{hash(listed)}"  # where the page has something else, this is another field

    def changed() -> None:
        text = st.session_state[key]
        if text == listed:
            return  # a browser that has not heard of what is newer told once more what it had
        try:
            found = read(text)
        except REFUSALS:
            return
        take(found)

    text = st.text_area(
        label, listed, key=key, on_change=changed, height=height, label_visibility="collapsed"
    )
    st.caption(told)
    try:
        read(text)
    except REFUSALS as error:
        st.error(refusal(error))
