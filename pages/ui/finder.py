"""The field that searches, and what it finds: on the cover and among the contents of every page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import search
from pages.ui.contents import Room, link
from pages.ui.search import Entry
from pages.ui.text import language, t

SHOWN = 5  # of each group


def find(key: str, columns: int = 1) -> bool:
    """Draw the field and, below it, what was found; whether anything was asked.

    Call it in a fragment: every letter typed is answered, and the page around it stays as it is.
    """
    typed = st.text_input(
        t("search.label"), key=key, type="search", live=True,
        placeholder=t("search.placeholder"), icon=":material/search:", label_visibility="collapsed",
    )  # fmt: skip
    asked = str(typed or "").strip()
    if asked:
        with st.container(key=f"found{key}"):
            _show(asked, search.find(asked), columns)
    return bool(asked)


def _show(asked: str, found: list[Entry], columns: int) -> None:
    if not found:
        st.markdown(t("search.nothing", asked=asked))
        return
    groups = list(dict.fromkeys(entry.group for entry in found))  # that of the best first
    places = st.columns(columns) if columns > 1 else [st.container()] * len(groups)
    for place, group in zip(places, groups, strict=False):
        with place:
            st.caption(t(f"search.group.{group}"))
            own = [entry for entry in found if entry.group == group]
            for entry in own[:SHOWN]:
                _link(entry)
            if len(own) > SHOWN:
                st.caption(t("search.more", count=len(own) - SHOWN))


def _link(entry: Entry) -> None:
    """A room and its views open as they were left; a choice opens with nothing else than what is chosen."""
    room, names = Room(entry.room), [t(name) for name in entry.names]
    opened = {"lang": language()} if entry.group == "choice" else link(room)
    st.page_link(room.script, label=_label(names), query_params={**opened, **dict(entry.link)})


def _label(names: Sequence[str]) -> str:
    """What was found first, then where it is."""
    room, *more = names
    return f"**{more[0]}** · {room}" if more else f"**{room}**"
