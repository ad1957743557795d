"""A class as this process sees it: the store is asked once for all who look, a few times a second."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import streamlit as st

from mlcore.base.refusal import Refusal
from mlcore.classes import meeting
from mlcore.classes.kinds import Answer
from mlcore.classes.meeting import Meeting
from mlcore.store import store
from mlcore.store.classes import LENGTH
from pages.ui import draw_queue
from pages.ui.text import Text, t
from pages.ui.text.problems import REFUSALS, refusal

CLASS, KEY, ME = "class", "key", "me"  # in the link
FRESH = 0.5  # seconds that a look at the store serves all viewers
WATCH, PHONE = 1.0, 2.5  # seconds between two looks of a projector, and of a phone
TRIES, AGAIN = 8, 60.0  # codes that are none, within so many seconds, before a session has to wait


@dataclass(frozen=True)
class Look:
    """Where a class stands, who has joined, and what was answered, the first to answer first."""

    meeting: Meeting
    joined: int
    answers: tuple[tuple[str, Answer], ...]  # nickname, answer

    def own(self, nickname: str) -> int | None:
        """The place of a phone's answer."""
        return next((i for i, (name, _) in enumerate(self.answers) if name == nickname), None)


@st.cache_resource(ttl=FRESH, max_entries=256, show_spinner=False)
def _look(code: str) -> Look:
    now = meeting.find(store(), code)
    _, joined = store().classes.count(now.code, now.number)
    return Look(now, joined, tuple(meeting.answers(store(), now)))


def look(code: str) -> Look:
    """The class of a code, at most half a second old. Raises `StoreError`, `ClassError`."""
    return _look(tidy(code))


def forget(code: str) -> None:
    """After an action: look again."""
    _look.clear(tidy(code))


def tidy(code: str) -> str:
    """A code as it is written, whatever was typed."""
    return "".join(code.split()).upper()[: LENGTH + 1]


def tried() -> Text | None:
    """A sentence where this session has typed too many codes that are none."""
    now, wrong = time.monotonic(), st.session_state.setdefault("_wrong_codes", [])
    wrong[:] = [at for at in wrong if now - at < AGAIN]
    return t("classroom.too_many_codes", seconds=round(AGAIN)) if len(wrong) >= TRIES else None


def said(nickname: str) -> Text:
    """A nickname in the language of the page."""
    color, animal, *more = nickname.split(" ")
    words = t(f"classroom.color.{color}"), t(f"classroom.animal.{animal}"), *(Text(number) for number in more)
    return Text(" ".join(words))


def no_class(code: str, error: Refusal) -> None:
    """Say why there is nothing to see. Where the store is only away, the page goes on when it is back."""
    if error.code == "away":
        st.warning(refusal(error))
        watch(code, PHONE, False, lambda: _answers(code))
        return
    st.session_state.setdefault("_wrong_codes", []).append(time.monotonic())
    st.error(refusal(error))


def _answers(code: str) -> bool:
    """Whether the store says anything about a class, be it that there is none."""
    try:
        look(code)
    except REFUSALS as error:
        return error.code != "away"
    return True


def watch(code: str, every: float, seen: Any, glance: Any) -> None:
    """Begin the page again as soon as `glance()` is another than `seen`: cheap, for it draws nothing."""
    st.fragment(_watch, run_every=every)(code, seen, glance)


def _watch(code: str, seen: Any, glance: Any) -> None:
    if glance() != seen:
        draw_queue.by_itself()
        st.rerun()
