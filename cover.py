"""The cover: a search, a way in, and the lecture as a table of contents with living pictures."""

import streamlit as st

from pages.ui import cover, finder, frame
from pages.ui.text import t

frame.open_page("cover")
st.markdown(t("cover.opening"))
st.markdown(t("cover.lead"))
st.fragment(finder.find)("_search", columns=3)
cover.first_visit()
st.subheader(t("cover.contents"), anchor=False)
cover.rooms()
frame.close_page()
