"""Predict first, with a class: a question, the answers of the phones, and their distribution at the end."""

from __future__ import annotations

import streamlit as st

from mlcore.figures import tallies
from mlcore.files.escape import line, plain
from mlcore.lessons.problems import LessonError
from mlcore.lessons.question import LABEL, OPTION, TEXT, Question
from mlcore.lessons.shipped import shipped
from mlcore.lessons.tally import Tally, tally
from pages.rooms.classroom.door import Look
from pages.ui import plot
from pages.ui.text import Text, language, number, t
from pages.ui.text.problems import refusal

KINDS = ("choice", "number")


def setup(key: str) -> Question | None:
    """A question of the lecture, or one of the lecturer's own; None, with a sentence, while it is none."""
    ready = [step.question for step in shipped("lecture", language()).steps if step.question]
    names = [t("classroom.question.own"), *(line(one.text, TEXT) for one in ready)]
    which = st.selectbox(
        t("classroom.question.from"), range(len(names)), format_func=lambda i: str(names[i]),
        key=f"{key}_from", filter_mode=None,
    )  # fmt: skip
    return ready[which - 1] if which else _own(key)


def _own(key: str) -> Question | None:
    text = st.text_area(t("classroom.question.text"), key=f"{key}_text", max_chars=TEXT, height=90)
    kind = st.segmented_control(
        t("classroom.question.kind"), KINDS, default=KINDS[0], key=f"{key}_kind", required=True,
        format_func=lambda one: str(t(f"classroom.question.{one}")),
    )  # fmt: skip
    try:
        found = _choice(key, text) if kind == "choice" else _number(key, text)
    except LessonError as error:
        if text.strip():
            st.warning(refusal(error))
        return None
    return found


def _choice(key: str, text: str) -> Question:
    typed = st.text_area(t("classroom.question.options"), key=f"{key}_options", height=110)
    options = tuple(line.strip() for line in typed[: 10 * OPTION].splitlines() if line.strip())
    names = [t("classroom.question.nobody"), *(line(option, OPTION) for option in options)]
    right = st.selectbox(
        t("classroom.question.right"), range(len(names)), format_func=lambda i: str(names[i]),
        key=f"{key}_right_{len(options)}",
    )  # fmt: skip
    return Question("choice", text.strip(), options, right - 1 if right else None)


def _number(key: str, text: str) -> Question:
    with st.container(horizontal=True):
        low = st.number_input(t("classroom.question.low"), value=0.0, key=f"{key}_low", width=140)
        high = st.number_input(t("classroom.question.high"), value=100.0, key=f"{key}_high", width=140)
        unit = st.text_input(t("classroom.question.unit"), max_chars=LABEL, key=f"{key}_unit", width=140)
    return Question("number", text.strip(), low=low, high=high, unit=unit)


# ---------------------------------------------------------------- a phone


def asked(question: Question) -> Text:
    """The question itself."""
    return Text(f"**{plain(question.text, TEXT)}**")


# ---------------------------------------------------------------- the front


def shown(look: Look, own: int | None, height: int) -> None:
    """The distribution of the answers, once for all who see it."""
    question = look.meeting.activity
    assert isinstance(question, Question)
    found = tally(question, [value for _, value in look.answers])
    mine = look.answers[own][1] if own is not None else None
    picture = tallies.distribution(question, found, mine, t)
    told = sentence(question, found)
    plot.show(picture, key=f"_tally_{look.meeting.number}", alt=told, height=height)
    st.markdown(told)


def sentence(question: Question, found: Tally) -> Text:
    """What was answered, in a line."""
    if question.kind == "number":
        unit = Text(plain(question.unit) if question.unit == "%" else f" {plain(question.unit)}")
        middle = Text(f"{number(found.median, 4)}{unit}")
        return t("classroom.told.number", count=found.answers, median=middle)
    if question.kind == "choice" and found.answers:
        most = int(found.counts.argmax())
        name = Text(plain(question.options[most], OPTION))
        return t("classroom.told.choice", count=found.answers, most=int(found.counts[most]), name=name)
    return t("classroom.told.curve", count=found.answers)
