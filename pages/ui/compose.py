"""The lesson that somebody writes in this session, and the button in every room that adds a step to it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from mlcore.lessons import own
from mlcore.lessons.lesson import MOST_STEPS, Lesson, Step
from mlcore.lessons.own import Own
from mlcore.lessons.problems import LessonError
from mlcore.store import store
from pages.ui import lessons
from pages.ui.text import language, t
from pages.ui.text.problems import REFUSALS, refusal

MINE, KEY = "mine", "key"  # in the author's link
OWN = "_my_lesson"  # of the session
TOLD = "_composed"  # of the session: what to say once, in the next run


def mine() -> Own | None:
    found: Own | None = st.session_state.get(OWN)
    return found


def link() -> dict[str, str]:
    """The author's link to the lesson, or the way to begin one."""
    now = mine()
    return {"lang": language()} | ({MINE: now.id, KEY: now.key} if now else {})


def step_here(room: str) -> Step:
    """The room as it stands on screen. Raises `LessonError` where that is too much for a step."""
    outside = {"lang", *lessons.CODES}
    codes = {code: value for code, value in st.query_params.to_dict().items() if code not in outside}
    return Step(room, tuple((lessons.settings() | codes).items()))


def add(step: Step) -> int:
    """A step at the end of the lesson of this session, which begins with it; its number."""
    now = mine()
    if now is None:
        st.session_state[OWN] = own.keep(store(), Lesson(t("composer.untitled"), (step,), language()))
        return 1
    changed = own.change(store(), now, lambda lesson: with_step(lesson, step))
    lessons.forget(now.id)
    return len(changed.steps)


def with_step(lesson: Lesson, step: Step) -> Lesson:
    if len(lesson.steps) >= MOST_STEPS:
        raise LessonError("steps", most=MOST_STEPS, count=len(lesson.steps) + 1)
    return replace(lesson, steps=(*lesson.steps, step))


def control(room: str) -> None:
    """Add what is on screen to one's own lesson, and the way there."""

    def ask() -> None:
        if controls := st.session_state.get("_controls"):
            controls.link.touch()
        try:
            st.session_state[TOLD] = t("composer.added", number=add(step_here(room)))
        except REFUSALS as error:
            st.session_state[TOLD] = t("composer.not_added", problem=refusal(error))

    st.button(t("composer.add"), key="_compose", on_click=ask, help=t("composer.add_help"))
    if mine():
        st.page_link("pages/lessons.py", label=t("composer.open"), query_params=link())
    if told := st.session_state.pop(TOLD, None):
        st.toast(told, icon=":material/playlist_add:")
