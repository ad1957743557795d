"""What a class may do: experiments of which each phone is a row, and questions. Read and written as JSON.

Everything that comes from the store or from a phone is read here, under the checks of its spec.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from mlcore.base import spec as specs
from mlcore.base.fields import Problem
from mlcore.base.refusal import Refusal
from mlcore.classes.methods import EscapeActivity, EscapeAnswer, EscapeRowsSpec
from mlcore.classes.own_sets import SetsActivity, SetsAnswer, SetsRowsSpec, world
from mlcore.classes.starts import StartActivity, StartAnswer, StartRowsSpec, box
from mlcore.classes.trainings import TrainingActivity, TrainingAnswer, TrainingRowsSpec, alone
from mlcore.lessons.problems import LessonError
from mlcore.lessons.question import Answer as Reply
from mlcore.lessons.question import Question
from mlcore.lessons.written import question_of
from mlcore.training.tasks import prepare

Activity = TrainingActivity | StartActivity | EscapeActivity | SetsActivity | Question
Answer = TrainingAnswer | StartAnswer | EscapeAnswer | SetsAnswer | Reply
LONGEST = 4_000  # characters of one answer


class ClassError(Refusal):
    """What a class does not take: `code` and `values` for the page, the sentence for everybody else."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "answer": "This answer is not among those that can be chosen here. Choose again.",
        "closed": "Answers are closed. Yours did not change; wait for the next task.",
        "moved": "The class has gone on to another task. Reload this page.",
        "activity": "This class does something that this version of the laboratory does not know.",
    }


@dataclass(frozen=True)
class Kind:
    """An experiment for a class: what the lecturer sets, what a phone chooses, what computes the rows."""

    activity: type
    answer: type
    rows: type


KINDS: dict[str, Kind] = {
    "training": Kind(TrainingActivity, TrainingAnswer, TrainingRowsSpec),
    "descent": Kind(StartActivity, StartAnswer, StartRowsSpec),
    "escape": Kind(EscapeActivity, EscapeAnswer, EscapeRowsSpec),
    "ensemble": Kind(SetsActivity, SetsAnswer, SetsRowsSpec),
}
QUESTION = "question"


def kind_of(activity: Activity) -> str:
    """The name of what a class does."""
    known = (name for name, kind in KINDS.items() if type(activity) is kind.activity)
    return next(known, QUESTION)


def rows_of(activity: Activity, answers: tuple[Any, ...]) -> Any:
    """The spec of the rows of these answers."""
    return KINDS[kind_of(activity)].rows(activity, answers)


def check(activity: Activity) -> None:
    """Raise what would be raised with the first answer, before any phone has joined."""
    match activity:
        case TrainingActivity():
            prepare(alone(activity, TrainingAnswer()))
        case SetsActivity():
            world(activity)


# ---------------------------------------------------------------- JSON


def plain(activity: Activity) -> dict[str, Any]:
    """The activity as JSON's own kinds of value."""
    name = kind_of(activity)
    spec = asdict(activity) if name == QUESTION else json.loads(specs.to_json(activity))
    return {"kind": name, "spec": spec}


def activity_of(loaded: Any) -> Activity:
    """Read what `plain` wrote. Raises `ClassError` for anything else."""
    match loaded:
        case {"kind": "question", "spec": dict(spec)}:
            try:
                return question_of(spec)
            except LessonError:
                raise ClassError("activity") from None
        case {"kind": str(name), "spec": dict(spec)} if name in KINDS:
            found, problems = _read(KINDS[name].activity, spec)
            activity: Activity = found
            if not problems:
                return activity
    raise ClassError("activity")


def plain_answer(answer: Answer) -> Any:
    return answer if isinstance(answer, int | float | tuple) else json.loads(specs.to_json(answer))


def answer_of(activity: Activity, loaded: Any) -> Answer:
    """What a phone chose, of what it may choose. Raises `ClassError`."""
    if isinstance(activity, Question):
        try:
            return activity.check(loaded)
        except LessonError:
            raise ClassError("answer") from None
    if not isinstance(loaded, dict):
        raise ClassError("answer")
    found, problems = _read(KINDS[kind_of(activity)].answer, loaded)
    answer: Answer = found
    if problems or not _offered(activity, answer):
        raise ClassError("answer")
    return answer


def _read(kind: type, loaded: dict[str, Any]) -> tuple[Any, list[Problem]]:
    try:
        text = json.dumps(loaded)
    except (TypeError, ValueError, RecursionError):
        raise ClassError("answer") from None
    return specs.from_json(kind, text)


def _offered(activity: Activity, answer: Answer) -> bool:
    """Whether the phone of this class offers it, beyond what its spec allows."""
    match activity, answer:
        case EscapeActivity(), EscapeAnswer():
            return answer.method in activity.methods
        case StartActivity(), StartAnswer() if activity.place:
            left, right, low, high = box(activity)
            return left <= answer.x <= right and low <= answer.y <= high
    return True
