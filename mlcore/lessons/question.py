"""A question to answer before the picture is seen: a choice, a number, or a curve that is sketched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mlcore.lessons.problems import LessonError
from mlcore.lessons.valid import each, number, place, text

Answer = int | float | tuple[tuple[float, float], ...]  # which option; a number; the points of a curve

KINDS = ("choice", "number", "curve")
READ = ("curve", "x_of_lowest", "x_of_highest", "lowest", "highest", "first", "last")
TEXT, OPTION, LABEL = 400, 160, 60  # characters
FEWEST_OPTIONS, MOST_OPTIONS = 2, 6
MOST_POINTS = 120
MOST_PLACE = 200  # figures of a picture, traces of a figure


@dataclass(frozen=True)
class Truth:
    """Where the answer is seen in the room: the picture's name, which of its figures, which trace of it, and
    what is read off that trace: all of its curve, or one number of it. Raises `LessonError`."""

    picture: str
    figure: int = 0
    trace: int = 0
    read: str = "curve"

    def __post_init__(self) -> None:
        text("picture", self.picture, LABEL, empty=False)
        place("figure", self.figure, MOST_PLACE)
        place("trace", self.trace, MOST_PLACE)
        if self.read not in READ:
            raise LessonError("read", where="read", names=", ".join(READ))


@dataclass(frozen=True)
class Question:
    """What is asked, and what may be answered.

    `choice`: `options`, of which the one at `right` is right, if the author says so. `number`: from `low` to
    `high`, in a `unit`. `curve`: x from `x_low` to `x_high`, y from `low` to `high`, with names of both axes.
    Raises `LessonError`.
    """

    kind: str
    text: str
    options: tuple[str, ...] = ()
    right: int | None = None
    low: float = 0.0
    high: float = 1.0
    unit: str = ""
    x_low: float = 0.0
    x_high: float = 1.0
    x_label: str = ""
    y_label: str = ""
    truth: Truth | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise LessonError("kind", where="kind", names=", ".join(KINDS))
        text("text", self.text, TEXT, empty=False)
        for name in ("unit", "x_label", "y_label"):
            text(name, getattr(self, name), LABEL)
        for name in ("low", "high", "x_low", "x_high"):
            number(name, getattr(self, name))
        for option in each("options", self.options, 10**6):
            text("options", option, OPTION, empty=False)
        if self.kind == "choice":
            count = len(self.options)
            if not FEWEST_OPTIONS <= len(set(self.options)) == count <= MOST_OPTIONS:
                raise LessonError("options", low=FEWEST_OPTIONS, high=MOST_OPTIONS, count=count)
            if self.right is not None and (isinstance(self.right, bool) or self.right not in range(count)):
                raise LessonError("right", where="right")
        elif not self.low < self.high or not self.x_low < self.x_high:
            raise LessonError("range", where="low – high" if not self.low < self.high else "x_low – x_high")

    def check(self, answer: Any) -> Answer:
        """The answer in its one form. Raises `LessonError` where it is none to this question."""
        checked: Answer = _CHECKS[self.kind](self, answer)
        return checked


def _choice(question: Question, answer: Any) -> int:
    if isinstance(answer, bool) or not isinstance(answer, int) or answer not in range(len(question.options)):
        raise LessonError("answer_choice", count=len(question.options))
    return answer


def _number(question: Question, answer: Any) -> float:
    low, high = question.low, question.high
    try:
        value = number("answer", answer)
    except LessonError:
        raise LessonError("answer_number", low=low, high=high) from None
    if not low <= value <= high:
        raise LessonError("answer_number", low=low, high=high)
    return value


def _curve(question: Question, answer: Any) -> tuple[tuple[float, float], ...]:
    """Points by x, to five digits; where two have the same x, the later one was meant."""
    q = question
    wrong = LessonError(
        "answer_curve", most=MOST_POINTS, x_low=q.x_low, x_high=q.x_high, low=q.low, high=q.high
    )
    try:
        pairs = [(_short(x), _short(y)) for x, y in each("answer", answer, MOST_POINTS)]
    except (LessonError, TypeError, ValueError):
        raise wrong from None
    curve = dict(pairs)
    inside = all(q.x_low <= x <= q.x_high and q.low <= y <= q.high for x, y in pairs)
    if len(curve) < 2 or not inside:
        raise wrong
    return tuple(sorted(curve.items()))


def _short(value: Any) -> float:
    return float(f"{number('a point', value):.5g}")


_CHECKS: Mapping[str, Any] = MappingProxyType({"choice": _choice, "number": _number, "curve": _curve})
