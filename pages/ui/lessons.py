"""Where a page stands in a lesson: which step its link names, what that step sets, and what was answered.

`lesson=lecture&step=3` in a link opens the third step of a lesson that ships with the laboratory; others are
found in the store by an id that nobody can guess. `said` is the reader's answer to the step's question, and
`present` asks for the page as a hall sees it. In a lesson, what a link does not say is as the step sets it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from mlcore.lessons import own
from mlcore.lessons.lesson import Lesson, Step
from mlcore.lessons.problems import LessonError
from mlcore.lessons.question import Answer
from mlcore.lessons.shipped import NAMES, shipped
from mlcore.lessons.written import answer_of, answer_text
from mlcore.store import store
from pages.ui.contents import CONTENTS
from pages.ui.text import language

LESSON, STEP, SAID, PRESENT = "lesson", "step", "said", "present"
CODES = frozenset({LESSON, STEP, SAID, PRESENT})
ROOMS = frozenset(room.code for _, rooms in CONTENTS for room in rooms)
PLACE = "_lesson_place"  # of the session: where this run stands
ANSWERS = "_lesson_answers"  # of the session: (lesson, step) -> answer


@dataclass(frozen=True)
class Place:
    """A step of a lesson, counted from 1."""

    id: str
    lesson: Lesson
    number: int

    @property
    def step(self) -> Step:
        return self.lesson.steps[self.number - 1]

    @property
    def last(self) -> int:
        return len(self.lesson.steps)

    def link(self, number: int | None = None) -> dict[str, str]:
        """The link of a step: nothing in it but where it is, and what this reader has answered there."""
        number = number or self.number
        codes = {"lang": language(), LESSON: self.id, STEP: str(number)}
        if presenting():
            codes[PRESENT] = "1"
        if (known := st.session_state.get(ANSWERS, {}).get((self.id, number))) is not None:
            codes[SAID] = answer_text(known)
        return codes

    def script(self, number: int | None = None) -> str:
        room = self.lesson.steps[(number or self.number) - 1].room
        return f"pages/{room}.py" if room in ROOMS else "cover.py"  # which says so


def find(name: str) -> Lesson:
    """The lesson by its name or id. Raises `LessonError` and `StoreError`."""
    return shipped(name, language()) if name in NAMES else _stored(name)


@st.cache_resource(ttl=20, max_entries=64, show_spinner=False)
def _stored(name: str) -> Lesson:
    """Read from the store once for a whole class; what its author saves is seen soon after."""
    return own.read(store(), name)


def forget(name: str) -> None:
    """Of a lesson that was changed here: the next reader sees the change at once."""
    _stored.clear(name)


def locate() -> Place | None:
    """Where the link stands; None where it names no lesson. Raises `LessonError` for nonsense."""
    name, step = st.query_params.get(LESSON), st.query_params.get(STEP, "1")
    if name is None:
        return None
    lesson = find(name)
    if not (step.isascii() and step.isdecimal() and len(step) < 4 and 1 <= int(step) <= len(lesson.steps)):
        raise LessonError("step", most=len(lesson.steps))
    return Place(name, lesson, int(step))


def here() -> Place | None:
    """Where this run stands, once the frame has found out."""
    found: Place | None = st.session_state.get(PLACE)
    return found


def settings() -> dict[str, str]:
    """What the step sets, by code; nothing outside of lessons."""
    return place.step.settings if (place := here()) else {}


def usual(code: str, begin: str) -> str:
    """What a setting of the page itself is where the link does not say it: as the step has it, or `begin`."""
    return settings().get(code, begin)


def hidden(code: str) -> bool:
    return (place := here()) is not None and code in place.step.hidden


def locked(code: str) -> bool:
    return (place := here()) is not None and code in place.step.locked


def presenting() -> bool:
    return st.query_params.get(PRESENT) == "1"


# ---------------------------------------------------------------- answers


def answer() -> Answer | None:
    """What was answered to the question of this step: as the link says, else as this session remembers."""
    place = here()
    known: Answer | None = st.session_state.get(ANSWERS, {}).get((place.id, place.number)) if place else None
    return known


def hear_answer(place: Place) -> None:
    """Take up the answer that the link carries. Raises `LessonError` where it is none."""
    said, question = st.query_params.get(SAID), place.step.question
    if said is None:
        return
    if question is None:
        del st.query_params[SAID]
        return
    keep_answer(place, answer_of(question, said))


def keep_answer(place: Place, given: Answer | None) -> None:
    """Remember an answer, or forget it; the link says it, too."""
    answers: dict[Any, Answer] = st.session_state.setdefault(ANSWERS, {})
    if given is None:
        answers.pop((place.id, place.number), None)
        st.query_params.pop(SAID, None)
    else:
        answers[place.id, place.number] = given
        st.query_params[SAID] = answer_text(given)


def covered() -> bool:
    """Whether the step asks something that was not answered yet: then nothing is shown that tells."""
    place = here()
    return place is not None and place.step.question is not None and answer() is None
