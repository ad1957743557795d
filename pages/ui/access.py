"""What a page owes to readers who listen to it or walk it by keys: see access.js."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui.text import language, t


@lru_cache(maxsize=1)
def _component() -> Callable[..., Any]:
    script = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    return st.components.v2.component("access", js=script, isolate_styles=False)


def open_page() -> None:
    """Tell the browser the language of this run, keep what Streamlit draws within reach. Shows nothing."""
    with st.container(key="access"):
        data = {"language": language(), "skip": t("frame.skip"), "formula": t("frame.formula")}
        _component()(key="_access", data=data)
