"""What every page shares: contents, title, language, navigation, the device line."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import streamlit as st
import torch

from mlcore.base.device import device
from pages.ui import (
    access,
    compute,
    draw_queue,
    embedded,
    finder,
    lesson_bar,
    lessons,
    pin,
    plot,
    presentation,
    server,
    visitors,
)
from pages.ui.contents import CONTENTS as CONTENTS
from pages.ui.contents import Room as Room
from pages.ui.contents import link as link
from pages.ui.text import LANGUAGES, language, settle_language, t

STYLE = Path(__file__).with_name("page.css")
ICON = str(Path(__file__).with_name("icon.svg"))


@st.cache_resource(show_spinner=False)
def _once() -> None:
    """Before anything runs in this process. The workers start now, so that they are there when needed."""
    server.begin()
    torch.set_num_threads(1)  # more threads gain nothing at these sizes and starve each other under load
    gc.collect()
    gc.freeze()  # Streamlit collects after every run; without this it walks all of torch each time


def open_page(code: str) -> None:
    """The frame around a page: call it first, and `close_page` last."""
    _once()
    draw_queue.begin()
    pin.begin(code)
    torch.get_num_threads()  # every run has a thread of its own, which takes up the setting when it is asked
    st.session_state["_language"] = settle_language()
    st.session_state.setdefault("_visited", set()).add(code)
    problems = lesson_bar.enter(code)
    name = t("frame.name")
    heading = name if code == "cover" else t(f"contents.{code}.title")
    st.set_page_config(
        page_title=name if code == "cover" else f"{heading} · {name}", page_icon=ICON, layout="wide",
        initial_sidebar_state="auto" if code != "cover" else "collapsed",
    )  # fmt: skip
    visitors.admit(compute.session())
    bar = st.container(horizontal=True, vertical_alignment="center", key="bar")
    st.html(STYLE)
    access.open_page()
    presentation.mount()
    if code != "cover":
        plot.preload()
    with bar:
        st.page_link("cover.py", label=f"**{name}**", query_params={"lang": language()})
        with st.popover(t("frame.contents")):
            st.session_state["_contents"] = st.container()
        st.space("stretch")
        presentation.button()
        _languages()
    lesson_bar.draw(problems)
    st.title(heading, anchor=False)


def close_page() -> None:
    """The footer: on what all this was computed."""
    contents()
    pin.control()
    here = device()
    embedded.tell_height()
    with st.container(key="footer"):  # the last of a page: what waits for a whole page waits for it
        st.divider()
        name = t("frame.cpu", cores=os.cpu_count()) if here.name == "cpu" else here.title
        reason = t(f"frame.device_reason.{here.reason}")
        st.caption(t("frame.device", name=name, reason=reason, promise=t("frame.promise")))
    draw_queue.end()


def lesson(code: str) -> None:
    """One claim; one thing to try, one to notice, one why. Nothing where that would tell an answer."""
    if lessons.covered() or lessons.presenting():
        return
    st.markdown(t(f"{code}.claim"))
    with st.expander(t("frame.lesson")):
        for column, part in zip(st.columns(3), ("try", "notice", "why"), strict=True):
            column.markdown(f"**{t(f'frame.{part}')}**  \n{t(f'{code}.{part}')}")


def claim(key: str, **values: object) -> None:
    """What a view shows, in a sentence; nothing where that would tell an answer."""
    if not lessons.covered():
        st.markdown(t(key, **values))


def play_labels() -> plot.PlayLabels:
    """What the player is called, in the language of this run."""
    names = ("play", "pause", "back", "forward", "step", "speed", "listing")
    return plot.PlayLabels(**{name: t(f"frame.play.{name}") for name in names})


def _languages() -> None:
    def choose() -> None:
        if (chosen := st.session_state["_language_choice"]) in LANGUAGES:
            st.query_params["lang"] = chosen

    st.session_state["_language_choice"] = language()
    st.segmented_control(
        t("frame.language"), list(LANGUAGES), default=language(), format_func=LANGUAGES.__getitem__,
        key="_language_choice", on_change=choose, label_visibility="collapsed", required=True,
    )  # fmt: skip


def contents() -> None:
    """The contents lead to the data chosen in this run: drawn once, at the end or before a long wait."""
    if (place := st.session_state.pop("_contents", None)) is None:
        return
    with place:
        _listed()


@st.fragment
def _listed() -> None:
    """A search, and all rooms as long as nothing is asked."""
    if finder.find("_contents_search"):
        return
    for part, rooms in CONTENTS:
        st.caption(t(f"contents.{part}"))
        for room in rooms:
            st.page_link(room.script, label=t(f"contents.{room.code}.title"), query_params=link(room))
    st.caption(t("contents.class"))
    for code in ("classroom", "join", "lessons"):
        label = t(f"contents.{code}.title")
        st.page_link(f"pages/{code}.py", label=label, query_params={"lang": language()})
