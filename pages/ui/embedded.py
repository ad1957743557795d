"""A room within a page of another site, such as a learning platform: `?embed=true`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

SCRIPT = Path(__file__).with_suffix(".js")


@cache
def _component() -> Any:
    return st.components.v2.component("embedded", js=SCRIPT.read_text(encoding="utf-8"))


def tell_height() -> None:
    """Where this page is embedded, tell the page around it how high it is."""
    if st.context.is_embedded:
        _component()(key="_embedded")
