"""One step of a lesson as its author writes it: what is said, hidden and locked, and what is asked first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from mlcore.lessons.lesson import SENTENCE, Lesson, Step
from mlcore.lessons.own import Own
from mlcore.store import StoreError
from pages.rooms.lessons import question
from pages.ui import search
from pages.ui.lessons import ROOMS, Place
from pages.ui.text import catalog, language, t

Attempt = Callable[..., bool]  # changes the lesson, and says whether it could


def edit(mine: Own, lesson: Lesson, at: int, key: str, attempt: Attempt) -> None:
    """The fields of the step; each is kept as soon as it is changed."""
    now = lesson.steps[at]
    place = Place(mine.id, lesson, at + 1)
    room = t(f"contents.{now.room}.title") if now.room in ROOMS else ""
    st.markdown(f"**{t('composer.step', number=at + 1)}** · {room}")
    with st.container(horizontal=True):
        st.page_link(place.script(), label=t("composer.see"), query_params=place.link())
        st.space("stretch")
        _order(lesson, at, attempt)

    def put(name: str, value: Any) -> bool:
        return attempt(partial(_with, at=at, seen=now, name=name, value=value))

    def typed(name: str) -> None:
        value = st.session_state[f"{key}_{name}"]
        put(name, tuple(value) if isinstance(value, list) else value or "")

    st.text_area(
        t("composer.sentence"), now.sentence, key=f"{key}_sentence", max_chars=SENTENCE, height=110,
        on_change=typed, args=("sentence",),
    )  # fmt: skip
    for name in ("hidden", "locked"):
        kept = getattr(now, name)
        options = list(dict.fromkeys([*search.controls(now.room), *now.settings, *kept]))
        st.multiselect(
            t(f"composer.{name}"), options, list(kept), key=f"{key}_{name}", format_func=called,
            on_change=typed, args=(name,), placeholder=t("composer.choose"),
        )  # fmt: skip
    question.edit(now.question, f"{key}_question", partial(put, "question"))


def called(code: str) -> str:
    """A control by its name, with the code that stands in links where names are not enough."""
    name = catalog(language()).get(f"control.{code.rpartition('.')[2]}")
    return f"{name} ({code})" if name else code


def _with(lesson: Lesson, at: int, seen: Step, name: str, value: Any) -> Lesson:
    """The lesson with one field of a step changed. Raises "changed" where another window has moved it."""
    if at >= len(lesson.steps) or lesson.steps[at] != seen:
        raise StoreError("changed")
    changed = replace(seen, **{name: value})
    return replace(lesson, steps=(*lesson.steps[:at], changed, *lesson.steps[at + 1 :]))


def _order(lesson: Lesson, at: int, attempt: Attempt) -> None:
    """Buttons that move the step, or take it away; one step stays."""
    steps = lesson.steps

    def arrange(order: list[int], then: int) -> None:
        def edit(now: Lesson) -> Lesson:
            if now.steps != steps:
                raise StoreError("changed")
            return replace(now, steps=tuple(steps[i] for i in order))

        if attempt(edit, anew=True):
            st.session_state["_compose_at"] = then

    last, order = len(steps) - 1, list(range(len(steps)))
    for move, icon, word in ((-1, "arrow_upward", "earlier"), (1, "arrow_downward", "later")):
        to = at + move
        swapped = order.copy()
        if 0 <= to <= last:
            swapped[at], swapped[to] = to, at
        st.button(
            t(f"composer.{word}"), key=f"_compose_{word}", icon=f":material/{icon}:",
            disabled=not 0 <= to <= last, on_click=arrange, args=(swapped, to),
        )  # fmt: skip
    left = [i for i in order if i != at]
    st.button(
        t("composer.remove"), key="_compose_remove", icon=":material/delete:", disabled=not last,
        on_click=arrange, args=(left, max(at - 1, 0)),
    )  # fmt: skip
