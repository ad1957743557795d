"""What the cover shows: a first visit, and every room with its picture."""

from __future__ import annotations

import streamlit as st

from pages.ui import lessons, tiles
from pages.ui.contents import CONTENTS, Room, link
from pages.ui.text import language, t

AGAIN = 2.0  # seconds until a cover that lacks pictures looks for them again

# A first visit: what to do in each room stands in cover.toml
FIRST = {
    "training": {"data": "spirals", "h": "16-16"},
    "gradient_descent": {"view": "two"},
    "backpropagation": {},
}


def first_visit() -> None:
    """Three rooms for who is new, and where a lecturer begins."""
    seen = st.session_state.get("_visited", set())
    with st.container(border=True, key="first_visit"):
        st.markdown(f"**{t('cover.first.title')}** {t('cover.first.lead')}")
        with st.container(key="first_rooms"):
            for number, (code, settings) in enumerate(FIRST.items(), 1):
                with st.container(key=f"first_{code}"):
                    sign = ":material/check_circle:" if code in seen else f":material/counter_{number}:"
                    name = f"**{t(f'contents.{code}.title')}**"
                    opened = {"lang": language(), **settings}
                    st.page_link(Room(code).script, label=name, icon=sign, query_params=opened)
                    st.caption(t(f"cover.first.{code}"))
        st.caption(t("cover.lecturers"))
        with st.container(horizontal=True, key="lecturers"):
            first = lessons.Place("lecture", lessons.find("lecture"), 1)
            st.page_link(first.script(), label=t("cover.lesson"), query_params=first.link())
            for code in ("classroom", "lessons"):
                label = t(f"contents.{code}.title")
                st.page_link(f"pages/{code}.py", label=label, query_params={"lang": language()})


def rooms() -> None:
    """All rooms by the lecture's parts; pictures come in as they are drawn."""
    waiting = not tiles.gallery().complete
    st.fragment(_rooms, run_every=AGAIN if waiting else None)(waiting)


def _rooms(waited: bool) -> None:
    found = tiles.gallery()
    if waited and found.complete and st.session_state.pop("_cover_waits", False):
        st.rerun()  # the last pictures are there: nothing to look for any more
    if waited:
        st.session_state["_cover_waits"] = True
    with st.container(key="tiles"):
        for part, listed in CONTENTS:
            for room in listed:
                _tile(part, room, found.pictures.get(room.code, ""))


def _tile(part: str, room: Room, picture: str) -> None:
    with st.container(border=True, key=f"tile_{room.code}"):
        tiles.component()(key=f"picture_{room.code}", data=picture)
        with st.container(key=f"words_{room.code}"):
            st.caption(t(f"contents.{part}"))
            name = f"**{t(f'contents.{room.code}.title')}**"
            st.page_link(room.script, label=name, query_params=link(room))
            st.caption(t(f"contents.{room.code}.about"))
