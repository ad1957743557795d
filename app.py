"""The cover: the lecture as a table of contents."""

import streamlit as st

from pages.ui import frame
from pages.ui.text import t

frame.open_page("cover")
st.markdown(t("cover.opening"))
st.markdown(t("cover.lead"))
st.subheader(t("cover.contents"), anchor=False)

for part, rooms in frame.CONTENTS:
    st.markdown(f"##### {t(f'contents.{part}')}")
    for start in range(0, len(rooms), 3):
        for column, room in zip(st.columns(3), rooms[start : start + 3], strict=False):
            with column.container(border=True, height="stretch"):
                name = t(f"contents.{room.code}.title")
                st.page_link(room.script, label=f"**{name}**", query_params=frame.link(room))
                st.caption(t(f"contents.{room.code}.about"))

frame.close_page()
