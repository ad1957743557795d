"""One card a pin: what it said and showed, the note, its place in the order, the way back to its room."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import streamlit as st

from mlcore.files.escape import plain
from mlcore.store import StoreError, store
from mlcore.tray.export import Shown
from mlcore.tray.pictures import Figure
from mlcore.tray.pins import KIND, NOTE, SENTENCE
from pages.rooms.tray.kept import ROOMS, Tray, called, link
from pages.ui import plot
from pages.ui.text import t
from pages.ui.text.problems import refusal

PROBLEM, REMOVED = "_tray_problem", "_tray_removed"
WITH_PICTURES = 8  # pins whose first picture is shown unasked


class Kept:
    """A kept figure as the picture element takes it."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure

    def to_dict(self) -> dict[str, Any]:
        return {"data": self.figure["data"], "layout": dict(self.figure["layout"])}


def attempt(change: Callable[[], object]) -> bool:
    """Change something in the store; what it refuses is said above the cards, and nothing typed is lost."""
    st.session_state[PROBLEM] = None
    try:
        change()
    except StoreError as problem:
        st.session_state[PROBLEM] = problem
        return False
    return True


def problems() -> None:
    """What could not be done, and what can be taken back."""
    if problem := st.session_state.get(PROBLEM):
        st.error(refusal(problem))
    if removed := st.session_state.get(REMOVED):
        tray, number = removed

        def undo() -> None:
            if attempt(lambda: store().documents.restore(KIND, tray, number)):
                st.session_state[REMOVED] = None

        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(t("tray.removed", number=number))
            st.button(t("tray.undo"), on_click=undo, key="_tray_undo", icon=":material/undo:")


def show(tray: Tray) -> None:
    st.subheader(t("tray.pins", count=len(tray.pins)), anchor=False)
    for start in range(0, len(tray.pins), 2):
        for column, i in zip(st.columns(2), range(start, min(start + 2, len(tray.pins))), strict=False):
            with column.container(border=True, height="stretch", key=f"tray_card_{tray.numbers[i]}"):
                card(tray, i)


def card(tray: Tray, place: int) -> None:
    each = tray.shown[place]
    pin, number = each.pin, each.number
    st.markdown(f"**{called(each.number)} · {plain(each.title)}**")
    when = datetime.fromtimestamp(pin.at, UTC)
    st.caption(t("tray.when", when=f"{when:%Y-%m-%d %H:%M} UTC"))
    for sentence in pin.said:
        st.markdown(plain(sentence, SENTENCE))
    pictures(each, place < WITH_PICTURES)
    note(tray.id, number, pin.note)
    with st.container(horizontal=True):
        if room := ROOMS.get(pin.room):
            st.page_link(
                room.script, label=t("tray.reopen"), query_params=link(pin), icon=":material/open_in_new:"
            )
        st.space("stretch")
        last = len(tray.pins) - 1
        for step, icon, word in ((-1, "arrow_upward", "earlier"), (1, "arrow_downward", "later")):
            st.button(
                t(f"tray.{word}"), key=f"_tray_{word}_{number}", icon=f":material/{icon}:",
                disabled=not 0 <= place + step <= last, on_click=partial(move, tray, place, step),
            )  # fmt: skip
        st.button(
            t("tray.remove"), key=f"_tray_remove_{number}", icon=":material/delete:",
            on_click=partial(remove, tray, number),
        )  # fmt: skip


def pictures(each: Shown, usual: bool) -> None:
    """The first picture; all of them when asked for."""
    count, number = len(each.figures), each.number
    if count == 0:
        return
    more = count > 1 or not usual
    every = more and st.toggle(t("tray.pictures", count=count), key=f"_tray_pictures_{number}")
    listed = each.figures if every else each.figures[: int(usual)]
    if listed:
        alts = [*each.pin.alts, *[""] * count][: len(listed)]
        drawn: Any = [Kept(figure) for figure in listed]
        plot.show(drawn, key=f"tray_picture_{number}", alt=alts, height=300, columns=1)
    if each.pin.left_out:
        st.caption(t("tray.left_out", count=each.pin.left_out))


def note(tray: str, number: int, kept: str) -> None:
    key = f"_tray_note_{number}"

    def write() -> None:
        typed = (st.session_state[key] or "")[:NOTE]
        attempt(
            lambda: store().documents.change_item(KIND, tray, number, lambda body: body | {"note": typed})
        )

    st.text_area(t("tray.note"), kept, key=key, max_chars=NOTE, height=80, on_change=write)


def move(tray: Tray, place: int, step: int) -> None:
    order = list(tray.numbers)
    order[place], order[place + step] = order[place + step], order[place]
    attempt(lambda: store().documents.change(KIND, tray.id, lambda body: body | {"order": order}))


def remove(tray: Tray, number: int) -> None:
    if attempt(lambda: store().documents.remove(KIND, tray.id, number)):
        st.session_state[REMOVED] = tray.id, number
