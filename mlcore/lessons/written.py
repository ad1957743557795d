"""Lessons as JSON, and answers as a link carries them."""

from __future__ import annotations

import json
from dataclasses import MISSING, asdict, fields
from typing import Any

from mlcore.base.spec import written
from mlcore.lessons.lesson import MOST_STEPS, Lesson, Step
from mlcore.lessons.problems import LessonError
from mlcore.lessons.question import Answer, Question, Truth
from mlcore.lessons.valid import each

LONGEST = 400_000  # characters of a lesson in JSON
LONGEST_ANSWER = 6_000


def to_json(lesson: Lesson) -> str:
    """The whole lesson, readable: what an author downloads and the store keeps."""
    return json.dumps(plain(lesson), indent=1, ensure_ascii=False)


def from_json(text: str) -> Lesson:
    """Read what `to_json` wrote. Raises `LessonError` for anything else, with the first fault found."""
    try:
        loaded = json.loads(text) if len(text) <= LONGEST else None
    except (ValueError, RecursionError):
        loaded = None
    return lesson_of(loaded)


def plain(lesson: Lesson) -> dict[str, Any]:
    """The lesson as JSON's own kinds of value; settings as an object, what is not there left out."""
    steps = []
    for step in lesson.steps:
        one = {name: value for name, value in asdict(step).items() if value or name == "room"}
        steps.append(one | ({"codes": step.settings} if step.codes else {}))
    return {"title": lesson.title, "language": lesson.language, "steps": steps}


def lesson_of(loaded: Any) -> Lesson:
    """The lesson that these values of JSON say. Raises `LessonError`."""
    if not isinstance(loaded, dict) or "steps" not in loaded:
        raise LessonError("file", most=LONGEST)
    values = _fields("lesson", Lesson, loaded)
    steps = each("steps", values["steps"], 10**6)
    values["steps"] = tuple(_step(f"steps[{i}]", one) for i, one in enumerate(steps, 1))
    return Lesson(**values)


def _step(where: str, loaded: Any) -> Step:
    values = _fields(where, Step, loaded)
    codes = values.get("codes", {})
    values["codes"] = tuple(codes.items()) if isinstance(codes, dict) else _pairs(f"{where}.codes", codes)
    for name in ("hidden", "locked"):
        values[name] = tuple(each(f"{where}.{name}", values.get(name, ()), 10**6))
    if values.get("question") is not None:
        values["question"] = question_of(values["question"], f"{where}.question")
    return Step(**values)


def question_of(loaded: Any, where: str = "question") -> Question:
    """The question that these values of JSON say. Raises `LessonError`."""
    values = _fields(where, Question, loaded)
    values["options"] = tuple(each(f"{where}.options", values.get("options", ()), 10**6))
    if values.get("truth") is not None:
        values["truth"] = Truth(**_fields(f"{where}.truth", Truth, values["truth"]))
    return Question(**values)


def _fields(where: str, kind: Any, loaded: Any) -> dict[str, Any]:
    """The fields of a dataclass that stand there: all that it needs, and none that it does not know."""
    if not isinstance(loaded, dict):
        raise LessonError("file", most=LONGEST)
    names = {f.name: f for f in fields(kind)}
    for name in loaded:
        if name not in names:
            raise LessonError("field", where=f"{where}.{str(name)[:60]}")
    for name, f in names.items():
        if f.default is MISSING and name not in loaded:
            raise LessonError("missing", where=f"{where}.{name}")
    return dict(loaded)


def _pairs(where: str, loaded: Any) -> tuple[tuple[Any, Any], ...]:
    pairs = each(where, loaded, 10**6)
    if not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
        raise LessonError("list", where=where, most=MOST_STEPS)
    return tuple((key, value) for key, value in pairs)


# ---------------------------------------------------------------- answers in a link


def answer_text(answer: Answer) -> str:
    """2; 0.5; or the points of a curve, 0_1.5~0.5_1.25."""
    if isinstance(answer, tuple):
        return "~".join(f"{x:.5g}_{y:.5g}" for x, y in answer)
    return written(answer)


def answer_of(question: Question, text: str) -> Answer:
    """Read what `answer_text` wrote. Raises `LessonError` where it is no answer to this question."""
    try:
        if len(text) > LONGEST_ANSWER:
            return question.check(None)
        if question.kind == "curve":
            pairs: Any = [tuple(float(v) for v in pair.split("_")) for pair in text.split("~")]
            return question.check(pairs)
        return question.check(int(text) if question.kind == "choice" else float(text))
    except ValueError as error:
        if isinstance(error, LessonError):
            raise
        return question.check(None)
