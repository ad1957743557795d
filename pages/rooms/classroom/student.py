"""The page of a phone: join by a code, get a nickname, choose, see one's own dot, then the whole class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from mlcore.base import spec as specs
from mlcore.classes import meeting, starts, trainings
from mlcore.classes.kinds import Activity, kind_of, plain_answer
from mlcore.classes.methods import EscapeActivity
from mlcore.classes.nicknames import NICKNAMES
from mlcore.classes.own_sets import SetsActivity
from mlcore.classes.starts import StartActivity
from mlcore.classes.trainings import TrainingActivity
from mlcore.lessons.question import Question
from mlcore.store import store
from mlcore.store.sealed import is_secret, secret
from pages.rooms.classroom import choose, pictures, question
from pages.rooms.classroom.door import (
    CLASS,
    ME,
    PHONE,
    WATCH,
    Look,
    forget,
    look,
    no_class,
    said,
    tidy,
    tried,
    watch,
)
from pages.rooms.classroom.ledger import ledger
from pages.ui import plot
from pages.ui.text import Text, language, t
from pages.ui.text.problems import REFUSALS, refusal

SMALL, TALL = 330, 480  # pixels of a picture


def show() -> None:
    """Whatever this phone is to see now."""
    code = tidy(st.query_params.get(CLASS, ""))
    if not code:
        return ask_code()
    if told := tried():
        st.warning(told)
        return
    try:
        now = look(code)
        nickname = joined(code, st.query_params.get(ME, ""))
    except REFUSALS as error:
        no_class(code, error)
        return None if error.code == "away" else ask_code()
    if nickname is None:
        return offer(code)
    with st.container(key="phone"):
        st.markdown(t("classroom.you_are", name=said(nickname)))
        task(now, nickname, st.query_params[ME])


def ask_code() -> None:
    """A code, typed."""
    st.markdown(t("classroom.join_claim"))

    def go() -> None:
        if typed := tidy(st.session_state["_code"]):
            st.query_params.from_dict({"lang": language(), CLASS: typed})

    with st.form("_enter", border=False):
        st.text_input(t("classroom.code"), key="_code", max_chars=12, autocomplete="off")
        st.form_submit_button(t("classroom.enter"), type="primary", width="stretch", on_click=go)


def joined(code: str, me: str) -> str | None:
    """The nickname of the phone with this secret; asked of the store once a session."""
    key = f"_nickname_{code}"
    known: tuple[str, str] | None = st.session_state.get(key)
    if not is_secret(me):  # none that we have given out
        return None
    if known is None or known[0] != me:
        known = st.session_state[key] = me, store().classes.join(code, me, NICKNAMES)
    return known[1]


def offer(code: str) -> None:
    """One button: nobody joins by looking at a link."""

    def join() -> None:
        st.query_params[ME] = secret()

    st.markdown(t("classroom.offer", code=code))
    st.button(t("classroom.join"), type="primary", width="stretch", key="_join", on_click=join)
    st.caption(t("classroom.no_names"))


# ---------------------------------------------------------------- the task


def task(now: Look, nickname: str, me: str) -> None:
    """What the class does now, and what became of one's own answer."""
    here = now.meeting
    code, number, stage = here.code, here.number, here.stage
    own = now.own(nickname)
    rows = computed(now) if own is not None else {}
    row = rows.get(now.answers[own][1]) if own is not None else None
    st.markdown(claim(here.activity))
    if stage == "open":
        send(here.activity, code, number, me, own is not None)
    else:
        st.info(t(f"classroom.stage.{stage}"))
    if problem := st.session_state.pop("_refused", None):
        st.error(problem)
    if own is not None:
        result(now, own, row, rows if stage == "revealed" else {})
    answer = None if own is None else now.answers[own][1]
    seen = number, stage, answer, len(rows) if stage == "revealed" else row is not None
    waits = own is not None and row is None and not isinstance(here.activity, Question)

    def glance() -> Any:
        try:
            later = look(code)
        except REFUSALS:
            return None
        at = later.own(nickname)  # what this page was drawn from may be older than an answer just sent
        sent = None if at is None else later.answers[at][1]
        there = computed(later) if at is not None else {}
        done = len(there) if stage == "revealed" else at is not None and sent in there
        return later.meeting.number, later.meeting.stage, sent, done

    watch(code, WATCH if waits else PHONE, seen, glance)


def claim(activity: Activity) -> Text:
    """What there is to do, or what is asked."""
    if isinstance(activity, Question):
        return question.asked(activity)
    return t(f"classroom.task.{kind_of(activity)}")


def computed(now: Look) -> Mapping[Any, Any]:
    """The rows of the class by now: of all, so that what is missing goes as one batch."""
    if isinstance(now.meeting.activity, Question):
        return {}
    return ledger(now.meeting.activity).rows([answer for _, answer in now.answers])


def send(activity: Activity, code: str, number: int, me: str, again: bool) -> None:
    """Choose, and send; until answers are closed, the last one counts."""
    answer = choose.choose(activity, me, number)
    nothing = answer is None or answer == ()  # an empty sheet

    def go() -> None:
        try:
            meeting.answer(store(), code, me, number, plain_answer(answer))
        except REFUSALS as error:
            st.session_state["_refused"] = refusal(error)
        forget(code)

    label = t("classroom.send_again" if again else "classroom.send")
    st.button(label, type="primary", width="stretch", key=f"_send_{number}", on_click=go, disabled=nothing)


def result(now: Look, own: int, row: Any, rows: Any) -> None:
    """One's own row, once it is computed; with the rows of the class once they are revealed."""
    activity, answer = now.meeting.activity, now.answers[own][1]
    if isinstance(activity, Question):
        if now.meeting.stage != "revealed":
            st.success(t("classroom.question.sent"))
        else:
            question.shown(now, own, SMALL)
        return
    if row is None:
        st.info(ledger(activity).problem() or t("classroom.computing"))
        return
    st.success(pictures.of_one(activity, row))
    if now.meeting.stage == "revealed":
        found = pictures.drawn(now, rows, own)
        st.markdown(f"**{t('classroom.whole_class')}**")
    else:
        alone = Look(now.meeting, now.joined, now.answers[own : own + 1])
        found = pictures.drawn(alone, {answer: row}, 0)
    if found:
        tall = TALL if len(found.figures) == 1 else SMALL
        plot.show(found.figures, key="_class", alt=found.alts, columns=1, height=tall)
        if now.meeting.stage == "revealed":
            st.markdown(found.told)
    to_room(activity, answer)


def to_room(activity: Activity, answer: Any) -> None:
    """One's own row in the room that it comes from, with everything that can be done there."""
    match activity:
        case TrainingActivity():
            script, codes = "training", specs.to_query(trainings.alone(activity, answer))
        case StartActivity():
            script, codes = "optimizer", specs.to_query(starts.alone(activity, answer))
        case EscapeActivity():
            script, codes = "escape", {"ground": activity.base.landscape.surface}
        case SetsActivity():
            script, codes = "bias_variance", specs.to_query(activity.base)
        case _:
            return
    st.page_link(
        f"pages/{script}.py", label=t("classroom.to_room"), query_params={"lang": language(), **codes}
    )
