"""The question of a step as its author writes it: until it is complete, the last good one is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from mlcore.files.escape import line, plain
from mlcore.lessons.problems import LessonError
from mlcore.lessons.question import KINDS, LABEL, MOST_OPTIONS, OPTION, TEXT, Question
from pages.ui.text import t
from pages.ui.text.problems import refusal

NONE = "none"
NUMBERS = {"number": ("low", "high"), "curve": ("x_low", "x_high", "low", "high")}
WORDS = {"number": ("unit",), "curve": ("x_label", "y_label")}
Keep = Callable[[Question | None], bool]


def edit(now: Question | None, key: str, keep: Keep) -> None:
    """The fields of the question."""

    def changed() -> None:
        try:
            keep(written(now, key))
            st.session_state.pop(f"{key}_problem", None)
        except LessonError as error:
            st.session_state[f"{key}_problem"] = error

    kind = st.segmented_control(
        t("composer.ask"), (NONE, *KINDS), default=now.kind if now else NONE, key=f"{key}_kind",
        format_func=lambda one: str(t(f"composer.kind.{one}")), required=True, on_change=changed,
    )  # fmt: skip
    if kind and kind != NONE:
        _fields(str(kind), now or Question("number", "?"), now is not None, key, changed)
    if problem := st.session_state.get(f"{key}_problem"):
        st.info(t("composer.left", problem=refusal(problem)))
    if now and now.truth:
        st.caption(t("composer.truth", picture=plain(now.truth.picture, LABEL)))


def _fields(kind: str, now: Question, begun: bool, key: str, changed: Callable[[], None]) -> None:
    text = now.text if begun else ""
    name = t("composer.question.text")
    st.text_area(name, text, key=f"{key}_text", max_chars=TEXT, height=80, on_change=changed)
    if kind == "choice":
        name, begin = t("composer.question.options"), "\n".join(now.options)
        typed = st.text_area(name, begin, key=f"{key}_options", height=120, on_change=changed)
        names = [str(t("composer.question.nobody")), *(line(one, OPTION) for one in listed(typed))]
        right = 0 if now.right is None else now.right + 1
        st.selectbox(
            t("composer.question.right"), range(len(names)), min(right, len(names) - 1),
            key=f"{key}_right{len(names)}", format_func=names.__getitem__, on_change=changed,
        )  # fmt: skip
        return
    with st.container(horizontal=True):
        for field in NUMBERS[kind]:
            label, value = t(f"composer.question.{field}"), float(getattr(now, field))
            st.number_input(
                label, value=value, key=f"{key}_{field}", format="%g", width=130, on_change=changed
            )
        for field in WORDS[kind]:
            label = t(f"composer.question.{field}")
            st.text_input(
                label, getattr(now, field), key=f"{key}_{field}", max_chars=LABEL, width=160,
                on_change=changed,
            )  # fmt: skip


def listed(typed: str) -> Sequence[str]:
    """The options: a line each."""
    lines = typed[: 2 * MOST_OPTIONS * OPTION].splitlines()
    return tuple(one.strip() for one in lines if one.strip())


def written(now: Question | None, key: str) -> Question | None:
    """The question that the fields say. Raises `LessonError` while it is none."""
    state: Any = st.session_state
    kind = state.get(f"{key}_kind")
    if kind in (None, NONE):
        return None
    text = (state.get(f"{key}_text") or "").strip()
    if kind == "choice":
        options = tuple(listed(state.get(f"{key}_options") or ""))
        right = state.get(f"{key}_right{len(options) + 1}") or 0
        return Question("choice", text, options, right - 1 if right else None)
    found = {name: state[f"{key}_{name}"] for name in NUMBERS[kind] if f"{key}_{name}" in state}
    found |= {name: state.get(f"{key}_{name}") or "" for name in WORDS[kind]}
    if now is not None and now.kind == kind:
        return replace(now, text=text, **found)
    return Question(kind, text, **found)
