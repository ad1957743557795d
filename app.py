"""The laboratory as a server: `streamlit run app.py`. Settings stand in mlcore/base/limits.py."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st

from mlcore.base.limits import SettingError
from pages.ui import server, site

try:
    server.begin()
except (SettingError, RuntimeError) as error:
    sys.exit(f"The laboratory cannot start. {error}")


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    yield
    server.begin().close()


app = st.App("cover.py", lifespan=lifespan, routes=site.routes())
