"""The laboratory as a server: `streamlit run app.py`. Settings stand in mlcore/base/limits.py."""

import sys

import streamlit as st

from mlcore.base.limits import SettingError
from pages.ui import server, site

try:
    server.begin()
except (SettingError, RuntimeError) as error:
    sys.exit(f"The laboratory cannot start. {error}")

app = st.App("cover.py", routes=[*site.routes(), *server.routes()])
