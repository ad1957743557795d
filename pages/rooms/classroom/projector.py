"""What a class sees at the front: how to join, who has, and the picture as it grows."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from urllib.parse import urlsplit

import segno
import streamlit as st

from mlcore.classes.kinds import kind_of
from mlcore.lessons.question import Question
from pages.rooms.classroom import opening, pictures, question
from pages.rooms.classroom.door import CLASS, WATCH, Look, look
from pages.rooms.classroom.ledger import ledger
from pages.ui import draw_queue, plot
from pages.ui.link import base
from pages.ui.text import Text, t
from pages.ui.text.problems import REFUSALS

HERE = ("localhost", "127.0.0.1", "::1")  # where no phone finds it
SIDE = 450  # pixels of each picture


def show(now: Look) -> None:
    """The class at the front of a hall, kept up to date by itself."""
    way, seen = st.columns([1, 3], gap="large")
    with way:
        join(now.meeting.code)
    with seen:
        st.fragment(_live, run_every=WATCH)(now.meeting.code, (now.meeting.number, now.meeting.stage))


def join(code: str) -> None:
    """The code, the address and their QR code."""
    address = base()
    with st.container(key="class_code"):
        st.markdown(f"{code[:3]} {code[3:]}")
    st.image(qr(f"{address}/join?{CLASS}={code}"), width="stretch", alt=t("classroom.alt.qr", code=code))
    shown = urlsplit(address)
    st.markdown(t("classroom.join_at", address=Text(f"`{shown.netloc}{shown.path}/join`")))
    if urlsplit(address).hostname in HERE:
        st.warning(t("classroom.only_here"))


@lru_cache(maxsize=64)
def qr(text: str) -> bytes:
    """A PNG, black on white in either theme, with the quiet border of four modules that readers need."""
    file = BytesIO()
    segno.make(text, error="m", micro=False).save(file, kind="png", scale=16, border=4)
    return file.getvalue()


def _live(code: str, drawn: tuple[int, str]) -> None:
    """The count and the picture; the page begins again where the task or its stage is another."""
    try:
        now = look(code)
    except REFUSALS:
        now = None
    if now is None or (now.meeting.number, now.meeting.stage) != drawn:
        draw_queue.by_itself()
        st.rerun()
    here = now.meeting
    if isinstance(here.activity, Question):
        st.markdown(question.asked(here.activity))
    else:
        st.markdown(t(f"classroom.task.{kind_of(here.activity)}"))
        st.caption(opening.about(here.activity))
    with st.container(horizontal=True):
        st.metric(t("classroom.joined"), now.joined, width="content")
        st.metric(t("classroom.answered"), len(now.answers), width="content")
        st.metric(t("classroom.stage_now"), t(f"classroom.stage_name.{here.stage}"), width="content")
    if not isinstance(here.activity, Question):
        rows(now)
    elif here.stage == "revealed":
        question.shown(now, None, SIDE)
    else:
        st.info(t("classroom.question.covered"))


def rows(now: Look) -> None:
    """The picture of an experiment, as far as it is computed."""
    here = now.meeting
    kept = ledger(here.activity)
    found = pictures.drawn(now, kept.rows([answer for _, answer in now.answers]))
    if problem := kept.problem():
        st.error(problem)
    if found is None:
        st.info(t("classroom.computing" if now.answers else "classroom.nobody_yet"))
        return
    plot.show(found.figures, key=f"_front_{here.number}", alt=found.alts, height=SIDE)
    st.markdown(found.told)
