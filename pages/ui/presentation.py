"""The page as a hall sees it, and the keys of lessons and presentations."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui import lessons
from pages.ui.text import t

HERE = Path(__file__).parent
HALL = HERE / "present.css"
# What each key does, by the name of its words; `lesson` or `present` where it needs that.
KEYS = (
    ("← →", "steps", "lesson"),
    ("Page Down, Page Up", "clicker", "lesson present"),
    ("Space, K", "play", ""),
    ("P", "present", ""),
    ("F, F5", "full", "present"),
    ("B, .", "black", "present"),
    ("L", "pointer", "present"),
    ("S", "side", "present"),
    ("Esc", "leave", "present"),
    ("?", "help", ""),
)


@cache
def _component() -> Any:
    script, rules = ((HERE / name).read_text(encoding="utf-8") for name in ("keys.js", "keys.css"))
    return st.components.v2.component("keys", js=script, css=rules, isolate_styles=False)


def mount() -> None:
    """The keys of this page, and the looks of a hall where the link asks for them."""
    present, lesson = lessons.presenting(), lessons.here() is not None
    if present:
        st.html(HALL)
    now = {"present": present, "lesson": lesson}
    rows = [
        (key, str(t(f"lesson.keys.{name}"))) for key, name, needs in KEYS if all(map(now.get, needs.split()))
    ]
    words = {name: str(t(f"lesson.keys.{name}")) for name in ("title", "letters", "close")}
    _component()(key="_keys", data=now | {"help": words | {"rows": rows}})


def button() -> None:
    """Into a presentation and out of it; the link says which."""

    def turn() -> None:
        if lessons.presenting():
            st.query_params.pop(lessons.PRESENT, None)
        else:
            st.query_params[lessons.PRESENT] = "1"

    with st.container(key="present", width="content"):
        st.button(
            t("lesson.present"), on_click=turn, key="_present", type="tertiary", help=t("lesson.keys.told")
        )
