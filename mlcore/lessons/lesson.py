"""A lesson is a list of steps; a step is a room with its settings, a sentence, and perhaps a question."""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.lessons.problems import LessonError
from mlcore.lessons.question import Question
from mlcore.lessons.valid import code, each, language, room, text

MOST_STEPS = 60
TITLE, SENTENCE = 120, 600  # characters
MOST_CODES, CODE, VALUE = 80, 40, 2000  # settings of a step; characters of a code, and of what it is set to


@dataclass(frozen=True)
class Step:
    """One thing to see: a room, what is set in it, what is said of it, and a question to answer first.

    `codes` are pairs of a setting and its value, as they stand in the room's link; settings that are not
    among them begin as the room does. `hidden` settings are not shown, `locked` ones cannot be changed.
    Raises `LessonError`.
    """

    room: str
    codes: tuple[tuple[str, str], ...] = ()
    hidden: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    sentence: str = ""
    question: Question | None = None

    def __post_init__(self) -> None:
        room("room", self.room)
        each("codes", self.codes, MOST_CODES)
        for pair in self.codes:
            code("codes", pair[0], CODE)
            text("codes", pair[1], VALUE)
        for name, listed in (("hidden", self.hidden), ("locked", self.locked)):
            for listed_code in each(name, listed, MOST_CODES):
                code(name, listed_code, CODE)
        text("sentence", self.sentence, SENTENCE)

    @property
    def settings(self) -> dict[str, str]:
        return dict(self.codes)


@dataclass(frozen=True)
class Lesson:
    """Steps in their order, under a title; in one of the laboratory's languages, or in none in particular.

    Raises `LessonError`.
    """

    title: str
    steps: tuple[Step, ...]
    language: str = ""

    def __post_init__(self) -> None:
        text("title", self.title, TITLE, empty=False)
        language(self.language)
        if not 1 <= len(self.steps) <= MOST_STEPS:
            raise LessonError("steps", most=MOST_STEPS, count=len(self.steps))
