"""Compose a lesson: steps through rooms, with sentences, hidden and locked controls, and questions."""

import streamlit as st

from pages.rooms.lessons import composer
from pages.ui import frame
from pages.ui.text import t

frame.open_page("lessons")
st.markdown(t("composer.claim"))
composer.show()
frame.close_page()
