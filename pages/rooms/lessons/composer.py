"""The page on which a lesson is written: its links and title, its steps, and the one being written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from mlcore.files.escape import plain
from mlcore.lessons import own
from mlcore.lessons.lesson import TITLE, Lesson
from mlcore.lessons.own import Own
from mlcore.lessons.shipped import shipped
from mlcore.lessons.written import LONGEST, from_json, to_json
from mlcore.store import store
from pages.rooms.lessons import step
from pages.ui import compose, lessons, uploads
from pages.ui.link import base
from pages.ui.text import Text, language, t
from pages.ui.text.problems import REFUSALS, refusal

FEW, HIGH = 12, 480  # steps that stand in full; pixels in which more of them scroll
PROBLEM, ROUND, AT = "_compose_problem", "_compose_round", "_compose_at"  # of the session


def show() -> None:
    """The lesson of the author's link, else of this session; else the ways to begin one."""
    if problem := st.session_state.pop(PROBLEM, None):
        st.error(problem)
    if st.session_state.pop("_compose_deleted", False):
        st.success(t("composer.deleted"))
    found = _adopted()
    if found is None:
        return
    mine, lesson = found
    if lesson is None or mine is None:
        _begin()
        return
    st.query_params.update({compose.MINE: mine.id, compose.KEY: mine.key})
    _links(mine)
    st.text_input(t("composer.title"), lesson.title, max_chars=TITLE, key=_key("title"), on_change=_rename)
    left, right = st.columns([1, 2], gap="large")
    with left, st.container(height=HIGH if len(lesson.steps) > FEW else "content", border=False):
        at = _steps(lesson)
    with right:
        step.edit(mine, lesson, at, _key(f"step{at}"), attempt)
    _keeping(lesson)


def _adopted() -> tuple[Own | None, Lesson | None] | None:
    """The lesson to write, if there is one; None, with a sentence, where the store is away."""
    given, key = st.query_params.get(compose.MINE, ""), st.query_params.get(compose.KEY, "")
    mine = Own(given, key) if given else compose.mine()
    if mine is None:
        return None, None
    try:
        lesson = own.opened(store(), mine)
    except REFUSALS as error:
        st.error(refusal(error))
        if error.code == "away":
            return None
        if mine == compose.mine():
            del st.session_state[compose.OWN]
        for code in (compose.MINE, compose.KEY):
            st.query_params.pop(code, None)
        return None, None
    st.session_state[compose.OWN] = mine
    return mine, lesson


def _key(name: str) -> str:
    """Of a widget: after a change of the order, all begin anew with what is kept."""
    return f"_compose_{st.session_state.get(ROUND, 0)}_{name}"


def attempt(edit: Callable[[Lesson], Lesson], anew: bool = False) -> bool:
    """Change the lesson; what is refused is said, and what was typed stays."""
    if (mine := compose.mine()) is None:
        return False
    try:
        own.change(store(), mine, edit)
    except REFUSALS as error:
        st.session_state[PROBLEM] = refusal(error)
        return False
    lessons.forget(mine.id)
    if anew:
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    return True


def _rename() -> None:
    typed = st.session_state[_key("title")] or ""
    attempt(lambda lesson: replace(lesson, title=typed))


# ---------------------------------------------------------------- beginning and keeping


def _begin() -> None:
    def lecture() -> None:
        _new(shipped("lecture", language()))

    st.button(t("composer.begin"), on_click=lecture, key="_compose_lecture", help=t("composer.begin_help"))
    _upload(t("composer.file"), _new)


def _new(lesson: Lesson) -> None:
    try:
        st.session_state[compose.OWN] = own.keep(store(), lesson)
    except REFUSALS as error:
        st.session_state[PROBLEM] = refusal(error)


def _upload(label: str, use: Callable[[Lesson], object]) -> None:
    key = _key("file")

    def take() -> None:
        if (file := st.session_state[key]) is None:
            return
        try:
            use(from_json(file.getvalue()[: 4 * LONGEST + 1].decode("utf-8-sig")))
        except UnicodeDecodeError:
            st.session_state[PROBLEM] = t("composer.no_file")
        except REFUSALS as error:
            st.session_state[PROBLEM] = refusal(error)

    uploads.field(label, ("json",), key, take, 2)


def _links(mine: Own) -> None:
    readers = {"lang": language(), lessons.LESSON: mine.id}
    for name, page, codes in (("readers", "", readers), ("author", "lessons", compose.link())):
        st.caption(t(f"composer.{name}"))
        st.code(f"{base()}/{page}?{urlencode(codes)}", language=None, wrap_lines=True)


def _keeping(lesson: Lesson) -> None:
    """Take it home, bring it back, or be rid of it."""
    st.divider()
    st.download_button(
        t("composer.download"), to_json(lesson), "lesson.json", "application/json", key="_compose_json",
        on_click="ignore", icon=":material/download:",
    )  # fmt: skip
    _upload(t("composer.replace"), lambda found: attempt(lambda _: found, anew=True))

    def delete() -> None:
        if mine := compose.mine():
            try:
                own.delete(store(), mine)
            except REFUSALS as error:
                st.session_state[PROBLEM] = refusal(error)
                return
            lessons.forget(mine.id)
        del st.session_state[compose.OWN]
        st.session_state["_compose_deleted"] = True
        st.query_params.from_dict({"lang": language()})

    with st.popover(t("composer.delete"), icon=":material/delete:"):
        st.markdown(t("composer.delete_sure"))
        st.button(t("composer.delete"), key="_compose_delete", type="primary", on_click=delete)


# ---------------------------------------------------------------- steps


def _steps(lesson: Lesson) -> int:
    """All steps in their order; the place of the one that is written."""
    at = min(st.session_state.get(AT, 0), len(lesson.steps) - 1)
    names = [
        Text(f"{number}\\. {plain(one.sentence, 50) or t(f'contents.{one.room}.title')}")
        if one.room in lessons.ROOMS
        else Text(f"{number}\\. {plain(one.room, 40)}")
        for number, one in enumerate(lesson.steps, 1)
    ]
    key = _key(f"at{len(names)}")
    if st.session_state.get(key) != at:
        st.session_state[key] = at
    chosen = st.radio(t("composer.steps"), range(len(names)), key=key, index=at,
                      format_func=names.__getitem__)  # fmt: skip
    st.session_state[AT] = place = int(chosen or 0)
    return place
