"""The bar of a lesson above a room: what the step says, where it stands, the ways on and back."""

from __future__ import annotations

import streamlit as st

from mlcore.base.refusal import Refusal
from mlcore.files.escape import plain
from mlcore.lessons.lesson import SENTENCE
from mlcore.lessons.problems import LessonError
from mlcore.store import StoreError
from pages.ui import lessons, over
from pages.ui.lessons import Place
from pages.ui.text import Text, t
from pages.ui.text.problems import refusal

PART = 60  # characters of a step's sentence in the contents of the lesson


def enter(code: str) -> list[Refusal]:
    """Find out where this page stands in a lesson, and go to the room of the step where that is another one.

    What the link says of a lesson and cannot be taken leaves it, and is returned.
    """
    st.session_state[lessons.PLACE] = None
    over.lay(None)
    problems: list[Refusal] = []
    try:
        place = lessons.locate()
        if place and place.step.room not in lessons.ROOMS:
            raise LessonError("room", where=place.step.room)
    except (LessonError, StoreError) as error:
        for name in (lessons.LESSON, lessons.STEP, lessons.SAID):
            st.query_params.pop(name, None)
        return [error]
    if place is None:
        return []
    if place.step.room != code:
        st.switch_page(place.script(), query_params=st.query_params.to_dict())
    st.session_state[lessons.PLACE] = place
    try:
        lessons.hear_answer(place)
    except LessonError as error:
        del st.query_params[lessons.SAID]
        problems.append(error)
    return problems


def draw(problems: list[Refusal]) -> None:
    """The bar, if there is a lesson, and a sentence for each problem."""
    for problem in problems:
        st.warning(refusal(problem))
    if (place := lessons.here()) is None:
        return
    with st.container(key="lesson", border=True):
        if place.step.sentence.strip():
            st.markdown(Text(plain(place.step.sentence, SENTENCE)))
        with st.container(horizontal=True, vertical_alignment="center", key="lesson_ways"):
            _ways(place)


def _ways(place: Place) -> None:
    _way(place, place.number - 1, "back")
    _contents(place)
    _way(place, place.number + 1, "next")
    st.space("stretch")

    def reset() -> None:
        st.query_params.from_dict(place.link())

    st.button(t("lesson.reset"), on_click=reset, key="lesson_reset", type="tertiary")


def _way(place: Place, number: int, name: str) -> None:
    if 1 <= number <= place.last:
        with st.container(key=f"lesson_{name}", width="content"):
            st.page_link(place.script(number), label=t(f"lesson.{name}"), query_params=place.link(number))


def _contents(place: Place) -> None:
    """All steps, drawn when somebody looks."""
    where = t("lesson.where", step=place.number, steps=place.last)
    menu = st.popover(where, key="lesson_contents", on_change="rerun")
    if not menu.open:
        return
    with menu:
        st.caption(Text(plain(place.lesson.title, 120)))
        for number, step in enumerate(place.lesson.steps, 1):
            name = plain(step.sentence, PART) or t(f"contents.{step.room}.title")
            label = Text(f"{number}\\. {name}")
            st.page_link(place.script(number), label=label, query_params=place.link(number),
                         disabled=number == place.number)  # fmt: skip
