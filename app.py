"""The laboratory as a server: Streamlit's pages, and beside them what this house serves itself."""

import streamlit as st

from pages.ui import site

app = st.App("cover.py", routes=site.routes())
