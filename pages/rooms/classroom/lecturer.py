"""The lecturer's page: open a class, go through its tasks, end it. The store checks the key every time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from mlcore.classes import meeting
from mlcore.store import StoreError, store
from pages.rooms.classroom import opening, projector
from pages.rooms.classroom.door import CLASS, KEY, Look, forget, look, no_class, tidy, tried
from pages.ui.text import language, t
from pages.ui.text.problems import REFUSALS, refusal

AFTER = {"open": "closed", "closed": "revealed"}  # what comes next, as a rule


def show() -> None:
    """A class that is to be opened, or the one of the link; with the key, what leads it."""
    code, key = tidy(st.query_params.get(CLASS, "")), st.query_params.get(KEY, "")
    if not code:
        if st.session_state.pop("_ended", False):
            st.success(t("classroom.ended"))
        return opening.show()
    if told := tried():
        st.warning(told)
        return
    try:
        now = look(code)
        leads = bool(key) and store().classes.lecturer(code, key)
    except REFUSALS as error:
        no_class(code, error)
        st.page_link("pages/classroom.py", label=t("classroom.open"), query_params={"lang": language()})
        return
    if key and not leads:
        no_class(code, StoreError("not_yours"))
    if problem := st.session_state.pop("_refused", None):
        st.error(problem)
    if leads:
        with st.sidebar:
            lead(now, key)
    projector.show(now)


def lead(now: Look, key: str) -> None:
    """The buttons of the class."""
    code, number, stage = now.meeting.code, now.meeting.number, now.meeting.stage
    act = partial(_act, code, key)
    st.markdown(f"**{t('classroom.lead')}**")
    for after in ("open", "closed", "revealed"):
        st.button(
            t(f"classroom.go.{after}"), key=f"_go_{after}", disabled=after == stage, width="stretch",
            type="primary" if AFTER.get(stage) == after else "secondary",
            on_click=act, args=(meeting.step, number, after),
        )  # fmt: skip
    st.page_link(
        "pages/classroom.py", label=t("classroom.projector"), help=t("classroom.projector_help"),
        query_params={"lang": language(), CLASS: code},
    )  # fmt: skip
    with st.expander(t("classroom.next")):
        activity = opening.setup(f"_next_{number}", now.meeting.activity)
        st.button(
            t("classroom.ask"), key=f"_ask_{number}", type="primary", on_click=act,
            args=(meeting.ask, number, activity), disabled=activity is None,
        )  # fmt: skip
    with st.popover(t("classroom.end"), width="stretch"):
        st.markdown(t("classroom.end_sure"))
        st.button(t("classroom.end_now"), key="_end", type="primary", on_click=_end, args=(code, key))


def _act(code: str, key: str, do: Callable[..., Any], *given: Any) -> None:
    """Have something done in the name of this key, or say why not."""
    try:
        do(store(), code, key, *given)
    except REFUSALS as error:
        st.session_state["_refused"] = refusal(error)
    forget(code)


def _end(code: str, key: str) -> None:
    _act(code, key, meeting.end)
    if "_refused" not in st.session_state:
        st.session_state["_ended"] = True
        st.query_params.from_dict({"lang": language()})
