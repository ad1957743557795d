"""The run tray: what was pinned in the rooms, side by side, under a link of its own."""

import streamlit as st

from pages.rooms.tray import cards, compare, files, kept
from pages.ui import frame
from pages.ui.text import t

frame.open_page("tray")
st.markdown(t("tray.claim"))

if tray := kept.opened():
    st.warning(t("tray.key"), icon=":material/key:")
    st.code(kept.address(tray.id), language=None, wrap_lines=True)
    kept.pin_into(tray)
    cards.problems()
    if tray.pins:
        files.downloads(tray)
        compare.settings(tray)
        compare.curves(tray)
        cards.show(tray)
    else:
        st.info(t("tray.empty"))

frame.close_page()
